"""The loop that empties the queue."""

import contextlib
import threading
import time
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeGuard

import structlog
from sqlalchemy.exc import DatabaseError, OperationalError

from headwater.digest.choices import ProjectGone
from headwater.digest.digested import DigestedEnvelope, Discarded, GivenUp, Ready
from headwater.digest.pipeline import Pipeline
from headwater.digest.resolver import ResolverUnavailable
from headwater.digest.save import Save
from headwater.storage.database import Database, is_hindered, is_of_schema
from headwater.storage.migrate import revisions
from headwater.storage.process_counts import ProcessCounts
from headwater.storage.queue.queue import Outlet, QueuedEnvelope

BATCH: Final = 200
"""Envelopes claimed at once."""

BATCH_SECONDS: Final = 1.0
"""After that long a batch is saved as far as it is digested: an event with large maps to be compiled
does not keep those before it waiting, and other writers get their turn."""

MAX_ATTEMPTS: Final = 3
"""Times that an envelope may take a worker, or its transaction, down before it is given up."""

IDLE_SECONDS: Final = (0.05, 0.1, 0.2)
"""Between two looks at a queue that was found empty once, twice …: how long an event may wait for
nothing. Twenty looks a second at PostgreSQL, on days when nothing comes, take 3 % of a core."""

BACK_OFF_SECONDS: Final = (0.5, 1, 2, 5, 10, 30)
"""After the database refused, once, twice …: busy or full passes, gone comes back."""


