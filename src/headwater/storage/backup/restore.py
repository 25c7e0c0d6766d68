"""An empty instance becomes what a backup holds. Killed anywhere, it can be done again: the database,
without which nothing else is looked at, comes last."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import structlog

from headwater.storage.backup.backup import Instance
from headwater.storage.backup.folder import (
    DATABASE,
    About,
    BackupFolder,
    BackupUnusable,
    Entry,
    Kind,
    sha256_of,
)
from headwater.storage.backup.snapshot import load_postgresql, load_sqlite
from headwater.storage.files.blobs import READ_BYTES, BlobNotFound
from headwater.storage.files.compiled_files import CompiledName
from headwater.storage.files.durable import adopt, make_folder
from headwater.storage.migrate import newest_revision, revisions
from headwater.storage.queue.journal import segments

AT_ONCE: Final = 100
"""Uploaded files that are made durable together."""


class BlobUnusable(BackupUnusable):
    """Something that a backup refers to is lost or damaged."""


class Restore:
    """From one backup of a folder."""

    def __init__(self, folder: BackupFolder, stamp: str) -> None:
        self._folder = folder
        self._stamp = stamp
        self.about: About = folder.about(stamp)
        self.lost = 0
        """Uploaded files and packs that were left out: they are lost or damaged in the backup."""
        self._log = structlog.get_logger()

    def faults(self) -> Iterator[str]:
        """Read everything; what is wrong with it, and what to do. Raises OSError."""
        try:
            self._check_database()
        except BackupUnusable as error:
            yield f"{error}: restore another one"
        try:
            for entry in self._folder.entries(self._stamp):
                if not self._folder.blobs.is_intact(entry.blob):
                    yield self._fault(entry)
        except BackupUnusable as error:
            yield f"{error}: restore another one"

    def _fault(self, entry: Entry) -> str:
        what = f"the {entry.kind} {entry.name} is lost or damaged"
        if entry.kind is Kind.SEGMENT:
            return f"{what}: restore another backup"
        try:
            path = self._folder.path / "blobs" / self._folder.blobs.key(entry.blob)
        except BlobNotFound as error:
            return f"{what}, {error}: restore another backup"
        return f"{what}: delete {path} and back up again, which copies it anew"

    def into(self, instance: Instance, begin: Callable[[], None] = lambda: None) -> None:
        """Call `begin` once it is known that nothing is in the way. Without the database, or events that
        waited, nothing is restored; uploads can come again. Raises BackupUnusable, OSError, DatabaseError."""
        newest = newest_revision()
        if newest is None or self.about.revision > newest:
            raise BackupUnusable(
                f"the backup was made by a newer version, {self.about.version}: its database is at"
                f" {self.about.revision}, and this version knows {newest}"
            )
        self._check_emptiness(instance)
        self._check_database()
        begin()
        self._put_files(instance)
        copy = self._folder.path / self._stamp / DATABASE
        if instance.database.is_sqlite:
            load_sqlite(copy, _file_of(instance))
        else:
            load_postgresql(
                copy, instance.database.engine.url.render_as_string(hide_password=False)
            )

    def _check_database(self) -> None:
        if sha256_of(self._folder.path / self._stamp / DATABASE) != self.about.database:
            raise BackupUnusable(f"the backup {self._stamp} is damaged: its database was changed")

    def _check_emptiness(self, instance: Instance) -> None:
        is_sqlite = instance.database.is_sqlite
        if is_sqlite != self.about.is_sqlite:
            kinds = {True: "SQLite", False: "PostgreSQL"}
            raise BackupUnusable(
                f"the backup is of {kinds[self.about.is_sqlite]}, and DATABASE_URL is of"
                f" {kinds[is_sqlite]}"
            )
        for path in _files_of(instance) if is_sqlite else ():
            if path.exists():
                raise BackupUnusable(f"{path} is there already: restore into an empty data folder")
        if not is_sqlite and revisions(instance.database)[0] is not None:
            raise BackupUnusable("the database has tables already: restore into an empty one")
        ours = {
            entry.name for entry in self._folder.entries(self._stamp) if entry.kind is Kind.SEGMENT
        }
        for name in segments.names(instance.queue):
            if name not in ours:
                raise BackupUnusable(
                    f"{instance.queue / name} waits to be digested: restore into an empty data folder"
                )

    def _put_files(self, instance: Instance) -> None:
        some: list[Entry] = []
        for entry in self._folder.entries(self._stamp):
            if entry.kind is Kind.FILE:
                some.append(entry)
                if len(some) == AT_ONCE:
                    self._put_raw(instance, some)
                    some = []
            elif entry.kind is Kind.PACK:
                self._put_pack(instance, entry)
            elif segments.is_name(entry.name):
                self._put_segment(instance, entry)
            else:
                raise BackupUnusable(f"{entry.name!r} is no name of a segment")
        self._put_raw(instance, some)

    def _put_raw(self, instance: Instance, entries: list[Entry]) -> None:
        with instance.settling.raw.batch() as batch:
            for entry in entries:
                with self._left_out():
                    if not instance.settling.raw.exists(entry.name):
                        batch.put(self._pieces(entry))

    def _put_pack(self, instance: Instance, entry: Entry) -> None:
        try:
            files, name = instance.settling.files, CompiledName.parse(entry.name)
        except ValueError as error:
            raise BackupUnusable(str(error)) from None
        with files.temporary() as path, self._left_out():
            self._write(entry, path)
            files.adopt(path, name)

    @contextmanager
    def _left_out(self) -> Iterator[None]:
        """What is lost or damaged in the backup."""
        try:
            yield
        except (BlobUnusable, BlobNotFound) as error:
            self._log.warning("left out of what is restored", why=str(error))
            self.lost += 1

    def _put_segment(self, instance: Instance, entry: Entry) -> None:
        make_folder(instance.queue)
        part = instance.queue / f"{entry.name}.part"
        part.unlink(missing_ok=True)
        self._write(entry, part)
        adopt(part, instance.queue / entry.name)

    def _write(self, entry: Entry, path: Path) -> None:
        with path.open("xb") as file:
            for piece in self._pieces(entry):
                file.write(piece)

    def _pieces(self, entry: Entry) -> Iterator[bytes]:
        """The blob's bytes; raises BlobUnusable behind the last one if they are not its own."""
        try:
            with self._folder.blobs.open(entry.blob) as file:
                yield from _verified(file, entry)
        except BlobNotFound:
            raise BlobUnusable(f"the {entry.kind} {entry.name} is lost") from None


def _verified(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    digest = hashlib.sha256()
    while piece := _read(file, entry):
        digest.update(piece)
        yield piece
    if digest.hexdigest() != entry.blob:
        raise BlobUnusable(f"the {entry.kind} {entry.name} is damaged")


def _read(file: BinaryIO, entry: Entry) -> bytes:
    try:
        return file.read(READ_BYTES)
    except OSError as error:
        raise BlobUnusable(f"the {entry.kind} {entry.name} can't be read: {error}") from None


def _files_of(instance: Instance) -> Iterator[Path]:
    """SQLite's, with those that it would read into whatever database lies beside them."""
    file = _file_of(instance)
    return (file.with_name(file.name + end) for end in ("", "-wal", "-shm", "-journal"))


def _file_of(instance: Instance) -> Path:
    return Path(instance.database.engine.url.database or "")
