"""Memory that was freed, given back to the system: glibc's allocator keeps it otherwise, in pieces between
what is still used, up to half of what a process has."""

import ctypes
import os
from pathlib import Path
from typing import Final

WORTH_GIVING: Final = 8 * 1024**2
"""Bytes that a process must have grown by since the last time: to look through what is free takes 15 ms,
and 50 where much is, in which whoever needs a larger piece of memory waits."""


class FreedMemory:
    """Of this process; used by one thread."""

    def __init__(self) -> None:
        self._after = 0

    def give_back(self) -> None:
        """If there may be something worth it; nothing where the allocator is another."""
        if _trim is not None and _resident() > self._after + WORTH_GIVING:
            _trim(0)
            self._after = _resident()


def _resident() -> int:
    """Bytes; Linux, as glibc. 0 where the system doesn't say: then nothing is given back."""
    try:
        pages = _STATM.read_text().split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


_STATM: Final = Path("/proc/self/statm")


_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
if _trim is not None:
    _trim.argtypes = [ctypes.c_size_t]
