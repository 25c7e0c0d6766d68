"""How many events each issue had in each hour."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from headwater.storage.many_rows import execute_rows
from headwater.storage.schema import issue_hours


def hour_of(moment: datetime) -> datetime:
    """When its hour began."""
    return moment.replace(minute=0, second=0, microsecond=0)


class IssueHours:
    """Takes part in the caller's transaction."""

    def add(self, connection: Connection, counts: Mapping[tuple[int, datetime], int]) -> None:
        """(Issue, hour) → so many events more."""
        rows = [(*key, count) for key, count in sorted(counts.items())]
        execute_rows(connection, _UPSERT, rows)


def first_hour(connection: Connection, issue_id: int) -> datetime | None:
    """The first that anything is counted in."""
    wanted = select(issue_hours.c.hour).where(issue_hours.c.issue_id == issue_id)
    return connection.execute(wanted.order_by(issue_hours.c.hour).limit(1)).scalar()


_UPSERT: Final = """
INSERT INTO issue_hours (issue_id, hour, count) VALUES (%s, %s, %s)
ON CONFLICT (issue_id, hour) DO UPDATE SET count = issue_hours.count + excluded.count
"""
