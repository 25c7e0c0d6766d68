"""Envelopes in memory that wait to be written together: bounded, in their order, for one thread."""

import threading
from collections.abc import Callable
from itertools import accumulate
from typing import Final, Generic, TypeVar

from headwater.storage.process_counts import ProcessCounts
from headwater.storage.queue.queue import Done, QueueFull, QueueUnavailable

MAX_WAITING: Final = 10_000
"""Envelopes in memory that wait for the disk: seconds of work, and beyond that, no rescue."""

MAX_WAITING_BYTES: Final = 64 * 1024**2
"""Bytes of those envelopes: what a small server can spare."""

MAX_WRITTEN: Final = 16 * 1024**2
"""Bytes of envelopes that are written at once (a single larger envelope is its own batch)."""

ACCEPTED: Final = ("envelopes", "accepted")
REFUSED: Final = ("envelopes", "refused")

Item = TypeVar("Item")


class WaitingRoom(Generic[Item]):
    """`write` gets what waits at the moment, in a thread that starts with the first to come, and says
    what became of all of it. It must not raise: nobody would be written after that."""

    def __init__(
        self,
        name: str,
        write: Callable[[list[Item], int], QueueUnavailable | None],
        counts: ProcessCounts | None = None,
    ) -> None:
        """`name` is the thread's; `write` also gets the envelopes' bytes; `counts`: of what became of
        them."""
        self._counts = counts or ProcessCounts()
        self._name = name
        self._write = write
        self._waiting: list[tuple[Item, int, Done]] = []
        self._bytes = 0
        self._changed = threading.Condition(threading.Lock())
        self._thread: threading.Thread | None = None
        self._closed = False

    def enter(self, item: Item, size: int, done: Done) -> None:
        """Wait to be written. `size`: the envelope's bytes. Raises QueueFull."""
        with self._changed:
            self._check_room(size)
            self._waiting.append((item, size, done))
            self._bytes += size
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            if len(self._waiting) == 1:
                self._changed.notify()

    def close(self) -> None:
        """Have written what waits, and let nobody in any more."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _check_room(self, size: int) -> None:
        if self._closed:
            raise QueueFull("the server is shutting down")
        if len(self._waiting) >= MAX_WAITING:
            raise QueueFull(f"{MAX_WAITING} envelopes are waiting for the disk already")
        if self._waiting and self._bytes + size > MAX_WAITING_BYTES:
            raise QueueFull(f"{MAX_WAITING_BYTES} bytes are waiting for the disk already")

    def _run(self) -> None:
        while batch := self._next_batch():
            error = self._write([item for item, _, _ in batch], sum(size for _, size, _ in batch))
            self._counts.add(*(REFUSED if error else ACCEPTED), amount=len(batch))
            for _, _, done in batch:
                done(error)

    def _next_batch(self) -> list[tuple[Item, int, Done]]:
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            count = len(self._waiting)
            if self._bytes > MAX_WRITTEN:
                sizes = accumulate(size for _, size, _ in self._waiting)
                count = max(1, sum(1 for total in sizes if total <= MAX_WRITTEN))
            batch, self._waiting = self._waiting[:count], self._waiting[count:]
            self._bytes -= sum(size for _, size, _ in batch)
        return batch
