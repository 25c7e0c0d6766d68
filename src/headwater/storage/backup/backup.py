"""Making a backup while the server runs: files first, then the database, then what came in between.

The database's moment is the backup's. Every file that it names then is in the backup, whatever is
deleted or packed meanwhile, and so is every event that was accepted and is not in it yet.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import structlog
from msgspec import Struct
from sqlalchemy import Connection, select

from headwater.storage.backup.folder import (
    DATABASE,
    FILES,
    FORMAT,
    About,
    BackupFolder,
    BackupUnusable,
    Entry,
    Kind,
    sha256_of,
)
from headwater.storage.backup.journal import HeldSegments, held_segments
from headwater.storage.backup.snapshot import snapshot
from headwater.storage.database import Database
from headwater.storage.files.blobs import READ_BYTES, BlobNotFound, DigestMismatch
from headwater.storage.files.compiled_files import CompiledFiles, CompiledName
from headwater.storage.files.originals import Originals
from headwater.storage.files.pack import PackDamaged
from headwater.storage.files.settle import Settling
from headwater.storage.installation import Installation
from headwater.storage.schema import artifact_files, packs

AT_ONCE: Final = 1_000
"""Names that are in memory."""

_EVER: Final = datetime.max.replace(tzinfo=UTC)


class Instance(Struct, frozen=True):
    """What is backed up, and what is made again. `queue`: the journal's folder, on SQLite."""

    database: Database
    queue: Path
    originals: Originals
    settling: Settling
    """Knows raw files and packs apart."""


class Made(Struct, frozen=True):
    """A new backup; `removed`: how many earlier ones were."""

    stamp: str
    about: About
    removed: int


class Backup:
    """One turn. Only what the folder does not have is copied."""

    def __init__(self, instance: Instance, folder: BackupFolder) -> None:
        self._instance = instance
        self._installation = Installation(instance.database).known()
        self._folder = folder
        self._packs: dict[str, Entry] = {}
        """By name, those that a blob is there of: a name is used once."""
        self._log = structlog.get_logger()

    def make(self, version: str, now: datetime, keep: int = 0) -> Made:
        """Then only the latest `keep` backups stay; 0: all. Raises BackupUnusable, OSError, DatabaseError,
        sqlite3.Error."""
        with self._folder.writing():
            self._check_installation()
            self._remember()
            self._copy_what_is_there()
            part = self._folder.new(now)
            with held_segments(self._instance.queue) as held:
                about = self._write(part, held, version, now)
            stamp = self._folder.finish(part, about)
            return Made(stamp, about, self._folder.keep(keep) if keep else 0)

    def _check_installation(self) -> None:
        """New backups take the place of old ones."""
        for stamp in self._folder.stamps()[-1:]:
            try:
                earlier = self._folder.about(stamp).installation
            except BackupUnusable:  # it is damaged, which is said in a moment
                return
            if earlier and earlier != self._installation:
                raise BackupUnusable(
                    f"the latest backup in {self._folder.path} is of another installation: name a folder"
                    " of its own for this one, or give this command the server's settings"
                )

    def _remember(self) -> None:
        for stamp in self._folder.stamps()[-1:]:
            try:
                packed = [each for each in self._folder.entries(stamp) if each.kind is Kind.PACK]
            except BackupUnusable as error:
                self._log.warning("its packs are copied again", why=str(error))
                return
            self._packs |= {
                each.name: each for each in packed if self._folder.blobs.exists(each.blob)
            }

    def _copy_what_is_there(self) -> None:
        """Before the moment: what may be deleted after it, and what takes long."""
        settling = self._instance.settling
        for sha256 in settling.raw.older_than(_EVER):
            self._file(sha256)
        for name in settling.files.older_than(_EVER):
            self._pack(name)

    def _write(self, part: Path, held: HeldSegments, version: str, now: datetime) -> About:
        lost = entries = size = 0
        digest = hashlib.sha256()
        with snapshot(self._instance.database) as moment, (part / FILES).open("wb") as index:
            held.hold()
            moment.write(part / DATABASE)
            for entry in (*self._segments(held), *self._named(moment.connection)):
                if entry is None:
                    lost += 1
                    continue
                line = msgspec.json.encode(entry) + b"\n"
                digest.update(line)
                index.write(line)
                entries, size = entries + 1, size + entry.size
        return About(
            format=FORMAT,
            version=version,
            made_at=now,
            revision=moment.revision,
            is_sqlite=self._instance.database.is_sqlite,
            database=sha256_of(part / DATABASE),
            files=digest.hexdigest(),
            entries=entries,
            size=size + (part / DATABASE).stat().st_size,
            lost=lost,
            installation=self._installation,
        )

    def _segments(self, held: HeldSegments) -> Iterator[Entry]:
        for name, content in held.contents():
            blob, size = self._folder.blobs.put([content])
            yield Entry(Kind.SEGMENT, name, blob, size)

    def _named(self, connection: Connection) -> Iterator[Entry | None]:
        """What the database names at its moment; None for what is nowhere any more."""
        bounded = {"yield_per": AT_ONCE}
        is_named = select(artifact_files.c.id).where(artifact_files.c.sha256 == packs.c.sha256)
        kept = select(packs.c.name, is_named.exists().label("is_named"))
        for row in connection.execute(kept, execution_options=bounded):
            name = CompiledName.parse(row.name)
            entry = self._pack(name)
            if entry is not None:
                yield entry
            elif row.is_named:
                # It may have come again since, and lie raw or in another pack.
                yield self._file(name.sha256)
        is_packed = select(packs.c.id).where(packs.c.sha256 == artifact_files.c.sha256).exists()
        raw = select(artifact_files.c.sha256).where(artifact_files.c.sha256 != "", ~is_packed)
        for sha256 in connection.execute(raw.distinct(), execution_options=bounded).scalars():
            yield self._file(sha256)

    def _file(self, sha256: str) -> Entry | None:
        blobs, originals = self._folder.blobs, self._instance.originals
        if not blobs.exists(sha256):
            try:
                # It may be packed by now, though it was not at the moment.
                with originals.open(sha256) as file:
                    blobs.put(iter(lambda: file.read(READ_BYTES), b""), expected=sha256)
            except (BlobNotFound, DigestMismatch, PackDamaged) as error:
                self._log.warning(
                    "an uploaded file can't be backed up", file=sha256, why=str(error)
                )
                return None
        return Entry(Kind.FILE, sha256, sha256, blobs.size(sha256))

    def _pack(self, name: CompiledName) -> Entry | None:
        known = self._packs.get(str(name))
        if known is None:
            settling = self._instance.settling
            try:
                settling.check(name)
                blob, size = self._folder.blobs.put(_pieces(settling.files, name))
            except (FileNotFoundError, PackDamaged) as error:
                self._log.warning("a pack can't be backed up", pack=str(name), why=str(error))
                return None
            known = self._packs[str(name)] = Entry(Kind.PACK, str(name), blob, size)
        return known


def _pieces(files: CompiledFiles, name: CompiledName) -> Iterator[bytes]:
    file = files.open(name)
    for start in range(0, file.size, READ_BYTES):
        yield file.read(start, READ_BYTES)
