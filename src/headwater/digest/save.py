"""The end of the digest: all of an envelope, or nothing, in one transaction."""

from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection

from headwater.digest.digested import Digested
from headwater.digest.normalize import Malformed
from headwater.storage.database import Database
from headwater.storage.dead_letters import DeadLetters
from headwater.storage.events import Events, StoredEvent
from headwater.storage.issue_hashes import EventHashes, HashTaken, attach, find_issue
from headwater.storage.issues import Issues, Sighting
from headwater.storage.outcomes import Outcomes
from headwater.storage.queue import Queue, QueuedEnvelope

MAX_RACES: Final = 5
"""Times that two workers may create the same issue at once, on PostgreSQL, before one gives up."""

ERROR: Final = "error"
"""The category that events are counted in."""


class Save:
    """Saves what the pipeline made, and takes the envelope off the queue with it."""

    def __init__(self, database: Database, queue: Queue) -> None:
        self._database = database
        self._queue = queue
        self._events = Events(database)
        self._issues = Issues(database)
        self._outcomes = Outcomes(database)
        self._dead_letters = DeadLetters(database)

    def save(
        self, queued: QueuedEnvelope, digested: tuple[Digested | Malformed, ...], now: datetime
    ) -> None:
        """Events, issues, hashes, counts; nothing if another worker has saved it already."""
        for _ in range(MAX_RACES - 1):
            try:
                return self._save(queued, digested, now)
            except HashTaken:
                continue
        return self._save(queued, digested, now)

    def bury(self, queued: QueuedEnvelope, error: str, now: datetime) -> None:
        """Give the envelope up, and keep it with the reason."""
        with self._database.write() as connection:
            if self._queue.finish(connection, queued):
                self._dead_letters.bury(connection, queued, error, now)
                self._outcomes.add(connection, queued.project_id, ERROR, "dead_letter", now)

    def _save(
        self, queued: QueuedEnvelope, digested: tuple[Digested | Malformed, ...], now: datetime
    ) -> None:
        with self._database.write() as connection:
            if not self._queue.finish(connection, queued):
                return
            for one in digested:
                reason = (
                    self._save_event(connection, queued, one)
                    if isinstance(one, Digested)
                    else "malformed_event"
                )
                self._outcomes.add(connection, queued.project_id, ERROR, reason, now)

    def _save_event(self, connection: Connection, queued: QueuedEnvelope, one: Digested) -> str:
        """What it is counted as."""
        project_id = queued.project_id
        if self._events.exists(connection, project_id, one.event.event_id):
            return "duplicate"
        seen = _sighting(one)
        hashes = EventHashes(one.hashes.provisional, one.hashes.final, one.hashes.is_final)
        issue_id = find_issue(connection, project_id, hashes)
        if issue_id is None:
            issue_id = self._issues.create(connection, project_id, seen)
        attach(connection, project_id, issue_id, hashes)
        if not self._events.add(connection, _stored(queued, one, issue_id)):
            raise HashTaken  # the same event, from another worker, this very moment: look again
        self._issues.saw(connection, issue_id, seen)
        return "accepted"


def _sighting(one: Digested) -> Sighting:
    return Sighting(
        event_id=one.event.event_id,
        timestamp=one.event.timestamp,
        title=one.title,
        culprit=one.culprit,
        level=one.event.level,
        platform=one.event.platform,
        is_settled=one.hashes.is_final,
    )


def _stored(queued: QueuedEnvelope, one: Digested, issue_id: int) -> StoredEvent:
    return StoredEvent(
        id=0,
        project_id=queued.project_id,
        event_id=one.event.event_id,
        issue_id=issue_id,
        timestamp=one.event.timestamp,
        received_at=queued.received_at,
        title=one.title,
        level=one.event.level,
        platform=one.event.platform,
        release=one.event.release,
        dist=one.event.dist,
        environment=one.event.environment,
        provisional_hash=one.hashes.provisional,
        final_hash=one.hashes.final,
        payload=one.payload,
        resolution=msgspec.json.encode(one.resolution),
    )
