"""Issues that arrive with all that was counted of them: known ones by a hash, others as they were."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, func, select

from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.exchange.archive import ArchiveRefused
from headwater.storage.exchange.records import IssueRecord
from headwater.storage.issues.activity import MAX_SAID, Kind
from headwater.storage.issues.rows import locked_ends
from headwater.storage.issues.search import Status
from headwater.storage.issues.sighting import is_gone
from headwater.storage.issues.tag_values import note_values
from headwater.storage.many_rows import insert_all_new
from headwater.storage.schema import (
    issue_activity,
    issue_hashes,
    issue_hours,
    issue_tags,
    issues,
    removed_events,
    users,
)

_KEPT: Final = (Status.UNRESOLVED, Status.RESOLVED, Status.IGNORED)
_COLUMNS: Final = tuple(
    name for name in IssueRecord.__struct_fields__ if name in issues.c and name != "number"
)


class ArrivingIssues:
    """Of one project."""

    def __init__(self, database: Database, project_id: int) -> None:
        self._database = database
        self._project_id = project_id
        self._ids: dict[int, int] = {}
        self.made = 0
        with database.read() as connection:
            rows = connection.execute(select(users.c.email, users.c.id))
            self._users: Mapping[str, int] = {row.email: row.id for row in rows}

    def id_of(self, number: int) -> int | None:
        """Of the issue that the archive calls so."""
        return self._ids.get(number)

    def add(self, record: IssueRecord) -> None:
        """All of it or nothing; nothing, if an issue has one of its hashes. Raises ArchiveRefused."""
        if record.status not in _KEPT:
            raise ArchiveRefused(
                f"its issue {record.number} has an unknown state {record.status!r}"
            )
        with self._database.write() as connection:
            known = self._known(connection, record)
            if known is None:
                known = self._make(connection, record)
                self.made += 1
        self._ids[record.number] = known

    def hold(self, connection: Connection, ids: Collection[int]) -> Mapping[int, int] | None:
        """Lock issues until the transaction ends: where the events of each belong now, which is another
        one if it was merged. Deleted ones are not in it. None: begin anew, with nothing locked."""
        ends = locked_ends(connection, ids)
        if ends is None:
            return None
        return {number: row.id for number, row in ends.items() if not is_gone(row)}

    def count(self, connection: Connection, came: Mapping[int, Sequence[datetime]]) -> None:
        """By the issue, when the events happened that are stored now: of those that were counted with
        an issue and are not stored, so many fewer; what is beyond them it had not counted."""
        for issue_id, moments in sorted(came.items()):
            of_it = removed_events.c.issue_id == issue_id
            removed = connection.execute(
                select(removed_events.c.count).where(of_it).with_for_update()
            ).scalar()
            counted = min(removed or 0, len(moments))
            if counted:
                connection.execute(
                    removed_events.update()
                    .where(of_it)
                    .values(count=removed_events.c.count - counted)
                )
            columns = issues.c
            first, last = min(moments), max(moments)
            connection.execute(
                issues.update()
                .where(columns.id == issue_id)
                .values(event_count=columns.event_count + len(moments) - counted)
            )
            for column, moment, beyond in (
                (columns.first_seen, first, columns.first_seen > first),
                (columns.last_seen, last, columns.last_seen < last),
            ):
                connection.execute(
                    issues.update()
                    .where(columns.id == issue_id, beyond)
                    .values({column.name: moment})
                )

    def _known(self, connection: Connection, record: IssueRecord) -> int | None:
        for some in batches(sorted({each.hash for each in record.hashes})):
            wanted = select(func.min(issue_hashes.c.issue_id)).where(
                issue_hashes.c.project_id == self._project_id, issue_hashes.c.hash.in_(some)
            )
            found: int | None = connection.execute(wanted).scalar()
            if found is not None:
                return found
        return None

    def _make(self, connection: Connection, record: IssueRecord) -> int:
        row: dict[str, Any] = {name: getattr(record, name) for name in _COLUMNS}
        row |= {
            "project_id": self._project_id,
            "assignee_id": self._users.get(record.assignee or ""),
        }
        new = issues.insert().values(row).returning(issues.c.id)
        issue_id: int = connection.execute(new).scalar_one()
        own: dict[str, Any] = {"issue_id": issue_id}
        hashes = [
            own | msgspec.structs.asdict(each) | {"project_id": self._project_id}
            for each in record.hashes
        ]
        insert_all_new(connection, issue_hashes, hashes)
        for table, children in ((issue_hours, record.hours), (issue_tags, record.tags)):
            insert_all_new(
                connection, table, [own | msgspec.structs.asdict(each) for each in children]
            )
        note_values(connection, [(each.key, each.value) for each in record.tags])
        activity = [
            own
            | {
                "at": each.at,
                "user_id": self._users.get(each.by or ""),
                "kind": each.kind,
                "said": each.said[:MAX_SAID],
            }
            for each in record.activity
            if each.kind in set(Kind)
        ]
        if activity:
            connection.execute(issue_activity.insert(), activity)
        # None of its events is stored yet.
        connection.execute(removed_events.insert().values(own | {"count": record.event_count}))
        return issue_id
