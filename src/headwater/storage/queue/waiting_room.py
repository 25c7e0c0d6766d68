"""Envelopes in memory that wait to be written together: bounded, in their order."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Generic, TypeVar

from headwater.storage.process_counts import ProcessCounts
from headwater.storage.queue.queue import Done, QueueFull, QueueUnavailable

MAX_WAITING: Final = 10_000
"""Envelopes in memory that wait for the disk: seconds of work, and beyond that, no rescue."""

MAX_WAITING_BYTES: Final = 64 * 1024**2
"""Bytes of those envelopes: what a small server can spare."""

MAX_WRITTEN: Final = 16 * 1024**2
"""Bytes of envelopes that are being written (a single larger envelope is its own batch)."""

ACCEPTED: Final = ("envelopes", "accepted")
REFUSED: Final = ("envelopes", "refused")

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Batch(Generic[Item]):
    """What is written together. `size`: the envelopes' bytes."""

    items: Sequence[Item]
    size: int
    waiting: Sequence[Done]


class WaitingRoom(Generic[Item]):
    """Whoever writes takes a batch, and says what became of it. Any threads."""

    def __init__(self, counts: ProcessCounts | None = None) -> None:
        """`counts`: of what became of the envelopes."""
        self._counts = counts or ProcessCounts()
        self._waiting: list[tuple[Item, int, Done]] = []
        self._bytes = 0
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self.is_closed = False

    def enter(self, item: Item, size: int, done: Done) -> None:
        """Wait to be written. `size`: the envelope's bytes. Raises QueueFull."""
        with self._lock:  # of the condition; entering that takes twice as long
            self._check_room(size)
            self._waiting.append((item, size, done))
            self._bytes += size
            if len(self._waiting) == 1:
                self._changed.notify()

    def wait(self) -> bool:
        """Until somebody waits; or False: it is closed, and nobody does."""
        with self._changed:
            while not self._waiting and not self.is_closed:
                self._changed.wait()
            return bool(self._waiting)

    def take(self, max_bytes: int = MAX_WRITTEN) -> Batch[Item] | None:
        """Those who have waited longest, as many as may be written at once; None if nobody waits."""
        with self._changed:
            if not self._waiting:
                return None
            count = len(self._waiting)
            if self._bytes > max_bytes:
                sizes = accumulate(size for _, size, _ in self._waiting)
                count = max(1, sum(1 for total in sizes if total <= max_bytes))
            taken, self._waiting = self._waiting[:count], self._waiting[count:]
            items, sizes_taken, waiting = zip(*taken, strict=True)
            self._bytes -= sum(sizes_taken)
        return Batch(items, sum(sizes_taken), waiting)

    def tell(self, batch: Batch[Item], error: QueueUnavailable | None) -> None:
        """Say what became of all of it."""
        self._counts.add(*(REFUSED if error else ACCEPTED), amount=len(batch.items))
        for done in batch.waiting:
            done(error)

    @property
    def is_waited_in(self) -> bool:
        """Whether somebody waits, and others may come."""
        return bool(self._waiting) and not self.is_closed

    def close(self) -> None:
        """Let nobody in any more."""
        with self._changed:
            self.is_closed = True
            self._changed.notify()

    def check_open(self) -> None:
        """Raises QueueFull once it is closed."""
        if self.is_closed:
            raise QueueFull("the server is shutting down")

    def _check_room(self, size: int) -> None:
        self.check_open()
        if len(self._waiting) >= MAX_WAITING:
            raise QueueFull(f"{MAX_WAITING} envelopes are waiting for the disk already")
        if self._waiting and self._bytes + size > MAX_WAITING_BYTES:
            raise QueueFull(f"{MAX_WAITING_BYTES} bytes are waiting for the disk already")
