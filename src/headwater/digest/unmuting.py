"""Issues that were muted for a time are unresolved again when it is over, seen or not."""

import threading
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy.exc import DatabaseError

from headwater.storage.database import Database
from headwater.storage.issues.activity import Activity, Kind
from headwater.storage.issues.decisions import Decisions

EVERY_SECONDS: Final = 60
"""How long an issue may stay muted beyond its time."""


class Unmuting:
    """Any number of processes may do it."""

    def __init__(self, database: Database) -> None:
        self._decisions = Decisions(database)
        self._activity = Activity(database)

    def run(self, stop: threading.Event) -> None:
        """Until told to stop."""
        while not stop.wait(EVERY_SECONDS):
            try:
                self.once(datetime.now(UTC))
            except DatabaseError as error:
                structlog.get_logger().warning("issues stayed muted for now", error=str(error))

    def once(self, now: datetime) -> None:
        """Those whose time is over. Raises DatabaseError."""
        self._activity.note(self._decisions.end_mutes(now), Kind.UNMUTED, now, None)
