"""How much may wait in the queue's table: looked at now and then, since to add it up takes its time."""

import logging
import time
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import SQLAlchemyError

from headwater.storage.database import Database
from headwater.storage.queue.queue import QueueFull
from headwater.storage.schema import queue

_log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 5.0
"""How long what was found is taken for true; so long the limit may be exceeded."""

REST: Final = 20
"""Times as long as a look took the next one waits at least: a long queue is added up for a second."""


class TableLimit:
    """Of one process, which looks for itself; the table is everybody's."""

    def __init__(self, database: Database, max_bytes: int) -> None:
        self._database = database
        self._max_bytes = max_bytes
        self._next_look = 0.0
        self._is_looking = False
        self._held = 0

    def is_to_look(self) -> bool:
        """Whether whoever asks is to look; nobody else is asked to until that is done, and for a while."""
        if self._is_looking or time.monotonic() < self._next_look:
            return False
        self._is_looking = True
        return True

    def look(self) -> None:
        """Add up what waits; may take a second. What was found before holds on if it can't be."""
        began = time.monotonic()
        waiting = select(func.coalesce(func.sum(size_of_waiting()), 0))
        try:
            with self._database.read() as connection:
                self._held = int(connection.execute(waiting).scalar_one())
        except SQLAlchemyError as error:
            _log.warning(
                "how much waits in the queue could not be added up (%s); until it is, the last sum counts",
                error.__class__.__name__,
            )
        finally:
            ended = time.monotonic()
            self._next_look = ended + max(LOOK_SECONDS, REST * (ended - began))
            self._is_looking = False

    def check(self) -> None:
        """Raises QueueFull if more waits already than may."""
        if self._held > self._max_bytes:
            raise QueueFull(
                f"{self._held} bytes of envelopes wait to be digested; the limit is {self._max_bytes} bytes"
                " (the server's HEADWATER_MAX_QUEUE)"
            )


def size_of_waiting() -> ColumnElement[int]:
    """Bytes of an envelope in the queue as it came."""
    return func.coalesce(queue.c.plain_size, func.length(queue.c.envelope))
