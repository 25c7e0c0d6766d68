"""A bucket's files in a folder of this machine: those that were used last, within a bound of bytes.

Several processes may share the folder. What is in it is copies: any of it may be deleted at any time,
and comes again from the bucket. A copy that is damaged is found out by whoever reads it, and let go
(`renew`) before anybody gives up the file itself.
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from headwater.sourcemaps.compiled.parts import Raw
from headwater.storage.files.bucket import Bucket
from headwater.storage.files.durable import rename
from headwater.storage.files.folder import Folder, FolderReading
from headwater.storage.files.store import Entry
from headwater.storage.files.unreachable import StorageUnreachable

FETCH_SECONDS: Final = 20
"""For one file, but for the request that is under way then; an event waits for it."""

EVICTED_PART: Final = 20
"""When copies are over the bound, one in so many bytes of it becomes free; and so much may come until
a process looks again."""

FETCHES: Final = 3
"""Of a file that goes again before it was opened."""

TOUCHED_AGAIN_SECONDS: Final = 600
"""Between two notes on the disk that a copy is still read: a map may be open for days."""

RENEWED_AGAIN_SECONDS: Final = 600
"""How long a file is remembered whose copy was let go: if it is damaged again, the bucket's is."""

MAX_RENEWED: Final = 1_000
"""Of these, the latest."""


class Near:
    """A `storage.files.store.NearStore`."""

    def __init__(
        self,
        bucket: Bucket,
        folder: Path,
        limit: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`limit` in bytes; `clock` in seconds."""
        self._bucket = bucket
        self._copies = Folder(folder)
        self._limit = limit
        self.clock = clock
        self._lock = threading.Lock()
        self._unseen = limit
        """Bytes that came since this process looked what is there; the first one makes it look."""
        self._renewed: OrderedDict[str, float] = OrderedDict()

    @property
    def place(self) -> str:
        """The bucket's."""
        return self._bucket.place

    @property
    def folder(self) -> Path:
        """Of the copies."""
        return self._copies.root

    def parts(self) -> Iterator[str]:
        """The bucket's."""
        return self._bucket.parts()

    def temporary(self) -> Path:
        """Beside the copies, so that it can become one."""
        return self._copies.temporary()

    def adopt(self, temporary: Path, key: str, *, is_synced: bool = True) -> int:
        """In the bucket; a copy stays here."""
        size = self._bucket.send(temporary, key, is_synced=is_synced)
        self._keep(temporary, key)
        return size

    def reading(self, key: str) -> "NearReading":
        """Of the copy."""
        return NearReading(self, key)

    def bring_near(self, key: str) -> None:
        """Fetch it, unless it is here."""
        try:
            os.utime(self._copies.path(key))
        except FileNotFoundError:
            self._fetch(key)

    def touch(self, key: str) -> None:
        """It is used now; that it went to make room, its reader finds out."""
        with suppress(FileNotFoundError):
            os.utime(self._copies.path(key))

    def renew(self, key: str) -> bool:
        """A file whose copy was let go already, and that is damaged again, is damaged in the bucket."""
        now = self.clock()
        with self._lock:
            last = self._renewed.get(key)
            if last is not None and now - last < RENEWED_AGAIN_SECONDS:
                return False
            self._renewed[key] = now
            self._renewed.move_to_end(key)
            while len(self._renewed) > MAX_RENEWED:
                self._renewed.popitem(last=False)
        self._copies.delete(key)
        return True

    def delete(self, key: str, moment: datetime | None = None) -> None:
        """Also the copy; on other machines it goes when others need the room."""
        self._copies.delete(key)
        self._bucket.delete(key, moment)

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """The bucket's."""
        return self._bucket.entries(prefix)

    def sweep(self, moment: datetime) -> int:
        """On this machine."""
        return self._copies.sweep(moment) + self._bucket.sweep(moment)

    def copy(self, key: str) -> FolderReading:
        """To read a copy. Raises FileNotFoundError if there is none."""
        return self._copies.reading(key)

    def _fetch(self, key: str) -> None:
        with self._bucket.rests.between():
            self._copied(key, self.clock() + FETCH_SECONDS)

    def _copied(self, key: str, until: float) -> None:
        path = self._copies.temporary()
        try:
            with path.open("xb") as file:
                for piece in self._bucket.pieces(key, self._bucket.size(key)):
                    file.write(piece)
                    if self.clock() > until:
                        raise StorageUnreachable(
                            f"{self.place} took more than {FETCH_SECONDS} seconds for a file"
                        )
            self._keep(path, key)
        finally:
            path.unlink(missing_ok=True)

    def _keep(self, copy: Path, key: str) -> None:
        size = rename(copy, self._copies.path(key))
        with self._lock:
            self._unseen += size
            if self._unseen * EVICTED_PART < self._limit:
                return
            self._unseen = 0
        self._evict()

    def _evict(self) -> None:
        """Delete what was used longest ago, if there is more than the bound."""
        entries = sorted(self._copies.entries(), key=lambda each: each.written_at)
        excess = sum(each.size for each in entries) - self._limit
        if excess <= 0:
            return
        excess += self._limit // EVICTED_PART
        for each in entries:
            if excess <= 0:
                return
            self._copies.delete(each.key)
            excess -= each.size


class NearReading:
    """A file in a bucket that is read by place, from a copy on this machine."""

    def __init__(self, near: Near, key: str) -> None:
        self._near = near
        self._key = key
        self._touched_at = near.clock()
        self._copy = self._found()
        self.size = self._copy.size

    @property
    def waits(self) -> bool:
        """Of the copy."""
        return self._copy.waits

    def read(self, ranges: Sequence[tuple[int, int]]) -> list[Raw]:
        """Fetches the file again, if the copy is gone."""
        if (now := self._near.clock()) - self._touched_at > TOUCHED_AGAIN_SECONDS:
            self._touched_at = now
            self._near.touch(self._key)
        try:
            return self._copy.read(ranges)
        except FileNotFoundError:
            self._copy = self._found()
            return self._copy.read(ranges)

    def will_read(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Of the copy."""
        self._copy.will_read(ranges)

    def _found(self) -> FolderReading:
        for _ in range(FETCHES):
            self._near.bring_near(self._key)
            with suppress(FileNotFoundError):  # it went in this moment, to make room
                return self._near.copy(self._key)
        raise StorageUnreachable(
            f"HEADWATER_SOURCEMAP_CACHE leaves no room for copies of what is in {self._near.place}"
        )
