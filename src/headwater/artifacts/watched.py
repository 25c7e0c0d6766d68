"""Compiled files of which it is known, when one turns out to be damaged, which it was."""

import errno
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

from headwater.sourcemaps.compiled.parts import Bytes, CompiledFileDamaged, Range, Raw, tail_of
from headwater.storage.files.compiled_files import CompiledFile, CompiledFiles, CompiledName

_LOST: Final = (errno.ENOENT, errno.ESTALE)
"""The file is gone. Any other error is the system's, and passes: too many open files, a disk or
network that does not answer. What was compiled is as good as ever then."""


class WatchedFiles:
    """Opens compiled files. Threads may share it."""

    def __init__(self, files: CompiledFiles) -> None:
        self._files = files
        self._last = _LastRead()

    def open(self, key: str) -> Bytes:
        """A compiled file by its name. Raises CompiledFileDamaged if it is lost, OSError."""
        self._last.key = key
        try:
            return _WatchedFile(self._files.open(CompiledName.parse(key)), self._last)
        except ValueError as error:
            raise CompiledFileDamaged(f"{key} can't be opened: {error}") from None
        except OSError as error:
            if error.errno not in _LOST:
                raise
            raise CompiledFileDamaged(f"{key} can't be opened: {error}") from None

    def announce(self, key: str) -> None:
        """Let the system fetch what opening a compiled file will read, while others are read."""
        with suppress(CompiledFileDamaged, OSError):  # opening it will tell
            file = self.open(key)
            file.will_read([tail_of(file.size)])

    def last_read(self) -> str | None:
        """What this thread read last: the one to blame for a CompiledFileDamaged."""
        return self._last.key


class _LastRead(threading.local):
    """The name of the file that a thread read last."""

    def __init__(self) -> None:
        self.key: str | None = None


class _WatchedFile:
    """A compiled file that tells of its loss as of a damage: it can be made anew."""

    def __init__(self, file: CompiledFile, last: _LastRead) -> None:
        self._file = file
        self._last = last
        self.key = file.key
        self.size = file.size

    @property
    def waits(self) -> bool:
        return self._file.waits

    def read_all(self, ranges: Sequence[Range]) -> list[Raw]:
        self._last.key = self.key
        try:
            return self._file.read_all(ranges)
        except OSError as error:
            if error.errno not in _LOST:
                raise
            raise CompiledFileDamaged(f"{self.key} can't be read: {error}") from None

    def will_read(self, ranges: Iterable[Range]) -> None:
        with suppress(OSError):  # reading it will tell
            self._file.will_read(ranges)
