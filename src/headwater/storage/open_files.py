"""Files that never change, open for reading: few descriptors for any number of files and threads."""

import errno
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MAX_OPEN: Final = 256
"""Descriptors that a process keeps for compiled files: an event touches about ten, and many systems
allow 1,024 in all."""

_ADVISE: Final = hasattr(os, "posix_fadvise")
"""Not on macOS, where reads are merely not hurried."""


@dataclass(slots=True)
class _Open:
    """A descriptor and how many are reading from it right now."""

    descriptor: int
    readers: int = 0
    is_kept: bool = True


class OpenFiles:
    """Opens files when they are read, and closes those that were not read for longest.

    A descriptor that somebody is reading from is never closed: its number could be another file's
    in the next moment.
    """

    def __init__(self, limit: int = MAX_OPEN) -> None:
        self._limit = limit
        self._files: OrderedDict[Path, _Open] = OrderedDict()
        self._lock = threading.Lock()

    def size(self, path: Path) -> int:
        """Bytes of the file. Raises OSError."""
        with self._descriptor(path) as descriptor:
            return os.fstat(descriptor).st_size

    def read(self, path: Path, offset: int, length: int) -> bytes:
        """Bytes from a place; fewer where the file ends. Raises OSError."""
        try:
            with self._descriptor(path) as descriptor:
                return _read(descriptor, offset, length)
        except OSError as error:
            if error.errno != errno.ESTALE:
                raise
        # A network file system lost what we had open: once more, by the name.
        self.forget(path)
        with self._descriptor(path) as descriptor:
            return _read(descriptor, offset, length)

    def will_read(self, path: Path, ranges: list[tuple[int, int]]) -> None:
        """The system may fetch these (offset, length) while others are read. Raises OSError."""
        if not _ADVISE:
            return
        with self._descriptor(path) as descriptor:
            for offset, length in ranges:
                os.posix_fadvise(descriptor, offset, length, os.POSIX_FADV_WILLNEED)

    def forget(self, path: Path) -> None:
        """Let go of a file: it is gone, or another one has its name."""
        with self._lock:
            self._drop(path)

    def close(self) -> None:
        """Let go of all of them."""
        with self._lock:
            for path in tuple(self._files):
                self._drop(path)

    def __len__(self) -> int:
        """How many are open and kept."""
        return len(self._files)

    @contextmanager
    def _descriptor(self, path: Path) -> Iterator[int]:
        file = self._taken(path)
        try:
            yield file.descriptor
        finally:
            with self._lock:
                file.readers -= 1
                _close_if_done(file)

    def _taken(self, path: Path) -> _Open:
        with self._lock:
            file = self._files.get(path)
            if file is not None:
                file.readers += 1
                self._files.move_to_end(path)
                return file
        opened = _Open(_open(path), readers=1)
        with self._lock:
            file = self._files.get(path)
            if file is not None:  # another thread was quicker
                os.close(opened.descriptor)
                file.readers += 1
                return file
            self._files[path] = opened
            while len(self._files) > self._limit:
                self._drop(next(iter(self._files)))
        return opened

    def _drop(self, path: Path) -> None:
        file = self._files.pop(path, None)
        if file is not None:
            file.is_kept = False
            _close_if_done(file)


def _open(path: Path) -> int:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    if _ADVISE:
        # Readers touch a few small places far apart. Without this the system reads ahead of each,
        # megabytes on some disks.
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_RANDOM)
        except OSError:
            os.close(descriptor)
            raise
    return descriptor


def _read(descriptor: int, offset: int, length: int) -> bytes:
    # Not mmap: where a mapped file is cut short or a network file system fails, the process dies.
    piece = os.pread(descriptor, length, offset)
    if len(piece) == length or not piece:
        return piece
    pieces = [piece]
    done = len(piece)
    while done < length and (piece := os.pread(descriptor, length - done, offset + done)):
        pieces.append(piece)
        done += len(piece)
    return b"".join(pieces)


def _close_if_done(file: _Open) -> None:
    if not file.is_kept and not file.readers and file.descriptor >= 0:
        os.close(file.descriptor)
        file.descriptor = -1
