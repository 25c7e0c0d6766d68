"""A few threads that everybody has a share of: no home's work keeps all others waiting."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from headwater.protocol.chunks import AssembleAnswer
from headwater.storage.uploads.home import Home


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    home: Home
    work: Callable[[], AssembleAnswer]
    done: Future[AssembleAnswer]


class FairThreads:
    """Runs work in the order it came in, passing over homes that have their share already."""

    def __init__(self, threads: int, per_home: int) -> None:
        """`per_home`: of the `threads`, how many one home may have at a time."""
        self._threads = threads
        self._per_home = per_home
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="assemble")
        # Reentrant: work that is over at once ends on the thread that starts it.
        self._lock = threading.RLock()
        self._waiting: list[_Task] = []
        self._running: Counter[Home] = Counter()

    def submit(self, home: Home, work: Callable[[], AssembleAnswer]) -> Future[AssembleAnswer]:
        """What the work comes to, once it was its home's turn."""
        task = _Task(home, work, Future())
        with self._lock:
            self._waiting.append(task)
            self._start_next()
        return task.done

    def close(self) -> None:
        """Start nothing more; what runs comes to its end."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for task in waiting:
            task.done.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _start_next(self) -> None:
        if self._running.total() >= self._threads:
            return
        task = next((t for t in self._waiting if self._running[t.home] < self._per_home), None)
        if task is None:
            return
        self._waiting.remove(task)
        self._running[task.home] += 1
        task.done.set_running_or_notify_cancel()
        self._pool.submit(task.work).add_done_callback(partial(self._end, task))

    def _end(self, task: _Task, run: Future[AssembleAnswer]) -> None:
        error = run.exception()
        if error is None:
            task.done.set_result(run.result())
        else:
            task.done.set_exception(error)
        with self._lock:
            self._running[task.home] -= 1
            self._running += Counter()  # forgets homes that have nothing running
            self._start_next()
