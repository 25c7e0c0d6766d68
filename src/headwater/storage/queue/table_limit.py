"""How much may wait in the queue's table: looked at now and then, since to add it up takes its time."""

import time
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select

from headwater.storage.queue.queue import QueueFull
from headwater.storage.schema import queue

LOOK_SECONDS: Final = 5.0
"""How long what was found is taken for true; so long the limit may be exceeded."""

REST: Final = 20
"""Times as long as a look took the next one waits at least: a long queue is added up for a second."""


class TableLimit:
    """Of one process, which looks for itself; the table is everybody's. For one thread."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._next_look = 0.0
        self._held = 0

    def check(self, connection: Connection) -> None:
        """Raises QueueFull if more waits already than may."""
        began = time.monotonic()
        if began >= self._next_look:
            waiting = select(func.coalesce(func.sum(size_of_waiting()), 0))
            self._held = int(connection.execute(waiting).scalar_one())
            ended = time.monotonic()
            self._next_look = ended + max(LOOK_SECONDS, REST * (ended - began))
        if self._held > self._max_bytes:
            raise QueueFull(
                f"{self._held} bytes of envelopes wait to be digested; the limit is {self._max_bytes} bytes"
                " (the server's HEADWATER_MAX_QUEUE)"
            )


def size_of_waiting() -> ColumnElement[int]:
    """Bytes of an envelope in the queue as it came."""
    return func.coalesce(queue.c.plain_size, func.length(queue.c.envelope))
