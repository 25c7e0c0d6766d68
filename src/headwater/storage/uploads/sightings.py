"""Which releases events came from, how their frames came out, and which debug ids they named."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from msgspec import Struct
from sqlalchemy import Connection, func, select, tuple_

from headwater.protocol.debug_id import DebugId
from headwater.storage.batches import batches
from headwater.storage.many_rows import execute_rows
from headwater.storage.schema import seen_debug_ids, seen_releases

MAX_SEEN_RELEASES: Final = 1_000
"""Releases of a project that sightings are kept of: three a day for a year. Those that were not seen
for longest go, since any event may name a release that never was."""

MAX_SEEN_IDS: Final = 200
"""Debug ids that are kept of one release: enough to tell whether it is the one that was uploaded.
Only the first ones are kept."""

MAX_SEEN_FILE: Final = 500
"""Characters of a file's address that are kept with its debug id."""

MAX_REMEMBERED: Final = 1_000
"""Releases whose debug ids are remembered as written, the latest used: some 100 bytes for each id."""

REFRESH: Final = timedelta(hours=1)
"""How far behind the last sighting of a debug id may be: it need not be written with every batch."""

SeenRelease: TypeAlias = tuple[int, str]
"""A project, and a release's version."""


@dataclass(slots=True)
class ReleaseSighting:
    """What a batch of events adds to a release."""

    first_seen: datetime
    last_seen: datetime
    events: int = 0
    resolved: int = 0
    """Frames of the project's own minified files that are shown as they were written."""
    failed: int = 0
    """Those that should be and are not."""
    files: dict[DebugId, str] = field(default_factory=dict)
    """Addresses of minified files, by debug id."""

    def saw(self, moment: datetime, counts: tuple[int, int]) -> None:
        """One more event, with so many frames resolved and failed."""
        self.first_seen = min(self.first_seen, moment)
        self.last_seen = max(self.last_seen, moment)
        self.events += 1
        self.resolved += counts[0]
        self.failed += counts[1]


class Recounted(Struct, frozen=True):
    """An event that came out otherwise: so many frames more are resolved, and so many more failed."""

    received_at: datetime
    resolved: int
    failed: int


