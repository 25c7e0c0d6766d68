"""Where the storage page gets what it shows, and what it frees."""

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self

from msgspec import Struct

from headwater.artifacts.keeping import Keeping
from headwater.server.web.storage.measured import Measured
from headwater.storage.database import Database
from headwater.storage.disk import FreeSpace
from headwater.storage.events.retention import Retained
from headwater.storage.files.store import Store
from headwater.storage.files.stores import CHUNKS, COMPILED, COPIES, FILES, PACKS, PARTS, Stores
from headwater.storage.folder_size import FolderSize, folder_size
from headwater.storage.pages import Pages, Space
from headwater.storage.table_sizes import TableSizes
from headwater.storage.uploads.unused import Tally, Unused, UnusedBundle

UNUSED_AFTER: Final = timedelta(days=30)
"""A bundle without use for so long is shown as one that can go; and so many days of events stay in
what a shorter age would free."""

BUNDLES_SHOWN: Final = 10
"""Unused bundles that are named, the largest ones."""

GIVING_SECONDS: Final = 2.0
"""How long one press of the button works; what is left is for the next."""

FOLDERS: Final[Mapping[str, str]] = {
    FILES: "As uploaded, not packed yet",
    PACKS: "As uploaded, packed",
    COMPILED: "Compiled for look-ups",
    CHUNKS: "Chunks",
    COPIES: "Copies on this machine",
}
"""Parts of the storage of source maps, and what is in them; copies only of what is in a bucket."""


class Limits(Struct, frozen=True):
    """What the settings say. `reserve`: bytes that stay free; None: by the disk. 0 days: for ever."""

    data_dir: Path
    sourcemaps: Path
    queue: Path
    reserve: int | None
    event_days: int
    upload_days: int
    database: int
    bucket: Stores | None = None
    """Where the source maps are instead of the folder, which has copies of them then."""


class DiskRoom(Struct, frozen=True):
    """Bytes of the disk that a folder is on."""

    folder: Path
    total: int
    free: int
    is_short: bool
    """Whether less is free than must stay so: events are refused."""


class Excess(Struct, frozen=True):
    """Bundles of a project, or (None) of the whole instance, that a limit takes within the hour; `going`
    in bytes of files that no other upload names. `held`: what is beyond it and stays. `are_more`: whether
    further ones go."""

    project: str | None
    limit: str
    going: Tally
    held: str
    are_more: bool


class Use(Struct, frozen=True):
    """What takes long to find out. `families`: None where SQLite can't tell."""

    total: int
    log: int
    empty: int
    """Pages of SQLite's file that hold nothing."""
    families: Mapping[str, int] | None
    queue: FolderSize
    folders: Mapping[str, FolderSize]
    bucket: str
    """That all of them but copies are in; empty: a folder."""
    old_events: Tally
    """Received before UNUSED_AFTER; their bytes are an estimate."""
    unused: Tally
    beyond: Sequence[Excess]
    """What the limits on uploads say of them."""
    largest: Sequence[UnusedBundle]
    seconds: float

    @property
    def maps(self) -> int:
        """Bytes of the source maps and what is made of them, wherever they are."""
        return sum(each.size for each in self.folders.values())

    @property
    def all(self) -> int:
        """Everything."""
        return self.total + self.queue.size + self.maps


class StorageRecords:
    """Of one instance; made once, since it remembers what it measured."""

    def __init__(self, database: Database, limits: Limits, measured: Measured[Use]) -> None:
        self.limits = limits
        self.measured = measured
        self.unused = Unused(database)
        self.is_sqlite = database.is_sqlite
        self._pages = Pages(database) if database.is_sqlite else None

    @classmethod
    def of(
        cls, database: Database, limits: Limits, keeping: Keeping, patience: float | None = None
    ) -> Self:
        """`patience`: seconds that a page waits for what is measured the first time."""

        def ask() -> Use:
            return _measure(database, limits, keeping)

        measured = Measured(ask) if patience is None else Measured(ask, patience)
        return cls(database, limits, measured)

    def disks(self) -> list[DiskRoom]:
        """That of the data, and that of the source maps if it is another one. Raises OSError."""
        folders = [self.limits.data_dir]
        if _device(self.limits.sourcemaps) != _device(self.limits.data_dir):
            folders.append(self.limits.sourcemaps)
        return [self._room(folder) for folder in folders]

    def space(self) -> Space | None:
        """SQLite's pages; None on PostgreSQL."""
        return self._pages.space() if self._pages else None

    def give_back(self) -> None:
        """Make SQLite's file smaller, for GIVING_SECONDS at most. Raises DatabaseError."""
        if self._pages is None:
            return
        until = time.monotonic() + GIVING_SECONDS
        while time.monotonic() < until:
            space = self._pages.space()
            if not space.can_shrink or not space.free:
                break
            self._pages.give_back()
        self._pages.checkpoint(truncate=True)

    def _room(self, folder: Path) -> DiskRoom:
        folder = _there(folder)
        disk = shutil.disk_usage(folder)
        is_short = FreeSpace(folder, self.limits.reserve).missing() > 0
        return DiskRoom(folder, disk.total, disk.free, is_short)


def _measure(database: Database, limits: Limits, keeping: Keeping) -> Use:
    began, now = time.monotonic(), datetime.now(UTC)
    sizes, retained, unused = TableSizes(database), Retained(database), Unused(database)
    before = now - UNUSED_AFTER
    old = retained.received_before(before)
    return Use(
        total=sizes.total(),
        log=sizes.log(),
        empty=Pages(database).space().free if database.is_sqlite else 0,
        families=sizes.by_family(),
        queue=folder_size(limits.queue),
        folders=_in_folder(limits.sourcemaps)
        if limits.bucket is None
        else _in_bucket(limits.bucket, limits.sourcemaps),
        bucket="" if limits.bucket is None else limits.bucket.files.place,
        old_events=Tally(old, retained.bytes_of(old)),
        unused=unused.bundles(before),
        beyond=tuple(_excess(keeping, now)),
        largest=unused.largest(before, BUNDLES_SHOWN),
        seconds=time.monotonic() - began,
    )


def _in_folder(root: Path) -> Mapping[str, FolderSize]:
    return {name: folder_size(root / name) for name in PARTS}


def _in_bucket(stores: Stores, root: Path) -> Mapping[str, FolderSize]:
    """A thousand files are told of at once. Raises StorageUnreachable."""
    parts = {
        FILES: stores.files,
        PACKS: stores.packs,
        COMPILED: stores.compiled,
        CHUNKS: stores.chunks,
    }
    found = {name: _listed(store) for name, store in parts.items()}
    return {**found, COPIES: folder_size(root / COPIES)}


def _listed(store: Store) -> FolderSize:
    files = size = 0
    for entry in store.entries():
        files += 1
        size += entry.size
    return FolderSize(files, size)


def _excess(keeping: Keeping, now: datetime) -> Iterator[Excess]:
    names = {project.id: project.name for project in keeping.projects.all()}
    for each in keeping.plan(now):
        going = Tally(len(each.bundles), each.freed)
        home = None if each.home is None else names.get(each.home, str(each.home))
        yield Excess(home, each.limit, going, each.held, each.are_more)


def _there(folder: Path) -> Path:
    """The folder, or the nearest above it that is there: nothing was stored in it yet."""
    return next(each for each in (folder, *folder.absolute().parents) if each.exists())


def _device(folder: Path) -> int:
    return _there(folder).stat().st_dev
