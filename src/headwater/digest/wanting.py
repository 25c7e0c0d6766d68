"""What a batch of events wants, remembered with them, so that an upload finds whom it is for."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection

from headwater.protocol.event import Event
from headwater.storage.database import Database
from headwater.storage.events.healings import Healings
from headwater.storage.uploads.artifact_changes import change_number
from headwater.storage.uploads.wants import (
    TIME,
    Want,
    Wanted,
    Wants,
    want_of_debug_id,
    want_of_release,
)
from headwater.symbolicate.resolution import Resolution
from headwater.symbolicate.wants import wants_of


class Wanting:
    """Takes part in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._wants = Wants(database)
        self._healings = Healings(database)

    def add(self, connection: Connection, wanted: Mapping[Wanted, int], now: datetime) -> None:
        """Remember wants, each with how many changes to what is uploaded there had been when it arose:
        what was uploaded since is theirs at once."""
        if not wanted:
            return
        self._wants.add(connection, wanted.keys(), now)
        number = change_number(connection)
        late = {each[:2] for each, seen in wanted.items() if seen != number}
        self._healings.ask_resolutions(connection, late, now)


def wants(project_id: int, event: Event, resolution: Resolution, digest: bytes) -> Iterator[Wanted]:
    """What an event wants whose resolution is stored by this digest."""
    for key in keys_of(event, resolution):
        yield project_id, digest, key


def keys_of(event: Event, resolution: Resolution) -> Iterator[Want]:
    """What an event wants."""
    found = wants_of(event, resolution)
    yield from map(want_of_debug_id, found.debug_ids)
    if found.release and event.release is not None:
        yield want_of_release(event.release, event.dist)
    if found.time:
        yield TIME
