"""What takes long to find out: asked in the background, and shown with its age."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, TypeVar

import structlog
from sqlalchemy.exc import DatabaseError

T = TypeVar("T")

MAX_AGE: Final = timedelta(minutes=10)
"""How old what is shown may become before it is asked anew: an admin looks a few times, while the
answer may cost reading the whole database."""

PATIENCE_SECONDS: Final = 0.03
"""How long a page waits for an answer that is not there yet. A small instance's is there by then."""


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """An answer, when it was asked for, and why it can't be had, if so."""

    answer: T | None
    at: datetime
    wrong: str = ""


class Measured(Generic[T]):
    """One question. For any number of threads; only one asks."""

    def __init__(self, ask: Callable[[], T], patience: float = PATIENCE_SECONDS) -> None:
        self._ask = ask
        self._patience = patience
        self._lock = threading.Lock()
        self._asking: threading.Thread | None = None
        self._found: Found[T] | None = None

    def latest(self, now: datetime) -> Found[T] | None:
        """The last answer; None if there is none yet. Asks anew where it is old."""
        found = self._found
        if found is None or now - found.at > MAX_AGE:
            self.ask_again()
            if found is None and self._asking is not None:
                self._asking.join(self._patience)
        return self._found

    @property
    def is_asking(self) -> bool:
        """Whether an answer is on its way."""
        return self._asking is not None and self._asking.is_alive()

    def ask_again(self) -> None:
        """Whatever the age of the last answer; nothing, if one is on its way."""
        with self._lock:
            if not self.is_asking:
                self._asking = threading.Thread(target=self._run, name="measure", daemon=True)
                self._asking.start()

    def _run(self) -> None:
        at = datetime.now(UTC)
        try:
            self._found = Found(self._ask(), at)
        except (DatabaseError, OSError) as error:
            structlog.get_logger().warning("storage was not measured", error=str(error))
            said = "The database or the disk did not answer; the server's log says why."
            self._found = Found(None, at, said)
