"""Files that never change, open for reading: few descriptors for any number of files and threads."""

import errno
import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final

MAX_OPEN: Final = 256
"""Descriptors that a process keeps for compiled files: an event touches about ten, and many systems
allow 1,024 in all."""

_ADVISE: Final = hasattr(os, "posix_fadvise")
"""Not on macOS, where reads are merely not hurried."""


class _Descriptor:
    """An open file. It is closed when nobody has this object any more."""

    __slots__ = ("number",)

    def __init__(self, path: str) -> None:
        self.number = -1
        self.number = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        if _ADVISE:
            # Readers touch a few small places far apart. Without this the system reads ahead of
            # each, megabytes on some disks.
            os.posix_fadvise(self.number, 0, 0, os.POSIX_FADV_RANDOM)

    def __del__(self) -> None:
        if self.number >= 0:
            os.close(self.number)


class OpenFiles:
    """Opens files when they are read, and closes those that were not read for longest.

    A descriptor that somebody is reading from is never closed: its number could be another file's
    in the next moment. So nobody closes one; readers and this hold it, and it goes with the last.
    """

    def __init__(self, limit: int = MAX_OPEN) -> None:
        self._limit = limit
        self._files: OrderedDict[str, _Descriptor] = OrderedDict()
        self._lock = threading.Lock()

    def size(self, path: str) -> int:
        """Bytes of the file. Raises OSError."""
        descriptor = self._descriptor(path)  # held, so that nobody closes it meanwhile
        return os.fstat(descriptor.number).st_size

    def read(self, path: str, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """What is at each (offset, length); fewer bytes where the file ends. Raises OSError."""
        try:
            return _read(self._descriptor(path), ranges)
        except OSError as error:
            if error.errno != errno.ESTALE:
                raise
        # A network file system lost what we had open: once more, by the name.
        self.forget(path)
        return _read(self._descriptor(path), ranges)

    def will_read(self, path: str, ranges: Iterable[tuple[int, int]]) -> None:
        """The system may fetch these (offset, length) while others are read. Raises OSError."""
        if not _ADVISE:
            return
        descriptor = self._descriptor(path)
        for offset, length in ranges:
            os.posix_fadvise(descriptor.number, offset, length, os.POSIX_FADV_WILLNEED)

    def forget(self, path: str) -> None:
        """Let go of a file: it is gone, or another one has its name."""
        with self._lock:
            self._files.pop(path, None)

    def close(self) -> None:
        """Let go of all of them."""
        with self._lock:
            self._files.clear()

    def __len__(self) -> int:
        """How many are open and kept."""
        return len(self._files)

    def _descriptor(self, path: str) -> _Descriptor:
        with self._lock:
            found = self._files.get(path)
            if found is not None:
                self._files.move_to_end(path)
                return found
        opened = _Descriptor(path)
        with self._lock:
            # Another thread may have been quicker.
            found = self._files.setdefault(path, opened)
            if len(self._files) > self._limit:
                self._files.popitem(last=False)
        return found


def _read(descriptor: _Descriptor, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    """All that there is; who calls this holds the descriptor, so that nobody closes it meanwhile."""
    found = []
    for offset, length in ranges:
        # Not mmap: where a mapped file is cut short or a network file system fails, the process
        # dies.
        piece = os.pread(descriptor.number, length, offset)
        if len(piece) != length:
            piece = _rest(descriptor.number, offset, length, piece)
        found.append(piece)
    return found


def _rest(number: int, offset: int, length: int, found: bytes) -> bytes:
    """All that there is of `length` bytes, of which some are found already."""
    pieces = [found]
    done = len(found)
    while done < length and (piece := os.pread(number, length - done, offset + done)):
        pieces.append(piece)
        done += len(piece)
    return b"".join(pieces)
