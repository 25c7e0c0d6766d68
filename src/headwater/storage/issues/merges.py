"""Issues that a person made one, and what follows: the events move to it by and by.

What is counted moves at once, with the hashes; a merged issue's number leads to the other from then on.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, func, or_, select

from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.issues.announcements import Announcements
from headwater.storage.issues.decisions import UNDECIDED
from headwater.storage.issues.healing_issues import heal_instead
from headwater.storage.issues.rows import locked_ends
from headwater.storage.issues.search import IS_THERE, Status
from headwater.storage.issues.tombstones import Decided, State, Tombstones, inherit_removed
from headwater.storage.schema import events, issues, merges, users

MAX_MOVED: Final = 200
"""Events that one transaction moves: some 20 ms, for which other writers wait."""


MAX_MERGED: Final = 50
"""Issues that are merged, or taken apart, at once, in one transaction of a second or so: each may have
a thousand values of each tag to be counted elsewhere."""


class CannotMerge(Exception):
    """Issues can't be made one; the message says why."""


class Merged(Struct, frozen=True):
    """An issue that was merged into another. `by`: an e-mail address; None: somebody who is gone."""

    issue_id: int
    title: str
    culprit: str
    event_count: int
    at: datetime
    by: str | None


class Merges:
    """Any number of processes may follow them up."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tombstones = Tombstones(database)
        self._announcements = Announcements(database)

    def merge(self, issue_ids: Collection[int], now: datetime, user_id: int | None = None) -> int:
        """All into the oldest of them, whose number stays; its number. Its state is `status_of_merged`.
        Raises CannotMerge."""
        with self._database.write() as connection:
            wanted = select(issues.c.id, issues.c.project_id, issues.c.status).where(
                issues.c.id.in_(sorted(issue_ids)), IS_THERE
            )
            locked = wanted.order_by(issues.c.id).with_for_update(key_share=True)
            rows = connection.execute(locked).all()
            check_mergeable([row.project_id for row in rows])
            _check_at_rest(connection, [row.id for row in rows])
            target, *origins = (row.id for row in rows)
            for origin in origins:
                self._tombstones.leave(connection, origin, target, Decided(now, user_id))
                heal_instead(connection, origin, target)
            if status_of_merged([Status(row.status) for row in rows]) is Status.UNRESOLVED:
                # Nobody has decided this: what is taken out again has the state that it had.
                opened = issues.update().where(issues.c.id == target)
                connection.execute(opened.values(UNDECIDED))
            self._announcements.drop(connection, origins)
        self._tombstones.forget()
        return int(target)

    def into(self, issue_id: int) -> Sequence[Merged]:
        """The last MAX_MERGED that persons merged into an issue and that can be taken out again."""
        columns = issues.c.id, issues.c.title, issues.c.culprit, merges.c.event_count, merges.c.at
        wanted = (
            select(*columns, users.c.email)
            .select_from(_OF_ORIGIN.outerjoin(users, users.c.id == merges.c.user_id))
            .where(merges.c.target == issue_id, merges.c.at.is_not(None))
            .where(merges.c.state != State.LEAVING.value)
            .order_by(merges.c.at.desc(), merges.c.origin)
            .limit(MAX_MERGED)
        )
        with self._database.read() as connection:
            return [Merged(*row) for row in connection.execute(wanted)]

    def follow(self) -> int:
        """Move some events to where their issue went; how many, 0 if there is nothing to do."""
        moving = merges.c.state == State.MOVING.value
        with self._database.read() as connection:
            if connection.execute(select(merges.c.origin).where(moving).limit(1)).first() is None:
                return 0
        with self._database.write() as connection:
            first = select(merges).where(moving).order_by(merges.c.origin).limit(1)
            row = connection.execute(first).first()
            if row is None:
                return 0
            of_origin = select(events.c.id).where(events.c.issue_id == row.origin)
            some = of_origin.order_by(events.c.id).limit(MAX_MOVED)
            # First the events and then the issue, as where healing moves them.
            ids = connection.execute(some.with_for_update()).scalars().all()
            ends = locked_ends(connection, [row.origin])
            if ends is None:
                return 1  # the next look begins anew, with nothing locked
            target = ends[row.origin].id
            if target == row.origin:  # somebody has taken it out again
                return 0
            whose = func.coalesce(events.c.merged_from, row.origin)
            moved = events.update().where(events.c.id.in_(ids))
            connection.execute(moved.values(issue_id=target, merged_from=whose))
            if connection.execute(of_origin.limit(1)).first() is None:
                self._arrive(connection, row.origin, target)
            return max(1, len(ids))

    def _arrive(self, connection: Connection, origin: int, target: int) -> None:
        """All of its events have moved."""
        inherit_removed(connection, origin, target)
        moving = merges.c.origin == origin, merges.c.state == State.MOVING.value
        connection.execute(merges.update().where(*moving).values(state=State.MERGED.value))
        heal_instead(connection, target, target)


_OF_ORIGIN: Final = merges.join(issues, issues.c.id == merges.c.origin)


def merged_at(connection: Connection, issue_ids: Collection[int]) -> Mapping[int, datetime]:
    """Those of these issues that a person merged others into, and when that was done last."""
    found: dict[int, datetime] = {}
    for some in batches(sorted(issue_ids)):
        wanted = (
            select(issues.c.merged_into, func.max(merges.c.at))
            .select_from(_OF_ORIGIN)
            .where(issues.c.merged_into.in_(some), merges.c.at.is_not(None))
            .group_by(issues.c.merged_into)
        )
        found.update((row[0], row[1]) for row in connection.execute(wanted))
    return found


def status_of_merged(statuses: Sequence[Status]) -> Status:
    """Of issues, the oldest first, that become one: unresolved if one of them is, so that no live
    error is hidden by a decision about another; else the oldest's."""
    return Status.UNRESOLVED if Status.UNRESOLVED in statuses else statuses[0]


def check_mergeable(projects: Sequence[int]) -> None:
    """Whether issues of these projects can become one. Raises CannotMerge."""
    if len(projects) < 2:  # noqa: PLR2004 # it takes two
        raise CannotMerge("It takes two issues to merge: tick those that are one.")
    if len(projects) > MAX_MERGED:
        raise CannotMerge(
            f"At most {MAX_MERGED} issues are merged at once; these are {len(projects)}."
        )
    if len(set(projects)) > 1:
        raise CannotMerge("Issues of different projects can't be merged.")


def _check_at_rest(connection: Connection, issue_ids: Collection[int]) -> None:
    either = or_(merges.c.origin.in_(issue_ids), merges.c.target.in_(issue_ids))
    leaving = select(merges.c.origin).where(either, merges.c.state == State.LEAVING.value)
    origin = connection.execute(leaving.limit(1)).scalar()
    if origin is not None:
        raise CannotMerge(
            f"Events of issue {origin}, which was taken out of another, are still on their way back"
            " to it: merge within a few minutes."
        )
