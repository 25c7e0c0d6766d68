"""One segment as its reader sees it: records from a position on, and what is done about damage."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from headwater.storage.queue.journal import segments
from headwater.storage.queue.journal.records import HEAD, MARK, Record, read, record_size
from headwater.storage.queue.queue import MAX_BATCH_BYTES, MAX_CLAIM

WINDOW: Final = 1024**2
"""Bytes of a segment that are read at a time."""

SETTLE_SECONDS: Final = 5.0
"""How long a record may stay unreadable while its writer lives, who may be in the middle of it.
After that it is damaged, and what is behind it is looked for."""

MAX_SEARCH: Final = 4 * 1024**3
"""Bytes of what looks like records and isn't that are checked behind a damaged place."""


class Segment:
    """`position`: where the next record to be claimed begins. Raises OSError."""

    def __init__(self, folder: Path, name: str, position: int) -> None:
        self.name = name
        self.position = position
        self.tried = (position, 0)
        """Where a suspect begins, and how often a worker was at it without finishing it."""
        self.suspect_until = 0
        """Records that begin before this one come alone."""
        self.is_damaged = False
        self._salt = segments.salt_of(name)
        self._path = folder / name
        self._descriptor = os.open(self._path, os.O_RDONLY)
        self._unreadable_since: float | None = None

    def records(self, limit: int) -> list[Record]:
        """The next ones, without moving on: up to `limit`, and up to MAX_BATCH_BYTES (but one)."""
        found: list[Record] = []
        size = 0
        for record in self._read_from(self.position):
            size += len(record.body)
            if found and size > MAX_BATCH_BYTES:
                break
            found.append(record)
            if len(found) == limit:
                break
        return found

    def rest(self) -> Iterator[Record]:
        """All that can be read from here on, moving on. Nothing is stepped over."""
        while records := self.records(MAX_CLAIM):
            yield from records
            self.position = records[-1].end

    def is_over(self) -> bool:
        """Whether nothing comes any more. A damaged place is stepped over, if something is behind."""
        has_writer = not segments.is_left(self._descriptor)
        if self.records(1):  # written meanwhile
            self._unreadable_since = None
            return False
        if self._is_blank():
            self._unreadable_since = None
            return not has_writer
        if has_writer and not self._has_settled():
            return False
        behind = self._next_readable()
        if behind is None:
            # Mostly a record that was never acknowledged, since its writer was killed; nobody knows.
            self.is_damaged = not has_writer
            return not has_writer
        if self.records(1):
            # Its writer has come to the end of it meanwhile; it writes one record after the other.
            return False
        self.is_damaged = True
        self.position = behind
        return False

    def close(self, *, delete: bool = False) -> None:
        """Let go of it; `delete` it, or, if it is damaged, put it aside for a person."""
        # Deleted while it is locked, so that who has just made it notices.
        if delete and self.is_damaged:
            self._path.replace(self._path.with_suffix(".damaged"))
        elif delete:
            self._path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def _read_from(self, position: int) -> Iterator[Record]:
        while data := os.pread(self._descriptor, WINDOW, position):
            at = 0
            while (record := read(data, at, position, self._salt)) is not None:
                yield record
                at = record.end - position
            size = record_size(data, at)
            if at == 0 and (size is None or size <= WINDOW):
                return
            if at == 0 and size is not None:
                # Larger than a window: read it in one piece.
                whole = os.pread(self._descriptor, size, position)
                record = read(whole, 0, position, self._salt)
                if record is None:
                    return
                yield record
                at = size
            position += at

    def _is_blank(self) -> bool:
        return not any(os.pread(self._descriptor, HEAD.size, self.position))

    def _has_settled(self) -> bool:
        now = time.monotonic()
        if self._unreadable_since is None:
            self._unreadable_since = now
        return now - self._unreadable_since >= SETTLE_SECONDS

    def _next_readable(self) -> int | None:
        """Where the first undamaged record behind the unreadable one begins."""
        start, looked_at = self.position + 1, 0
        while data := os.pread(self._descriptor, WINDOW, start):
            at = data.find(MARK)
            while at >= 0 and looked_at < MAX_SEARCH:
                size = record_size(data, at)
                looked_at += size or 0
                if size and next(self._read_from(start + at), None) is not None:
                    return start + at
                at = data.find(MARK, at + 1)
            if len(data) < WINDOW:
                return None
            start += len(data) - HEAD.size + 1
        return None
