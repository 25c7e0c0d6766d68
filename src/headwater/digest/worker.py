"""The loop that empties the queue."""

import threading
import traceback
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy.exc import DatabaseError, OperationalError

from headwater.digest.pipeline import Resolve, digest
from headwater.digest.resolver import ResolverUnavailable
from headwater.digest.save import Save
from headwater.storage.database import Database
from headwater.storage.queue import Queue, QueuedEnvelope

BATCH: Final = 50
"""Envelopes claimed at once."""

MAX_ATTEMPTS: Final = 3
"""Times that an envelope may take a worker, or its transaction, down before it is given up."""

IDLE_SECONDS: Final = 0.2
"""Between two looks at an empty queue: how long an event may wait for nothing."""

BACK_OFF_SECONDS: Final = (0.5, 1, 2, 5, 10, 30)
"""After the database refused, once, twice …: busy or full passes, gone comes back."""


class Worker:
    """One worker. `resolve` symbolicates."""

    def __init__(self, database: Database, queue: Queue, resolve: Resolve) -> None:
        self._database = database
        self._queue = queue
        self._save = Save(database, queue)
        self._resolve = resolve
        self._log = structlog.get_logger()

    def run(self, stop: threading.Event) -> None:
        """Digest until told to stop; the envelope at hand is finished first."""
        failures = 0
        is_first = True
        while not stop.is_set():
            try:
                if is_first and self._database.is_sqlite:
                    # One data folder has one digest process: whoever held a claim is dead.
                    self._queue.free_all()
                is_first = False
                found: int | None = self.digest_once(stop)
            except DatabaseError as error:  # OperationalError, and a damaged file's
                self._log.warning("database refused", error=str(error.orig), failures=failures)
                found = None
            except ResolverUnavailable as error:
                self._log.warning("resolver unavailable", error=str(error), failures=failures)
                found = None
            if found is None:
                stop.wait(BACK_OFF_SECONDS[min(failures, len(BACK_OFF_SECONDS) - 1)])
                failures += 1
                continue
            failures = 0
            if not found:
                stop.wait(IDLE_SECONDS)

    def digest_once(self, stop: threading.Event | None = None) -> int:
        """One batch; how many envelopes it had.

        Raises OperationalError if the database refuses, ResolverUnavailable.
        """
        batch = self._queue.claim(BATCH, datetime.now(UTC))
        untried = list(batch)
        try:
            while untried and not (stop and stop.is_set()):
                self._digest(untried.pop(0))
        finally:
            if untried:
                self._queue.give_back(untried, were_tried=False)
        return len(batch)

    def _digest(self, queued: QueuedEnvelope) -> None:
        now = datetime.now(UTC)
        if queued.attempts > MAX_ATTEMPTS:
            self._bury(
                queued,
                f"given up after {MAX_ATTEMPTS} attempts: each ended with the worker's or the database's death",
                now,
            )
            return
        try:
            self._save.save(queued, digest(queued, self._resolve), now)
        except ResolverUnavailable:
            self._queue.give_back([queued], were_tried=False)
            raise
        except OperationalError:
            # Likely not the envelope's fault; if it is, it runs out of attempts like any other.
            self._queue.give_back([queued], were_tried=True)
            raise
        except Exception:  # noqa: BLE001 # the one broad except: a poison envelope stops nothing
            self._bury(queued, traceback.format_exc(), now)

    def _bury(self, queued: QueuedEnvelope, error: str, now: datetime) -> None:
        last_line = error.strip().rsplit("\n", 1)[-1]
        self._log.error("envelope given up", project=queued.project_id, error=last_line)
        self._save.bury(queued, error, now)
