"""Files that never change, open for reading: few descriptors for any number of files and threads."""

import errno
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final

from headwater.sourcemaps.compiled.parts import Raw

MAX_OPEN: Final = 256
"""Descriptors that a process keeps for compiled files: an event touches about ten, and many systems
allow 1,024 in all."""

_ADVISE: Final = hasattr(os, "posix_fadvise")
"""Not on macOS, where reads are merely not hurried."""

_AT_ONCE: Final[int | None] = getattr(os, "RWF_NOWAIT", None)
"""Reads what is in memory and nothing else: on Linux, from most file systems."""
_CAN_NOT: Final = (errno.EAGAIN, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS)
"""It is not in memory, or this file system (NFS) or kernel can't say."""

WAITS_SECONDS: Final = 1.0
"""So long after a read that had to wait it is worth to say beforehand what will be read: an event reads
all that it needs within that."""


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
        self._waits_until = 0.0

    @property
    def waits(self) -> bool:
        """Whether a read had to wait lately. If not, all is in memory: `will_read` would only cost."""
        return time.monotonic() < self._waits_until

    def size(self, path: str) -> int:
        """Bytes of the file. Raises OSError."""
        descriptor = self._descriptor(path)  # held, so that nobody closes it meanwhile
        return os.fstat(descriptor.number).st_size

    def read(self, path: str, ranges: Sequence[tuple[int, int]]) -> list[Raw]:
        """What is at each (offset, length); fewer bytes where the file ends. Raises OSError."""
        try:
            return self._read(self._descriptor(path), ranges)
        except OSError as error:
            if error.errno != errno.ESTALE:
                raise
        # A network file system lost what we had open: once more, by the name.
        self.forget(path)
        return self._read(self._descriptor(path), ranges)

    def will_read(self, path: str, ranges: Iterable[tuple[int, int]]) -> None:
        """The system may fetch these (offset, length) while others are read. Raises OSError."""
        if not _ADVISE:
            return
        _fetch(self._descriptor(path), ranges)

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

    def _read(self, descriptor: _Descriptor, ranges: Sequence[tuple[int, int]]) -> list[Raw]:
        """All that there is; who calls this holds the descriptor, so that nobody closes it meanwhile."""
        found = _at_once(descriptor.number, ranges)
        missing = [each for each, piece in zip(ranges, found, strict=True) if piece is None]
        if missing:
            self._waits_until = time.monotonic() + WAITS_SECONDS
            if _ADVISE and len(missing) > 1:
                _fetch(descriptor, missing)
        return [
            _waited_for(descriptor.number, *each) if piece is None else piece
            for each, piece in zip(ranges, found, strict=True)
        ]


def _fetch(descriptor: _Descriptor, ranges: Iterable[tuple[int, int]]) -> None:
    for offset, length in ranges:
        os.posix_fadvise(descriptor.number, offset, length, os.POSIX_FADV_WILLNEED)


def _at_once(number: int, ranges: Sequence[tuple[int, int]]) -> list[Raw | None]:
    """What is at each place, if all of it is in memory."""
    if _AT_ONCE is None:
        return [None] * len(ranges)
    found: list[Raw | None] = []
    for offset, length in ranges:
        piece = bytearray(length)
        try:
            read = os.preadv(number, (piece,), offset, _AT_ONCE)
        except OSError as error:
            if error.errno not in _CAN_NOT:
                raise
            read = 0
        found.append(piece if read == length else None)
    return found


def _waited_for(number: int, offset: int, length: int) -> bytes:
    # Not mmap: where a mapped file is cut short or a network file system fails, the process dies.
    piece = os.pread(number, length, offset)
    return piece if len(piece) == length else _rest(number, offset, length, piece)


def _rest(number: int, offset: int, length: int, found: bytes) -> bytes:
    """All that there is of `length` bytes, of which some are found already."""
    pieces = [found]
    done = len(found)
    while done < length and (piece := os.pread(number, length - done, offset + done)):
        pieces.append(piece)
        done += len(piece)
    return b"".join(pieces)
