"""Issues that a person made one, and what follows: the events move to it by and by.

What is counted moves at once, with the hashes; a merged issue's number leads to the other from then on.
"""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import select

from headwater.storage.database import Database
from headwater.storage.issues.announcements import Announcements
from headwater.storage.issues.moves import IssueMoves
from headwater.storage.issues.search import Status
from headwater.storage.schema import events, issues, merges

MAX_MOVED: Final = 200
"""Events that one transaction moves: some 20 ms, for which other writers wait."""


MAX_MERGED: Final = 50
"""Issues that are merged at once, in one transaction of a second or so: each may have a thousand
values of each tag to be counted elsewhere."""


class CannotMerge(Exception):
    """Issues can't be made one; the message says why."""


class Merges:
    """Any number of processes may follow them up."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._moves = IssueMoves(database)
        self._announcements = Announcements(database)

    def merge(self, issue_ids: Collection[int]) -> int:
        """All into the oldest of them, whose number and state stay; its number. Raises CannotMerge."""
        with self._database.write() as connection:
            wanted = select(issues.c.id, issues.c.project_id).where(
                issues.c.id.in_(sorted(issue_ids)),
                issues.c.merged_into.is_(None),
                issues.c.status != Status.DELETED.value,
            )
            locked = wanted.order_by(issues.c.id).with_for_update(key_share=True)
            rows = connection.execute(locked).all()
            check_mergeable([row.project_id for row in rows])
            target, *origins = (row.id for row in rows)
            for origin in origins:
                self._moves.merge(connection, origin, target)
                connection.execute(merges.insert().values(origin=origin, target=target))
            self._announcements.drop(connection, origins)
        self._moves.forget()
        return int(target)

    def follow(self) -> int:
        """Move some events to where their issue went; how many, 0 if there is nothing to do."""
        with self._database.read() as connection:
            if connection.execute(select(merges).limit(1)).first() is None:
                return 0
        with self._database.write() as connection:
            first = select(merges).order_by(merges.c.origin).limit(1)
            row = connection.execute(first.with_for_update(skip_locked=True)).first()
            if row is None:
                return 0
            of_origin = select(events.c.id).where(events.c.issue_id == row.origin)
            ids = connection.execute(of_origin.limit(MAX_MOVED)).scalars().all()
            # Not those that a healer has moved meanwhile, on PostgreSQL.
            still = events.c.id.in_(ids), events.c.issue_id == row.origin
            these = events.update().where(*still)
            connection.execute(these.values(issue_id=row.target))
            if len(ids) < MAX_MOVED:
                self._moves.inherit_removed(connection, row.origin, row.target)
                connection.execute(merges.delete().where(merges.c.origin == row.origin))
            return max(1, len(ids))


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
