"""The files of a journal: one writer each, which holds a lock on it for as long as it lives.

Names sort in the order of making. A segment is as long as it will ever be from the beginning, so
that a sync writes data and no sizes; its unused rest is zeros.
"""

import fcntl
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from headwater.storage.files.durable import make_folder, sync_folder

SEGMENT_BYTES: Final = 32 * 1024**2
"""Length of a segment: room for thousands of envelopes, and what an idle instance pays for it."""

SUFFIX: Final = ".journal"

_NAME: Final = re.compile(r"\d{20}-[0-9a-f]{8}\.journal")


def names(folder: Path) -> list[str]:
    """Of every segment, oldest first."""
    try:
        found = os.listdir(folder)  # noqa: PTH208 # names, several times a second
        return sorted(name for name in found if _NAME.fullmatch(name))
    except FileNotFoundError:
        return []


def is_name(name: str) -> bool:
    """Whether a segment may be called so."""
    return _NAME.fullmatch(name) is not None


def total_bytes(folder: Path) -> int:
    """Of all segments."""
    return sum(_sizes(folder))


def _sizes(folder: Path) -> Iterator[int]:
    for name in names(folder):
        with suppress(FileNotFoundError):  # digested and deleted meanwhile
            yield (folder / name).stat().st_size


def salt_of(name: str) -> int:
    """What the checksums of a segment's records begin with: nobody outside knows it."""
    return int(name.removesuffix(SUFFIX).rpartition("-")[2], 16)


def make(folder: Path, length: int) -> tuple[str, int]:
    """A new segment, durable under its name; that, and the descriptor that holds its lock.

    Raises OSError.
    """
    make_folder(folder)
    while True:
        # In nanoseconds, and never the same twice: the clock may have been set back.
        newest = names(folder)[-1:]
        number = max([time.time_ns(), *(_number(name) + 1 for name in newest)])
        path = folder / f"{number:020d}-{secrets.token_hex(4)}{SUFFIX}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            # A reader may have found it in between, taken it for one that was left, and deleted it.
            if _lock(descriptor) and path.exists():
                _allocate(descriptor, length)
                os.fsync(descriptor)
                sync_folder(folder)
                return path.name, descriptor
        except BaseException:
            _discard(descriptor, path)
            raise
        _discard(descriptor, path)


def is_left(descriptor: int) -> bool:
    """Whether its writer is gone. If so, it gets none before the descriptor is closed."""
    return _lock(descriptor)


def sync(descriptor: int) -> None:
    """What was written is on the medium. Raises OSError."""
    if hasattr(fcntl, "F_FULLFSYNC"):  # macOS, whose fsync stops at the disk's own memory
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fdatasync(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _discard(descriptor: int, path: Path) -> None:
    os.close(descriptor)
    with suppress(OSError):
        path.unlink()


def _number(name: str) -> int:
    return int(name.partition("-")[0])


def _allocate(descriptor: int, length: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, length)
    else:
        os.ftruncate(descriptor, length)
