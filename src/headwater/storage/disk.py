"""How much room is left on a disk, asked so cheaply that every request may ask."""

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

RESERVE: Final = 500 * 1000**2
"""Bytes that stay free unless the settings say otherwise. What was accepted must still be digested
and old events must still be deleted when the disk is as full as we let it become: both write to the
database's log, which is some 100 MB at worst, and the journal asks for its segments in advance."""

RESERVED_PART: Final = 20
"""The reserve is at most one in so many bytes of the disk: half a gigabyte of a disk of two would be
a quarter of it, and a small disk's events come slowly or not for long."""

MAX_AGE_SECONDS: Final = 0.25
"""How old an answer may be. A quarter of a second of all that two cores accept is 10 MB."""


class FreeSpace:
    """The disk that `folder` is on. For any number of threads."""

    def __init__(
        self,
        folder: Path,
        reserve: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`reserve`: bytes to leave free; None: RESERVE, or less on a small disk."""
        self._folder = folder
        self._reserve = reserve
        self._clock = clock
        self._looking = threading.Lock()
        self._looked_at = float("-inf")
        self._missing = 0

    def has_room(self) -> bool:
        """Whether more may be accepted: the reserve is still free. A disk that can't be asked has none."""
        self._look()
        return self._missing <= 0

    def missing(self, reserves: int = 1) -> int:
        """Bytes that would have to become free for `reserves` times the reserve to be so; 0: none.

        Raises OSError if the disk can't be asked.
        """
        free, reserve = self._ask()
        return max(0, reserves * reserve - free)

    def _look(self) -> None:
        now = self._clock()
        # Whoever comes while another looks takes the answer before: a slow network disk holds up one.
        if now - self._looked_at < MAX_AGE_SECONDS or not self._looking.acquire(blocking=False):
            return
        try:
            self._missing = self.missing()
        except OSError:
            self._missing = 1
        finally:
            self._looked_at = now
            self._looking.release()

    def _ask(self) -> tuple[int, int]:
        disk = shutil.disk_usage(self._folder)
        if self._reserve is not None:
            return disk.free, self._reserve
        return disk.free, min(RESERVE, disk.total // RESERVED_PART)
