"""A thread that writes down, every second or so, what gathered in memory."""

import contextlib
import threading
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

FLUSH_SECONDS: Final = 1.0
"""How long things gather in memory. A killed process loses as much, so only what may be lost goes
this way: a synced write for each refused request would be a way to hurt the server."""


class Flusher:
    """Calls `flush` regularly, once it is started."""

    def __init__(self, name: str, flush: Callable[[], None]) -> None:
        self._name = name
        self._flush = flush
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    def start(self) -> None:
        """Have a thread; starting it again changes nothing."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Stop, and flush a last time."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()
        self._flush()

    def _run(self) -> None:
        while not self._closed.wait(FLUSH_SECONDS):
            # A busy or full database: what has gathered stays, the next round tries again.
            with contextlib.suppress(SQLAlchemyError):
                self._flush()
