"""How much may wait in the queue's table: looked at now and then, since to add it up takes its time."""

import time
from typing import Final

from sqlalchemy import Connection, func, select

from headwater.storage.queue.queue import QueueFull
from headwater.storage.schema import queue

LOOK_SECONDS: Final = 5.0
"""How long what was found is taken for true; so long the limit may be exceeded."""

SAMPLE: Final = 200
"""Of the newest envelopes, whose length is taken for that of all until it matters."""


class TableLimit:
    """Of one process, which looks for itself; the table is everybody's. Of threads that come at once each looks."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._looked_at: float | None = None
        self._held = 0

    def check(self, connection: Connection) -> None:
        """Raises QueueFull if more waits already than may."""
        now = time.monotonic()
        if self._looked_at is None or now - self._looked_at > LOOK_SECONDS:
            self._held = _held(connection, self._max_bytes)
            self._looked_at = now
        if self._held > self._max_bytes:
            raise QueueFull(
                f"{self._held} bytes of envelopes wait to be digested; the limit is {self._max_bytes} bytes"
                " (the server's HEADWATER_MAX_QUEUE)"
            )


def _held(connection: Connection, limit: int) -> int:
    """Bytes that wait; exactly, where it seems to be more than the limit."""
    size = func.length(queue.c.envelope)
    newest = select(size.label("size")).order_by(queue.c.id.desc()).limit(SAMPLE).subquery()
    # Numbers are left out where others went before: what was given back, and waits alone, is old.
    rows = select(func.max(queue.c.id) - func.min(queue.c.id) + 1).scalar_subquery()
    mean = select(func.avg(newest.c.size)).scalar_subquery()
    about = int(connection.execute(select(func.coalesce(rows * mean, 0))).scalar_one())
    if about <= limit:
        return about
    return int(connection.execute(select(func.coalesce(func.sum(size), 0))).scalar_one())
