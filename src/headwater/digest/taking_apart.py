"""What a person takes apart that was merged: its events go back, with all that is counted of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog

from headwater.digest.regroup import Regroup
from headwater.digest.revise import event_of
from headwater.digest.tags import tags_of
from headwater.storage.database import Database
from headwater.storage.events.retention import Retained
from headwater.storage.events.revisions import Draft, Revisions
from headwater.storage.issues.activity import Activity, Kind
from headwater.storage.issues.announcements import Announcements, Reason
from headwater.storage.issues.moves import IssueMoves
from headwater.storage.issues.sighting import Sighting
from headwater.storage.issues.tallies import Move
from headwater.storage.issues.unmerges import Leaving, Unmerges

PORTION: Final = 100
"""Events that are counted elsewhere in one transaction: some 20 ms, for which the digest may have to
wait."""


class TakingApart:
    """Any number of processes may do it, one at a time each issue."""

    def __init__(self, database: Database, revisions: Revisions, regroup: Regroup) -> None:
        self._database = database
        self._announcements = Announcements(database)
        self._log = structlog.get_logger()
        self._revisions = revisions
        self._regroup = regroup
        self._retained = Retained(database)
        self._unmerges = Unmerges(database)
        self._moves = IssueMoves(database)
        self._activity = Activity(database)

    def once(self, now: datetime) -> int:
        """One portion: how many events went back, or 1 if something else was done; 0: nothing is left.

        Raises DatabaseError.
        """
        leaving = self._unmerges.next()
        if leaving is None:
            return 0
        moved = self._unmerges.bring_back(leaving) or self._recount(leaving, now)
        if not moved:
            self._finish(leaving)
        return max(1, moved)

    def _finish(self, leaving: Leaving) -> None:
        nameless = self._unmerges.finish(leaving)
        for issue_id in (leaving.origin, leaving.target):
            self._retained.recount(issue_id)
        with self._database.write() as connection:
            for issue_id in nameless:
                self._regroup.name(connection, issue_id)
            for issue_id in (leaving.origin, leaving.target):
                self._regroup.look_again(connection, issue_id)

    def _recount(self, leaving: Leaving, now: datetime) -> int:
        """What came since it was merged is counted at the other issue alone."""
        ids = self._unmerges.came_since(leaving, PORTION)
        moves = {each.id: self._move(each, leaving) for each in self._revisions.some(ids)}
        try:
            with self._database.write() as connection:
                ours = self._unmerges.put_back(connection, leaving, ids)
                own = [moves[each] for each in sorted(ours, reverse=True)]
                moved = self._moves.move(connection, own, are_there=False)
                for issue_id in moved.nameless:
                    self._regroup.name(connection, issue_id)
                self._announcements.add(
                    connection, Reason.REGRESSION, dict.fromkeys(moved.back, now), now
                )
                self._activity.add(connection, moved.back, Kind.CAME_BACK, now)
        except BaseException:
            self._moves.forget()
            raise
        return len(ids)

    def _move(self, draft: Draft, leaving: Leaving) -> Move:
        level, tags = self._told(draft)
        # As if it were not readable: what the issue is called, it is called by what it had.
        seen = Sighting(
            draft.event_id,
            draft.timestamp,
            draft.title,
            "",
            level,
            "",
            is_settled=False,
            release=draft.release,
        )
        return Move(seen, draft.received_at, tags, leaving.target, leaving.origin)

    def _told(self, draft: Draft) -> tuple[str, Sequence[tuple[str, str]]]:
        """Its level, and what it is counted by."""
        try:
            event = event_of(draft, self._revisions.payload_of(draft))
            return event.level, tuple(tags_of(event))
        except Exception:  # noqa: BLE001 # an event that can't be read holds up none of the others
            self._log.exception("an event is counted without its tags", event_id=draft.event_id)
            return "error", ()
