"""How the frames of a batch of events came out: counted for releases, for hours, and for bundles in use."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from headwater.digest.sighted import Seen, hours_seen, releases_seen
from headwater.storage.events.project_hours import add_hours
from headwater.storage.uploads.bundle_uses import BundleUses
from headwater.storage.uploads.needed import note_needed
from headwater.storage.uploads.sightings import Sightings


class FrameCounting:
    """Takes part in the caller's transaction."""

    def __init__(self) -> None:
        self._sightings = Sightings()
        self._uses = BundleUses()

    def add(self, connection: Connection, seen: Sequence[Seen], now: datetime) -> None:
        """Count what a batch of events had."""
        self._sightings.add(connection, releases_seen(seen))
        add_hours(connection, hours_seen(seen))
        used = frozenset[int]().union(*(each.bundles for _, _, each in seen))
        self._uses.add(connection, used, now)
        note_needed(connection, {each.digest: each.bundles for _, _, each in seen})

    def forget(self) -> None:
        """A transaction was undone: what was remembered with it is not so."""
        self._sightings.forget()
        self._uses.forget()
