"""A thread that writes what waits, all of it at once."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, Generic

from headwater.storage.process_counts import ProcessCounts
from headwater.storage.queue.queue import Done, QueueUnavailable
from headwater.storage.queue.waiting_room import Item, WaitingRoom

GATHER_SECONDS: Final = 0.001
"""Waited for more to come where several came together before: a write for each two or three takes a
third of the processor that an envelope costs. Who comes alone does not wait."""


class WritingThread(Generic[Item]):
    """`write` gets what waits at the moment, in a thread that starts with the first to come, and says
    what became of all of it. It must not raise: nobody would be written after that."""

    def __init__(
        self,
        write: Callable[[Sequence[Item], int], QueueUnavailable | None],
        counts: ProcessCounts | None,
    ) -> None:
        """`write` also gets the envelopes' bytes; `counts`: of what became of them."""
        self._write = write
        self._room = WaitingRoom[Item](counts)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def enter(self, item: Item, size: int, done: Done) -> None:
        """Wait to be written. `size`: the envelope's bytes. Raises QueueFull."""
        self._room.enter(item, size, done)
        if self._thread is None:
            self._start()

    def close(self) -> None:
        """Have written what waits, and let nobody in any more."""
        self._room.close()
        if self._thread is not None:
            self._thread.join()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="journal", daemon=True)
                thread.start()  # which may fail: then the next to come tries again
                self._thread = thread

    def _run(self) -> None:
        together = 0
        while self._room.wait():
            if together > 1:
                time.sleep(GATHER_SECONDS)
            if batch := self._room.take():
                together = len(batch.items)
                self._room.tell(batch, self._write(batch.items, batch.size))
