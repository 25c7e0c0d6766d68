"""Issues that nothing is left of: when they go, and everything that hangs on them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, exists, select, tuple_

from headwater.storage.database import Database
from headwater.storage.issues.search import Status
from headwater.storage.issues.tombstones import is_leaving
from headwater.storage.schema import (
    events,
    issue_hashes,
    issue_hours,
    issue_places,
    issue_tags,
    issues,
)

MAX_FORGOTTEN: Final = 50
"""Issues that go in one transaction."""

MAX_CHILDREN: Final = 500
"""Rows of such issues that one transaction removes; when none are left, the issues themselves."""

_CHILDREN: Final = (issue_hours, issue_tags, issue_hashes, issue_places)

_NO_EVENTS: Final[ColumnElement[bool]] = ~exists().where(events.c.issue_id == issues.c.id)


class Forgotten:
    """Finds them, and lets them go."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, project_id: int, before: datetime, decided_before: datetime) -> Sequence[int]:
        """MAX_FORGOTTEN issues without stored events, last seen before; those that somebody resolved
        or ignored, before `decided_before`."""
        undecided = issues.c.status == Status.UNRESOLVED.value
        decided = issues.c.status.in_([Status.RESOLVED.value, Status.IGNORED.value])
        found: list[int] = []
        with self._database.read() as connection:
            for status, seen_before in ((undecided, before), (decided, decided_before)):
                wanted = select(issues.c.id).where(
                    issues.c.project_id == project_id,
                    issues.c.merged_into.is_(None),
                    status,
                    issues.c.last_seen < seen_before,
                    _NO_EVENTS,
                    ~is_leaving(),
                )
                found += connection.execute(wanted.limit(MAX_FORGOTTEN)).scalars()
        return found[:MAX_FORGOTTEN]

    def forget(self, issue_ids: Sequence[int]) -> bool:
        """One step on the way; True: they are gone, but for those that have an event again."""
        with self._database.write() as connection:
            empty = _still_empty(connection, issue_ids)
            merged = select(issues.c.id).where(issues.c.merged_into.in_(empty))
            for table in _CHILDREN:
                key = tuple_(*table.primary_key)
                of_them = table.c.issue_id.in_(empty) | table.c.issue_id.in_(merged)
                some = select(*table.primary_key).where(of_them)
                rows = [tuple(row) for row in connection.execute(some.limit(MAX_CHILDREN))]
                if rows:
                    connection.execute(table.delete().where(key.in_(rows)))
                if len(rows) == MAX_CHILDREN:
                    return False
            # What was merged into them leads nowhere any more.
            connection.execute(issues.delete().where(issues.c.merged_into.in_(empty), _NO_EVENTS))
            connection.execute(issues.delete().where(issues.c.id.in_(empty)))
        return True


def _still_empty(connection: Connection, issue_ids: Sequence[int]) -> Sequence[int]:
    # Locked first, and looked at then: on PostgreSQL an event that comes meanwhile is seen here, or
    # its writer waits for us and finds that the issue is gone.
    locked = select(issues.c.id).where(issues.c.id.in_(issue_ids)).order_by(issues.c.id)
    connection.execute(locked.with_for_update())
    empty = select(issues.c.id).where(issues.c.id.in_(issue_ids), _NO_EVENTS)
    return connection.execute(empty).scalars().all()