class Sightings:
    """Takes part in the caller's transaction. What was written is remembered, so that events that are
    alike cost one row for each batch and release."""

    def __init__(self) -> None:
        self._written: OrderedDict[SeenRelease, dict[str, datetime]] = OrderedDict()
        self._sizes: dict[int, int] = {}

    def add(self, connection: Connection, seen: Mapping[SeenRelease, ReleaseSighting]) -> None:
        """Count what a batch of events had."""
        if not seen:
            return
        new = self._new(connection, seen)
        _write_releases(connection, seen)
        if new:
            self._make_room(connection, new)
        self._add_ids(connection, seen)
        while len(self._written) > MAX_REMEMBERED:
            self._written.popitem(last=False)

    def forget(self) -> None:
        """A transaction was undone: what was remembered with it is not so."""
        self._written.clear()
        self._sizes.clear()

    def _new(
        self, connection: Connection, seen: Mapping[SeenRelease, ReleaseSighting]
    ) -> Sequence[SeenRelease]:
        """Those without a row; of all others it is known afterwards which debug ids have one."""
        unknown = [each for each in seen if each not in self._written]
        found: set[SeenRelease] = set()
        for some in batches(unknown):
            releases = select(seen_releases.c.project_id, seen_releases.c.version).where(
                tuple_(seen_releases.c.project_id, seen_releases.c.version).in_(some)
            )
            found.update((row[0], row[1]) for row in connection.execute(releases))
        self._written.update({each: {} for each in unknown})
        for some in batches(sorted(found)):
            ids = select(seen_debug_ids).where(
                tuple_(seen_debug_ids.c.project_id, seen_debug_ids.c.version).in_(some)
            )
            for row in connection.execute(ids):
                self._written[row.project_id, row.version][row.debug_id] = row.last_seen
        for each in seen:
            self._written.move_to_end(each)
        return [each for each in unknown if each not in found]

    def _make_room(self, connection: Connection, new: Sequence[SeenRelease]) -> None:
        for project_id in sorted({each[0] for each in new}):
            of_project = seen_releases.c.project_id == project_id
            if project_id in self._sizes:
                self._sizes[project_id] += sum(each[0] == project_id for each in new)
            else:
                counted = select(func.count()).where(of_project)
                self._sizes[project_id] = connection.execute(counted).scalar_one()
            too_many = self._sizes[project_id] - MAX_SEEN_RELEASES
            if too_many > 0:
                oldest = (
                    select(seen_releases.c.version)
                    .where(of_project)
                    .order_by(seen_releases.c.last_seen, seen_releases.c.version)
                    .limit(too_many)
                )
                gone = connection.execute(oldest).scalars().all()
                for some in batches(gone):
                    connection.execute(
                        seen_releases.delete().where(of_project, seen_releases.c.version.in_(some))
                    )
                for version in gone:
                    self._written.pop((project_id, version), None)
                self._sizes[project_id] = MAX_SEEN_RELEASES

    def _add_ids(self, connection: Connection, seen: Mapping[SeenRelease, ReleaseSighting]) -> None:
        rows = []
        for release, sighting in sorted(seen.items(), key=_by_release):
            written = self._written.get(release)
            if written is None:  # it had to go at once
                continue
            for debug_id, code_file in sorted(sighting.files.items()):
                before = written.get(debug_id)
                if before is None and len(written) >= MAX_SEEN_IDS:
                    continue
                if before is not None and sighting.last_seen - before < REFRESH:
                    continue
                written[debug_id] = sighting.last_seen
                moments = (sighting.first_seen, sighting.last_seen)
                rows.append((*release, debug_id, code_file[:MAX_SEEN_FILE], *moments))
        execute_rows(connection, _UPSERT_ID, rows)


def recount(connection: Connection, changed: Mapping[SeenRelease, Sequence[Recounted]]) -> None:
    """Events were resolved again. Those that came before their release was counted are no part of it."""
    for (project_id, version), some in sorted(changed.items()):
        this = seen_releases.c.project_id == project_id, seen_releases.c.version == version
        first = connection.execute(select(seen_releases.c.first_seen).where(*this)).scalar()
        counted = [each for each in some if first is not None and each.received_at >= first]
        if counted:
            more = {
                "resolved": seen_releases.c.resolved + sum(each.resolved for each in counted),
                "failed": seen_releases.c.failed + sum(each.failed for each in counted),
            }
            connection.execute(seen_releases.update().where(*this).values(more))


def _by_release(item: tuple[SeenRelease, ReleaseSighting]) -> SeenRelease:
    # In one order always, so that two writers on PostgreSQL don't wait for one another in a ring.
    return item[0]


def _write_releases(connection: Connection, seen: Mapping[SeenRelease, ReleaseSighting]) -> None:
    rows = [
        (*release, each.first_seen, each.last_seen, each.events, each.resolved, each.failed)
        for release, each in sorted(seen.items(), key=_by_release)
    ]
    execute_rows(connection, _UPSERT_RELEASE, rows)


_UPSERT_RELEASE: Final = """
INSERT INTO seen_releases (project_id, version, first_seen, last_seen, events, resolved, failed)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (project_id, version) DO UPDATE SET
  first_seen = least(seen_releases.first_seen, excluded.first_seen),
  last_seen = greatest(seen_releases.last_seen, excluded.last_seen),
  events = seen_releases.events + excluded.events,
  resolved = seen_releases.resolved + excluded.resolved,
  failed = seen_releases.failed + excluded.failed
"""
_UPSERT_ID: Final = """
INSERT INTO seen_debug_ids (project_id, version, debug_id, code_file, first_seen, last_seen)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (project_id, version, debug_id) DO UPDATE SET
  last_seen = greatest(seen_debug_ids.last_seen, excluded.last_seen)
"""
