"""What is to be told of issues, and when: an outbox, filled in the transaction that is told of.

A new issue whose frames are minified only because nobody has uploaded the maps yet waits a while: most
uploads come seconds after the first event. When they come, it is told at once, with what it is called
then; or not at all, if it was an old acquaintance.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, select

from headwater.storage.batches import among
from headwater.storage.database import Database
from headwater.storage.hidden_projects import is_users
from headwater.storage.many_rows import upsert_all
from headwater.storage.schema import announcements, issues

MAX_DUE: Final = 100
"""Announcements that are handed out at a time."""


class Reason(StrEnum):
    """Why an issue is worth telling of."""

    NEW = "new"
    REGRESSION = "regression"
    """It had been resolved."""
    UNMUTED = "unmuted"
    """It had been muted until so much came, and that has come."""


class Announcement(Struct, frozen=True):
    """To be told from `due_at` on."""

    issue_id: int
    reason: Reason
    since: datetime
    due_at: datetime


class Announcements:
    """Who tells asks for what is `due`, writes down whom it is told to, and strikes it out with that."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, now: datetime) -> Sequence[Announcement]:
        """At most MAX_DUE that may be told now, the longest due first."""
        wanted = (
            select(announcements)
            .join(issues, issues.c.id == announcements.c.issue_id)
            .where(announcements.c.due_at <= now, is_users(issues.c.project_id))
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(announcements.c.due_at).limit(MAX_DUE)).all()
        return [_announcement(*row) for row in rows]

    def of_issue(self, issue_id: int) -> Announcement | None:
        """What is still to be told of an issue."""
        wanted = select(announcements).where(announcements.c.issue_id == issue_id)
        with self._database.read() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else _announcement(*row)

    def told(self, told: Announcement) -> bool:
        """Strike it out; False if it was struck out, or became another, meanwhile."""
        with self._database.write() as connection:
            return self.strike(connection, told)

    def strike(self, connection: Connection, told: Announcement) -> bool:
        """`told`, as a part of the caller's transaction: of several that tell, one is the first."""
        gone = connection.execute(
            announcements.delete().where(
                announcements.c.issue_id == told.issue_id,
                announcements.c.reason == told.reason.value,
                announcements.c.since == told.since,
            )
        )
        return gone.rowcount == 1

    def add(
        self,
        connection: Connection,
        reason: Reason,
        due: Mapping[int, datetime],
        now: datetime,
    ) -> None:
        """Tell of these issues from then on. What is to be told of them already is replaced."""
        rows = [
            {"issue_id": issue_id, "reason": reason.value, "since": now, "due_at": due[issue_id]}
            for issue_id in sorted(due)
        ]
        upsert_all(connection, announcements, rows, ["issue_id"])

    def release(self, connection: Connection, issue_ids: Sequence[int], now: datetime) -> None:
        """What made these wait is over."""
        these = among(connection, announcements.c.issue_id, issue_ids)
        waiting = these, announcements.c.due_at > now
        connection.execute(announcements.update().where(*waiting).values(due_at=now))

    def pass_on(self, connection: Connection, origin: int, target: int, now: datetime) -> None:
        """A new issue takes over what is still to be told of another that its events come from."""
        this = select(announcements).where(announcements.c.issue_id == origin)
        row = connection.execute(this).first()
        if row is not None:
            self.add(connection, Reason(row.reason), {target: min(now, row.due_at)}, row.since)

    def drop(self, connection: Connection, issue_ids: Sequence[int]) -> None:
        """There is nothing to tell of them any more."""
        of_them = among(connection, announcements.c.issue_id, issue_ids)
        connection.execute(announcements.delete().where(of_them))


def _announcement(issue_id: int, reason: str, since: datetime, due_at: datetime) -> Announcement:
    return Announcement(issue_id, Reason(reason), since, due_at)
