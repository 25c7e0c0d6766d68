"""Making a finished file durable under its name: all of it or nothing, whenever the power fails."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

SYNCS: Final = 16
"""Files that are synced at a time."""


def sync_file(path: Path) -> None:
    """The file's bytes are on the medium, whoever wrote them."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """The names in a folder are on the medium."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_all(sync: Callable[[Path], object], paths: Iterable[Path]) -> None:
    """Sync files or folders, several at a time: a disk that is asked for many makes one write of
    them. Raises the first OSError."""
    with ThreadPoolExecutor(SYNCS) as pool:
        for _ in pool.map(sync, paths):
            pass


def make_folder(folder: Path) -> None:
    """A folder that is there, and on the medium, with those that it is in."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir()
    sync_folder(folder.parent)


def adopt(temporary: Path, final: Path) -> int:
    """Give a file on the same volume its name, durably; its size in bytes.

    The order matters: its bytes first, then its name, then the folder that has the name.
    """
    sync_file(temporary)
    make_folder(final.parent)
    size = rename(temporary, final)
    sync_folder(final.parent)
    return size


def rename(temporary: Path, final: Path) -> int:
    """Give a file on the same volume its name; its size in bytes. A power cut may take the file, or
    leave half of it."""
    size = temporary.stat().st_size
    final.parent.mkdir(parents=True, exist_ok=True)
    temporary.replace(final)
    return size


def written_at(path: Path) -> datetime:
    """When the file was last written; one that is gone is the youngest of all."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:  # another process was quicker
        return datetime.max.replace(tzinfo=UTC)


def sweep(folder: Path, moment: datetime) -> int:
    """Delete files that were last written before `moment`; how many. No folder is fine."""
    leftovers = [path for path in folder.glob("*") if written_at(path) < moment]
    for path in leftovers:
        with suppress(FileNotFoundError):
            path.unlink()
    return len(leftovers)
