"""Leaving alone for a while what did not answer: else everybody who comes waits for it in turn."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from headwater.storage.files.unreachable import StorageUnreachable

RESTS: Final = 2.0
"""It rests for so many times as long as it was waited for in vain: a third of the time is lost at most."""

LEAST_REST_SECONDS: Final = 1.0


class Resting(StorageUnreachable):
    """It was not asked."""


class Rests:
    """Of one storage, for every thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` in seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._until = float("-inf")
        self._why = ""

    @contextmanager
    def between(self) -> Iterator[None]:
        """Something is asked meanwhile. Raises StorageUnreachable instead, while it rests."""
        began = self._clock()
        with self._lock:
            if began < self._until:
                raise Resting(f"{self._why}; it is asked again in a moment")
        try:
            yield
        except Resting:  # what is asked meanwhile rests: it did not fail anew
            raise
        except StorageUnreachable as error:
            failed = self._clock()
            with self._lock:
                self._why = str(error.strerror)
                self._until = failed + max(LEAST_REST_SECONDS, RESTS * (failed - began))
            raise
