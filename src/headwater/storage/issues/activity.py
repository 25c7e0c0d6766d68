"""What people said and did about an issue, and what became of it by itself."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, select

from headwater.storage.database import Database
from headwater.storage.schema import issue_activity, issues, users

MAX_READ: Final = 1_001
"""Entries of an issue that are read, the latest: what a page shows at most, and whether there are more."""

MAX_SAID: Final = 10_000
"""Characters of a comment."""


class Kind(StrEnum):
    """What was done."""

    COMMENT = "comment"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    MUTED = "muted"
    ASSIGNED = "assigned"
    MERGED = "merged"
    UNMERGED = "unmerged"
    """It, or another from it, was taken out of what had been merged."""
    CAME_BACK = "came_back"
    """An event came after it was resolved."""
    UNMUTED = "unmuted"
    """What it was muted until has come."""


class Entry(Struct, frozen=True):
    """One thing that was said or done. `by`: an e-mail address; None: nobody, or somebody who is no
    longer here. `said`: a comment's text, or what belongs to the kind."""

    id: int
    at: datetime
    by: str | None
    kind: Kind
    said: str


class Activity:
    """Reads and `note` open their own connection; `add` is part of the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_issue(self, issue_id: int, limit: int = MAX_READ) -> Sequence[Entry]:
        """The latest `limit`, MAX_READ at most, oldest first; also of what was merged into it."""
        columns = issue_activity.c
        merged = select(issues.c.id).where(issues.c.merged_into == issue_id)
        wanted = (
            select(columns.id, columns.at, users.c.email, columns.kind, columns.said)
            .select_from(issue_activity.outerjoin(users, users.c.id == columns.user_id))
            .where((columns.issue_id == issue_id) | columns.issue_id.in_(merged))
            .order_by(columns.id.desc())
            .limit(min(limit, MAX_READ))
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted).all()
        return [Entry(id_, at, by, Kind(kind), said) for id_, at, by, kind, said in reversed(rows)]

    def note(
        self,
        issue_ids: Collection[int],
        kind: Kind,
        now: datetime,
        user_id: int | None,
        said: str = "",
    ) -> None:
        """Write down what somebody did."""
        with self._database.write() as connection:
            self.add(connection, issue_ids, kind, now, user_id, said)

    def add(
        self,
        connection: Connection,
        issue_ids: Collection[int],
        kind: Kind,
        now: datetime,
        user_id: int | None = None,
        said: str = "",
    ) -> None:
        """Of several issues the same."""
        if issue_ids:
            rest = {"kind": kind.value, "at": now, "user_id": user_id, "said": said[:MAX_SAID]}
            rows = [{"issue_id": each, **rest} for each in sorted(issue_ids)]
            connection.execute(issue_activity.insert(), rows)

    def take_back(self, entry_id: int, user_id: int) -> None:
        """Delete one's own comment."""
        own = issue_activity.c.id == entry_id, issue_activity.c.user_id == user_id
        is_comment = issue_activity.c.kind == Kind.COMMENT.value
        with self._database.write() as connection:
            connection.execute(issue_activity.delete().where(*own, is_comment))
