"""Issues with stored events, put into a database directly: as many, as old and as alike as wanted."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, event, select

from headwater.storage.database import Database
from headwater.storage.projects import Choices, Projects
from headwater.storage.schema import events, issues

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
WEIGHT = 100


class Stored:
    """What a test puts in, and what it finds."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._number = 0

    def project(self, choices: Choices = Choices()) -> int:  # noqa: B008 # frozen
        """A new one."""
        return Projects(self.database).create("Shop", None, NOW, choices).id

    def issue(self, count: int = 0, project_id: int = 1, **more: Any) -> int:
        """A new issue with so many events; `more` as `add` has it."""
        with self.database.write() as connection:
            row: dict[str, Any] = {
                "title": "Error: no",
                "culprit": "f",
                "level": "error",
                "platform": "javascript",
            }
            row |= {"project_id": project_id, "event_count": 0}
            row |= {"first_seen": NOW, "last_seen": NOW}
            new = issues.insert().values(row).returning(issues.c.id)
            issue_id: int = connection.execute(new).scalar_one()
        self.add(issue_id, count, project_id, **more)
        return issue_id

    def add(
        self,
        issue_id: int,
        count: int = 1,
        project_id: int = 1,
        *,
        at: datetime = NOW,
        weight: int = WEIGHT,
        **columns: Any,
    ) -> Sequence[int]:
        """Events of an issue, the next ids in order."""
        if not count:
            return ()
        rows = [self._row(issue_id, project_id, at, weight) | columns for _ in range(count)]
        with self.database.write() as connection:
            connection.execute(events.insert(), rows)
            connection.execute(_seen(issue_id, rows))
            return self._ids(connection, issue_id)[-count:]

    def ids(self, issue_id: int | None = None) -> Sequence[int]:
        """The stored events of an issue, or of all."""
        with self.database.read() as connection:
            return self._ids(connection, issue_id)

    def row(self, issue_id: int) -> Any:
        """An issue's row, which must be there."""
        with self.database.read() as connection:
            return connection.execute(select(issues).where(issues.c.id == issue_id)).one()

    def issues(self) -> Sequence[int]:
        """All that there are."""
        with self.database.read() as connection:
            return connection.execute(select(issues.c.id).order_by(issues.c.id)).scalars().all()

    def event_ids(self, issue_id: int) -> set[str]:
        """As clients call them."""
        with self.database.read() as connection:
            wanted = select(events.c.event_id).where(events.c.issue_id == issue_id)
            return set(connection.execute(wanted).scalars())

    def _ids(self, connection: Connection, issue_id: int | None) -> Sequence[int]:
        wanted = select(events.c.id).order_by(events.c.id)
        if issue_id is not None:
            wanted = wanted.where(events.c.issue_id == issue_id)
        return connection.execute(wanted).scalars().all()

    def _row(self, issue_id: int, project_id: int, at: datetime, weight: int) -> dict[str, Any]:
        self._number += 1
        return {
            "project_id": project_id,
            "event_id": f"{self._number:032x}",
            "issue_id": issue_id,
            "timestamp": at,
            "received_at": at,
            "title": "Error: no",
            "level": "error",
            "platform": "javascript",
            "release": "1",
            "environment": "production",
            "provisional_hash": "a" * 32,
            "final_hash": "b" * 32,
            "payload": os.urandom(weight),
            "resolution": b"",
        }


def days(number: float) -> timedelta:
    """So many."""
    return timedelta(days=number)


@contextmanager
def asked(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that is executed, with its parameters."""
    statements: list[tuple[str, Any]] = []

    def note(*told: Any) -> None:
        _connection, _cursor, statement, values, _context, is_many = told
        statements.append((statement, values[0] if is_many else values))

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)


def _seen(issue_id: int, rows: Sequence[dict[str, Any]]) -> Any:
    first, last = rows[0], rows[-1]
    new = issues.c.event_count == 0
    return (
        issues.update()
        .where(issues.c.id == issue_id)
        .values(
            event_count=issues.c.event_count + len(rows),
            first_seen=case((new, first["timestamp"]), else_=issues.c.first_seen),
            last_seen=last["timestamp"],
            latest_event_id=last["event_id"],
        )
    )
