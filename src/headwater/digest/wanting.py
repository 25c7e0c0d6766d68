"""What a batch of events wants, remembered with them, so that an upload finds whom it is for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from headwater.protocol.event import Event
from headwater.sourcemaps.compiled.cache import Cache
from headwater.storage.artifact_changes import change_number
from headwater.storage.database import Database
from headwater.storage.healings import Healings
from headwater.storage.wants import (
    TIME,
    Want,
    Wanted,
    Wants,
    want_of_debug_id,
    want_of_release,
)
from headwater.symbolicate.resolution import Resolution
from headwater.symbolicate.wants import may_want, wants_of

KNOWN_BYTES: Final = 1024**2
"""Memory for which of the latest resolutions want anything: some ten thousand."""

_KNOWN_BYTES_EACH: Final = 100


@dataclass(frozen=True, slots=True)
class Resolved:
    """An event whose resolution is stored. `digest`: of that. `seen`: how many changes to what is
    uploaded had been made when it was resolved."""

    project_id: int
    event: Event
    resolution: Resolution
    digest: bytes
    seen: int


class Wanting:
    """Takes part in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._wants = Wants(database)
        self._healings = Healings(database)
        self._known = Cache(KNOWN_BYTES)

    def may_want(self, resolution: Resolution) -> bool:
        """Quickly for what comes again as the same object: most events want nothing."""
        known, answer = self._known.get(id(resolution)) or (None, False)
        if known is None:
            answer = may_want(resolution)
            # With the resolution itself, so that no other can have its identity.
            self._known.put(id(resolution), (resolution, answer), _KNOWN_BYTES_EACH)
        return answer

    def add(self, connection: Connection, stored: Sequence[Resolved], now: datetime) -> None:
        """Remember what these want. What was uploaded while they were resolved is theirs at once."""
        wanted = {each: one for one in stored for each in wants(one)}
        if not wanted:
            return
        self._wants.add(connection, wanted.keys(), now)
        number = change_number(connection)
        late = {each[:2] for each, one in wanted.items() if one.seen != number}
        self._healings.ask_resolutions(connection, late, now)


def wants(one: Resolved) -> Iterator[Wanted]:
    """With the project and the resolution that share them."""
    for key in _keys(one.event, one.resolution):
        yield one.project_id, one.digest, key


def _keys(event: Event, resolution: Resolution) -> Iterable[Want]:
    found = wants_of(event, resolution)
    yield from map(want_of_debug_id, found.debug_ids)
    if found.release and event.release is not None:
        yield want_of_release(event.release, event.dist)
    if found.time:
        yield TIME
