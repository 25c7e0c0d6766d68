"""What a person decides about issues: resolved, muted, reopened, and who takes them on."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Integer, case, cast, func, null, select

from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.issues.search import IS_THERE, Status
from headwater.storage.issues.tag_counts import MAX_VALUES
from headwater.storage.schema import issue_tags, issues

USER: Final = "user"
"""The tag that says who met an issue."""


class Mute(Struct, frozen=True):
    """Until when an issue stays muted; none: it stays so.

    `until`: a moment. `events`, `users`: so many more of them than it has now.
    """

    until: datetime | None = None
    events: int | None = None
    users: int | None = None


FOR_GOOD: Final = Mute()

UNDECIDED: Final[Mapping[str, object]] = {
    "status": Status.UNRESOLVED.value,
    "resolved_at": None,
    "resolved_in": None,
    "muted_until": None,
    "muted_events": None,
    "muted_users": None,
}
DECIDED: Final = tuple(UNDECIDED)
"""Columns of what a person made of an issue."""

USERS: Final = (
    select(func.count())
    .where(issue_tags.c.issue_id == issues.c.id, issue_tags.c.key == USER)
    .scalar_subquery()
)
"""How many met an issue, of those that are told apart."""


class Decisions:
    """Each is one transaction, however many issues it is about."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def decide(
        self,
        issue_ids: Collection[int],
        status: Status,
        now: datetime,
        mute: Mute = FOR_GOOD,
        release: str | None = None,
    ) -> None:
        """`mute`: what ends it, where they are ignored. `release`: where they are resolved in one, or
        NEXT_RELEASE."""
        values: dict[str, Any] = dict(UNDECIDED) | {"status": status.value, "decided_at": now}
        if status is Status.RESOLVED:
            values |= {"resolved_at": now, "resolved_in": release}
        if status is Status.IGNORED:
            values |= _ends(mute)
        with self._database.write() as connection:
            for some in batches(sorted(issue_ids)):
                these = issues.c.id.in_(_locked(connection, issues.c.id.in_(some), IS_THERE))
                connection.execute(issues.update().where(these).values(values))

    def assign(self, issue_ids: Collection[int], user_id: int | None) -> None:
        """Say who has taken them on, or that nobody has."""
        with self._database.write() as connection:
            for some in batches(sorted(issue_ids)):
                these = issues.c.id.in_(_locked(connection, issues.c.id.in_(some)))
                connection.execute(issues.update().where(these).values(assignee_id=user_id))

    def end_mutes(self, now: datetime) -> Sequence[int]:
        """Those that were muted until now or earlier are unresolved again; their ids."""
        over = issues.c.status == Status.IGNORED.value, issues.c.muted_until <= now, IS_THERE
        with self._database.write() as connection:
            ids = _locked(connection, *over)
            for some in batches(ids):
                opened = issues.update().where(issues.c.id.in_(some))
                connection.execute(opened.values(UNDECIDED))
        return ids

    def end_mutes_by_users(
        self, connection: Connection, issue_ids: Collection[int]
    ) -> Sequence[int]:
        """Those of them that were muted until so many users had met them, who now have, are
        unresolved again; their ids. Part of the caller's transaction."""
        over: list[int] = []
        for some in batches(sorted(issue_ids)):
            these = issues.c.id.in_(some), issues.c.status == Status.IGNORED.value
            reached = issues.c.muted_users.is_not(None), issues.c.muted_users <= USERS
            opened = issues.update().where(*these, *reached).values(UNDECIDED)
            over += connection.execute(opened.returning(issues.c.id)).scalars()
        return over


def _locked(connection: Connection, *these: ColumnElement[bool]) -> Sequence[int]:
    """Their ids; locked in order, so that of two transactions only one waits for the other."""
    wanted = select(issues.c.id).where(*these).order_by(issues.c.id)
    return connection.execute(wanted.with_for_update(key_share=True)).scalars().all()


def _ends(mute: Mute) -> Mapping[str, object]:
    """As columns: worked out in the database, for thousands of issues at once."""
    ends: dict[str, object] = {"muted_until": mute.until}
    if mute.events is not None:
        ends["muted_events"] = issues.c.event_count + mute.events
    if mute.users is not None:
        # Beyond that users are not told apart; no event brings more than one.
        are_told = USERS + mute.users <= MAX_VALUES
        ends["muted_users"] = case((are_told, cast(USERS + mute.users, Integer)), else_=null())
        ends["muted_events"] = case((are_told, null()), else_=issues.c.event_count + mute.users)
    return ends
