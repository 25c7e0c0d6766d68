"""A thread that writes what waits, all of it at once."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, Generic

from headwater.storage.process_counts import ProcessCounts
from headwater.storage.queue.queue import Done, QueueUnavailable
from headwater.storage.queue.waiting_room import Item, WaitingRoom

GATHER_SECONDS: Final = 0.001
"""How long a crowd is waited for before it is written: with a write for every few of them, the writes
take a third of the processor."""

FEW: Final = 4
"""So many written together are no crowd: what they would wait for is each other's next one."""


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
        # First, since it may fail: who is in the room is written, whatever is said here.
        if self._thread is None:
            self._start()
        self._room.enter(item, size, done)

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
        is_crowded = False
        while self._room.wait():
            if is_crowded:
                time.sleep(GATHER_SECONDS)
            if batch := self._room.take():
                error = self._write(batch.items, batch.size)
                # Before they are told, since whoever is told comes again.
                is_crowded = len(batch.items) > FEW and self._room.is_waited_in
                self._room.tell(batch, error)
