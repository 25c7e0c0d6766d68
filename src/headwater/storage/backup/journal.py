"""The journal's part of a backup: events that were accepted and are not digested yet."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from headwater.storage.queue.journal import segments
from headwater.storage.queue.journal.records import MARK, read, record_size

MAX_SEARCH: Final = 256 * 1024**2
"""Bytes of what looks like records and isn't that are checked behind a segment's last readable one."""

_READ_BYTES: Final = 1024**2


@contextmanager
def held_segments(folder: Path) -> Iterator["HeldSegments"]:
    """The segments that are there now can be read until the end, though the digest delete them."""
    with ExitStack() as stack:
        held = HeldSegments(folder, stack)
        held.hold()
        yield held


class HeldSegments:
    """Held before the database's moment, and again after it: what the database has not digested at that
    moment is in a segment of before, or in one that came since."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._descriptors: dict[str, int] = {}

    def hold(self) -> None:
        """Those that there are now as well."""
        for name in segments.names(self._folder):
            if name not in self._descriptors:
                try:
                    descriptor = os.open(self._folder / name, os.O_RDONLY)
                except FileNotFoundError:  # digested and deleted meanwhile
                    continue
                self._stack.callback(os.close, descriptor)
                self._descriptors[name] = descriptor

    def contents(self) -> Iterator[tuple[str, bytes]]:
        """Each as it is now, by its name, without what its writer is in the middle of."""
        for name, descriptor in sorted(self._descriptors.items()):
            data = b"".join(_pieces(descriptor))
            yield name, _without_unfinished(data, segments.salt_of(name))


def _pieces(descriptor: int) -> Iterator[bytes]:
    position = 0
    while piece := os.pread(descriptor, _READ_BYTES, position):
        position += len(piece)
        yield piece


def _without_unfinished(data: bytes, salt: int) -> bytes:
    """With zeros in place of a last record that is not whole: it was not acknowledged."""
    end = 0
    while (record := read(data, end, 0, salt)) is not None:
        end = record.end
    behind, looked_at = data.find(MARK, end + 1), 0
    while behind >= 0:
        looked_at += record_size(data, behind) or 0
        if looked_at > MAX_SEARCH or read(data, behind, 0, salt) is not None:
            return data  # damage in the middle is for the digest to judge
        behind = data.find(MARK, behind + 1)
    return data[:end].ljust(len(data), b"\0")
