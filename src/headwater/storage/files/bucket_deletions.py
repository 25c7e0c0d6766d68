"""Deleting from a bucket: in the background, since whoever asks may have locked the database; and never
what is young.

An upload may have stored, a moment ago, the very bytes that nobody needed before, and no row names them
yet. In a folder that is looked at with the table locked. Requests to a store take too long for
that, so that here age decides: an upload names what it stored within the hour. What stays for that
reason, or since this process ended, goes with what expires a day later.
"""

import queue
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from headwater.storage.files.rests import Resting

YOUNG: Final = timedelta(hours=1)
"""Longer than an upload takes from its first file to the row that names it: BUNDLE_SECONDS, and
what storing takes."""

MAX_ASKED: Final = 100_000
"""Files that wait to be deleted, some 20 MB. What is asked beyond is left for the next expiry."""


class Deletions:
    """One thread, which starts when it is first needed and ends with the process."""

    def __init__(
        self, written_at: Callable[[str], datetime], delete: Callable[[str], None]
    ) -> None:
        """Both of a key; they raise OSError. One that is gone is the youngest of all."""
        self._written_at = written_at
        self._delete = delete
        self._asked: queue.Queue[tuple[str, datetime]] = queue.Queue(MAX_ASKED)
        self._lock = threading.Lock()
        self._is_started = False
        self._left = 0

    def ask(self, key: str, moment: datetime | None = None) -> None:
        """Delete a file soon, if it was last written before `moment`, and is not young."""
        grown = datetime.now(UTC) - YOUNG
        try:
            self._asked.put_nowait((key, grown if moment is None else min(moment, grown)))
        except queue.Full:
            self._leave()
        with self._lock:
            if not self._is_started:
                threading.Thread(target=self._run, name="deletions", daemon=True).start()
                self._is_started = True

    def finish(self, seconds: float) -> int:
        """Wait until all that was asked is done, so long at most; how many files wait still, or could
        not be deleted since this was asked last."""
        asked = self._asked
        with asked.all_tasks_done:
            asked.all_tasks_done.wait_for(lambda: not asked.unfinished_tasks, seconds)
            waiting = asked.unfinished_tasks
        with self._lock:
            left, self._left = self._left, 0
        return waiting + left

    def _run(self) -> None:
        while True:
            key, moment = self._asked.get()
            try:
                if self._written_at(key) < moment:
                    self._delete(key)
            except Resting:  # that it does not answer was said
                self._leave()
            except OSError as error:
                self._leave()
                structlog.get_logger().warning(
                    "a file is left to the next expiry", key=key, error=str(error)
                )
            finally:
                self._asked.task_done()

    def _leave(self) -> None:
        with self._lock:
            self._left += 1
