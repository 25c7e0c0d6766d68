"""Which issues of a batch are worth telling of, and how long that waits for an upload."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from headwater.digest.digested import Digested
from headwater.storage.database import Database
from headwater.storage.issues.announcements import Announcements, Reason
from headwater.symbolicate.resolution import Resolution
from headwater.symbolicate.verdicts import Verdict


class Announcing:
    """Takes part in the caller's transaction."""

    def __init__(self, database: Database, hold: timedelta) -> None:
        """`hold`: how long an upload is waited for."""
        self._announcements = Announcements(database)
        self._hold = hold

    def add(
        self,
        connection: Connection,
        told: Mapping[int, Digested],
        reasons: Mapping[Reason, Collection[int]],
        now: datetime,
    ) -> None:
        """`told`: by issue, the most readable of its events; `reasons` to tell of some of these, of
        which the first counts."""
        known = set[int]()
        for reason, issues in reasons.items():
            due = {issue: now + self._waits(told[issue]) for issue in set(issues) - known}
            self._announcements.add(connection, reason, due, now)
            known.update(due)

    def _waits(self, one: Digested) -> timedelta:
        is_readable = one.hashes.is_final or not is_pending(one.resolution)
        return timedelta(0) if is_readable else self._hold


def is_pending(resolution: Resolution) -> bool:
    """Whether frames are minified for no other reason than that an upload may be on its way."""
    failures = {
        frame.verdict
        for trace in resolution.stacktraces
        for frame in trace.frames
        if frame.verdict.is_failure
    }
    return failures == {Verdict.PENDING_UPLOAD}
