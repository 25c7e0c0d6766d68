"""How many events came to each project in each hour, by level and release, and how their frames came out.

Written by the digest with the events, in the same transaction. Hours are those of receiving, since
clients' clocks may be wrong. What came stays counted: also of issues that were merged or deleted, and
of events that retention took away.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from sqlalchemy import Connection, select, tuple_

from headwater.storage.batches import batches
from headwater.storage.many_rows import execute_rows
from headwater.storage.schema import project_hours

MAX_HOUR_RELEASES: Final = 20
"""Releases of a project that are counted apart within an hour, the first ones to come; all others
together, as OTHER. Three weeks of daily releases run at once; a client that makes one up for each
event makes no more rows than that. Each process that digests keeps to it for itself."""

OTHER: Final = " "
"""What is counted of releases beyond MAX_HOUR_RELEASES. No release is called so: blanks around their
names are cut off."""

NO_RELEASE: Final = ""
"""What is counted of events that name none."""


class HourKey(NamedTuple):
    """What is counted together. `hour`: since 1970."""

    project_id: int
    hour: int
    level: str
    release: str


@dataclass(slots=True)
class Came:
    """So many events, with so many frames of the project's own minified files that are shown as they
    were written (`resolved`) or should be and are not (`failed`)."""

    events: int = 0
    resolved: int = 0
    failed: int = 0

    def add(self, events: int, resolved: int, failed: int) -> None:
        """More of them; fewer, of what came out otherwise."""
        self.events += events
        self.resolved += resolved
        self.failed += failed


_Place: TypeAlias = tuple[int, int]
"""A project and an hour."""


def add_hours(connection: Connection, counts: Mapping[HourKey, Came]) -> None:
    """Count what a batch of events had, in the caller's transaction."""
    known = _releases(connection, {key[:2] for key in counts if key.release})
    kept: defaultdict[HourKey, Came] = defaultdict(Came)
    # In one order always, so that two writers on PostgreSQL don't wait for one another in a ring.
    for key, came in sorted(counts.items()):
        there = known[key[:2]]
        if key.release and key.release not in there:
            if len(there) < MAX_HOUR_RELEASES:
                there.add(key.release)
            else:
                key = key._replace(release=OTHER)  # noqa: PLW2901
        kept[key].add(came.events, came.resolved, came.failed)
    rows = [(*key, each.events, each.resolved, each.failed) for key, each in sorted(kept.items())]
    execute_rows(connection, _UPSERT, rows)


def recount_hours(connection: Connection, changed: Mapping[HourKey, Came]) -> None:
    """Events were resolved again: so many of their frames more, or fewer, are resolved and failed.

    What came before hours were counted is no part of it.
    """
    known = _releases(connection, {key[:2] for key in changed if key.release})
    moved: defaultdict[HourKey, Came] = defaultdict(Came)
    for key, came in changed.items():
        is_own = not key.release or key.release in known[key[:2]]
        moved[key if is_own else key._replace(release=OTHER)].add(0, came.resolved, came.failed)
    rows = [(each.resolved, each.failed, *key) for key, each in sorted(moved.items())]
    execute_rows(connection, _RECOUNT, rows)


def _releases(connection: Connection, places: Collection[_Place]) -> defaultdict[_Place, set[str]]:
    """Which are counted apart in these hours."""
    found: defaultdict[_Place, set[str]] = defaultdict(set)
    columns = project_hours.c
    for some in batches(sorted(places)):
        wanted = (
            select(columns.project_id, columns.hour, columns.release)
            .where(
                tuple_(columns.project_id, columns.hour).in_(some),
                columns.release.not_in((NO_RELEASE, OTHER)),
            )
            .distinct()
        )
        for project_id, hour, release in connection.execute(wanted):
            found[project_id, hour].add(release)
    return found


_UPSERT: Final = """
INSERT INTO project_hours (project_id, hour, level, release, events, resolved, failed)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (project_id, hour, level, release) DO UPDATE SET
  events = project_hours.events + excluded.events,
  resolved = project_hours.resolved + excluded.resolved,
  failed = project_hours.failed + excluded.failed
"""
# Not below nothing: of the hour in which counting began, some events were not counted.
_RECOUNT: Final = """
UPDATE project_hours SET
  resolved = greatest(resolved + %s, 0),
  failed = greatest(failed + %s, 0)
WHERE project_id = %s AND hour = %s AND level = %s AND release = %s
"""
