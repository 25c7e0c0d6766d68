"""How many events each issue had in each hour."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from headwater.storage.schema import issue_hours


def hour_of(moment: datetime) -> datetime:
    """When its hour began."""
    return moment.replace(minute=0, second=0, microsecond=0)


class IssueHours:
    """Takes part in the caller's transaction."""

    def add(self, connection: Connection, counts: Mapping[tuple[int, datetime], int]) -> None:
        """(Issue, hour) → so many events more."""
        if not counts:
            return
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        insert = dialect.insert(issue_hours)
        statement = insert.on_conflict_do_update(
            index_elements=["issue_id", "hour"],
            set_={"count": issue_hours.c.count + insert.excluded.count},
        )
        connection.execute(
            statement,
            [
                {"issue_id": issue_id, "hour": hour, "count": count}
                for (issue_id, hour), count in sorted(counts.items())
            ],
        )


def first_hour(connection: Connection, issue_id: int) -> datetime | None:
    """The first that anything is counted in."""
    wanted = select(issue_hours.c.hour).where(issue_hours.c.issue_id == issue_id)
    return connection.execute(wanted.order_by(issue_hours.c.hour).limit(1)).scalar()