class Worker:
    """One worker."""

    def __init__(
        self,
        database: Database,
        outlet: Outlet,
        pipeline: Pipeline,
        hold: timedelta = timedelta(0),
        counts: ProcessCounts | None = None,
    ) -> None:
        """`hold`: how long it is not told of a new issue that waits for an upload. `counts`: of what it
        does."""
        self._database = database
        self._outlet = outlet
        self._save = Save(database, outlet, hold, counts)
        self._pipeline = pipeline
        self._log = structlog.get_logger()

    def run(self, stop: threading.Event) -> None:
        """Digest until told to stop; the envelopes at hand are finished or given back first."""
        failures = looks = 0
        is_first = True
        while not stop.is_set():
            try:
                if is_first and self._database.is_sqlite:
                    # One data folder has one digest process: whoever held a claim is dead.
                    self._outlet.start_over()
                is_first = False
                found: int | None = self.digest_once(stop)
            except DatabaseError as error:  # OperationalError, and a damaged file's
                self._log.warning("database refused", error=str(error.orig), failures=failures)
                found = None
            except OSError as error:
                self._log.warning("the queue can't be read", error=str(error), failures=failures)
                found = None
            except ResolverUnavailable as error:
                self._log.warning("resolver unavailable", error=str(error), failures=failures)
                found = None
            if found is None:
                failures += 1
                stop.wait(_at(BACK_OFF_SECONDS, failures))
                continue
            failures = 0
            looks = 0 if found else looks + 1
            if looks:
                stop.wait(_at(IDLE_SECONDS, looks))
        with contextlib.suppress(DatabaseError):  # the next worker is a little more careful then
            self._outlet.close()

    def digest_once(self, stop: threading.Event | None = None) -> int:
        """One batch; how many envelopes it had.

        Raises DatabaseError if the database refuses, ResolverUnavailable; OSError.
        """
        batch = self._outlet.claim(BATCH, datetime.now(UTC))
        rest = list(batch)
        unavailable: ResolverUnavailable | DatabaseError | None = None
        while rest and unavailable is None and not (stop and stop.is_set()):
            self._refresh(rest)
            ready, unavailable = self._digest(rest, stop)
            rest = rest[len(ready) :]
            self._keep(ready, rest)
        if rest:
            self._outlet.give_back(rest, were_tried=False)
        if unavailable:
            raise unavailable
        return len(batch)

    def _refresh(self, rest: Sequence[QueuedEnvelope]) -> None:
        try:
            self._pipeline.refresh()
        except DatabaseError:
            self._outlet.give_back(rest, were_tried=False)
            raise

    def _digest(
        self, batch: Sequence[QueuedEnvelope], stop: threading.Event | None
    ) -> tuple[list[Ready], ResolverUnavailable | DatabaseError | None]:
        """As many of the first ones as can be made ready now, and in time."""
        ready: list[Ready] = []
        began = time.monotonic()
        for queued in batch:
            try:
                ready.append(self._digest_one(queued))
            except (ResolverUnavailable, DatabaseError) as error:
                return ready, error
            if time.monotonic() - began > BATCH_SECONDS or (stop and stop.is_set()):
                break
        return ready, None

    def _digest_one(self, queued: QueuedEnvelope) -> Ready:
        if queued.attempts > MAX_ATTEMPTS:
            return GivenUp(
                queued,
                f"given up after {MAX_ATTEMPTS} attempts: each ended with the worker's or the database's death",
            )
        try:
            return DigestedEnvelope(queued, self._pipeline.digest(queued))
        except ResolverUnavailable:
            raise
        except ProjectGone:
            return Discarded(queued)
        except Exception as error:
            if _is_database_s(error):
                raise
            return GivenUp(queued, traceback.format_exc())  # a poison envelope stops nothing

    def _keep(self, ready: Sequence[Ready], rest: Sequence[QueuedEnvelope]) -> None:
        """Save them; if that fails, all of them and the `rest` of their batch come again."""
        if not ready:
            return
        try:
            given_up = self._save.save(ready, datetime.now(UTC))
        except Exception as error:
            if _is_database_s(error):
                self._give_back([one.queued for one in ready], rest, error)
                raise
            # One of them is to blame, and only it shall suffer.
            self._keep_one_by_one(ready, rest)
            return
        self._say(given_up)

    def _keep_one_by_one(self, ready: Sequence[Ready], rest: Sequence[QueuedEnvelope]) -> None:
        for index, one in enumerate(ready):
            try:
                self._keep_one(one)
            except DatabaseError as error:
                untried = [later.queued for later in ready[index + 1 :]]
                self._give_back([one.queued], [*untried, *rest], error)
                raise

    def _keep_one(self, one: Ready) -> None:
        try:
            given_up = self._save.save([one], datetime.now(UTC))
        except Exception as error:
            if _is_database_s(error):
                raise
            one = GivenUp(one.queued, traceback.format_exc())
            given_up = self._save.save([one], datetime.now(UTC))
        self._say(given_up)

    def _give_back(
        self,
        tried: Sequence[QueuedEnvelope],
        rest: Sequence[QueuedEnvelope],
        error: DatabaseError,
    ) -> None:
        """They come again; unless something else is plainly the cause, one of those tried may be it."""
        self._outlet.give_back(rest, were_tried=False)
        self._outlet.give_back(tried, were_tried=not self._is_hindered(error))

    def _is_hindered(self, error: DatabaseError) -> bool:
        """Also where another version has migrated the database. What is not there for another reason may
        be a mistake of ours that one envelope leads to."""
        if is_of_schema(error):
            present, newest = revisions(self._database)
            return present != newest
        return is_hindered(error)

    def _say(self, given_up: Sequence[GivenUp]) -> None:
        for one in given_up:
            last_line = one.error.strip().rsplit("\n", 1)[-1]
            self._log.error("envelope given up", project=one.queued.project_id, error=last_line)


def _is_database_s(error: Exception) -> TypeGuard[DatabaseError]:
    """Whether it may be the database's own, and no envelope's."""
    return isinstance(error, DatabaseError) and (
        isinstance(error, OperationalError) or is_hindered(error) or is_of_schema(error)
    )


def _at(seconds: Sequence[float], times: int) -> float:
    return seconds[min(times, len(seconds)) - 1]
