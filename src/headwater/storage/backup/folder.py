"""The folder that backups of one instance are kept in.

    headwater-backup       says that the folder is one
    blobs/ab/cdef…         what the backups have in common, by the SHA-256 of the bytes
    20261126T142230.123456Z/
        database           SQLite's file, or what pg_dump wrote
        files.jsonl        what else there is, and which blob it is
        backup.json        what the backup is, with the digests of the two

A backup has that name only when all of it is durable: before, it ends with `.part`.
"""

import fcntl
import hashlib
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec
import structlog

from headwater.storage.files.blobs import Blobs
from headwater.storage.files.durable import adopt, make_folder, rename, sync_file, sync_folder
from headwater.storage.files.folder import Folder

FORMAT: Final = 1

MARK: Final = "headwater-backup"
PART: Final = ".part"
DATABASE, FILES, ABOUT = "database", "files.jsonl", "backup.json"

MAX_LINE: Final = 4_096
"""Bytes of a line of `files.jsonl`; ours have some 250."""

MAX_ABOUT: Final = 64 * 1024
"""Bytes of a `backup.json`."""

_STAMPED: Final = "%Y%m%dT%H%M%S.%fZ"
_STAMP: Final = re.compile(r"\d{8}T\d{6}\.\d{6}Z")


class BackupUnusable(Exception):
    """A folder is no backup, another's, or damaged; the message says which."""


class Kind(StrEnum):
    """What a blob is."""

    FILE = "file"
    """An uploaded file as it came, by its SHA-256."""
    PACK = "pack"
    """Uploaded files, packed."""
    SEGMENT = "segment"
    """Of the journal: events that were not digested yet."""


class Entry(msgspec.Struct, frozen=True):
    """What is to be called `name`. `blob`: SHA-256, `size` in bytes."""

    kind: Kind
    name: str
    blob: str
    size: int


class About(msgspec.Struct, frozen=True):
    """What a backup is. `database`: SHA-256, of SQLite's file or (`is_sqlite` false) of a dump."""

    format: int
    version: str
    made_at: datetime
    revision: str
    is_sqlite: bool
    database: str
    files: str
    entries: int
    size: int
    """Bytes of everything."""
    lost: int
    """Files that the instance itself had lost, or that were damaged."""
    installation: str = ""
    """Its id (`storage.installation`); empty in backups of earlier versions."""


class BackupFolder:
    """Any number of backups. One process writes at a time; readers need no lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.blobs = Blobs(Folder(path / "blobs"), "sha256")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Make the folder if it is new, and hold it. Raises BackupUnusable, OSError."""
        if not self.path.is_dir():
            make_folder(self.path.parent)
            self.path.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self.path.parent)
        mark = self.path / MARK
        if not mark.exists():
            self._mark(mark)
        self._check()
        with mark.open("r+b") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupUnusable(f"another backup to {self.path} is being made") from None
            for left in self.path.glob(f"*{PART}"):
                shutil.rmtree(left)
            self.blobs.sweep(_EVER)
            yield

    def _mark(self, mark: Path) -> None:
        new = mark.with_name(f"{MARK}.new")
        if any(each != new for each in self.path.iterdir()):
            raise BackupUnusable(
                f"{self.path} holds other things and no backups; name an empty or a new folder"
            )
        new.write_text(f"{FORMAT}\n")
        adopt(new, mark)

    def stamps(self) -> Sequence[str]:
        """Of the whole backups, the oldest first. Raises BackupUnusable."""
        self._check()
        return sorted(each.name for each in self.path.iterdir() if _STAMP.fullmatch(each.name))

    def new(self, now: datetime) -> Path:
        """An empty folder for the parts of a new backup, which is the latest whatever the clock says."""
        for stamp in self.stamps()[-1:]:
            latest = datetime.strptime(stamp, _STAMPED).replace(tzinfo=UTC)
            now = max(now, latest + timedelta(microseconds=1))
        part = self.path / f"{now.strftime(_STAMPED)}{PART}"
        part.mkdir(mode=0o700)
        return part

    def finish(self, part: Path, about: About) -> str:
        """Make it a whole one, durably; its stamp."""
        (part / ABOUT).write_bytes(msgspec.json.format(msgspec.json.encode(about)))
        for name in (DATABASE, FILES, ABOUT):
            sync_file(part / name)
        sync_folder(part)
        stamp = part.name.removesuffix(PART)
        rename(part, self.path / stamp)
        sync_folder(self.path)
        return stamp

    def about(self, stamp: str) -> About:
        """Raises BackupUnusable."""
        try:
            with (self.path / stamp / ABOUT).open("rb") as file:
                about = msgspec.json.decode(file.read(MAX_ABOUT), type=About)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BackupUnusable(f"the backup {stamp} can't be read: {error}") from None
        if about.format != FORMAT:
            raise BackupUnusable(
                f"the backup {stamp} has the format {about.format}; this version reads {FORMAT}"
            )
        return about

    def entries(self, stamp: str) -> Iterator[Entry]:
        """Everything but the database. Raises BackupUnusable, at the end as well."""
        digest = hashlib.sha256()
        try:
            with (self.path / stamp / FILES).open("rb") as file:
                while line := file.readline(MAX_LINE):
                    digest.update(line)
                    yield msgspec.json.decode(line, type=Entry)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BackupUnusable(f"the backup {stamp} is damaged: {FILES}: {error}") from None
        if digest.hexdigest() != self.about(stamp).files:
            raise BackupUnusable(f"the backup {stamp} is damaged: {FILES} was changed")

    def keep(self, count: int) -> int:
        """Remove all but the latest `count` backups, and what no other needs; how many backups. Only while
        `writing`: a backup that is being made needs what no other does."""
        stamps = self.stamps()
        old = stamps[:-count]
        for stamp in old:
            # Another name first: half a backup must not look like one.
            rename(self.path / stamp, self.path / f"{stamp}{PART}")
            shutil.rmtree(self.path / f"{stamp}{PART}")
        if old:
            self._delete_all_but(stamps[-count:])
        return len(old)

    def _delete_all_but(self, stamps: Sequence[str]) -> None:
        try:
            needed = {
                bytes.fromhex(entry.blob) for stamp in stamps for entry in self.entries(stamp)
            }
        except (BackupUnusable, ValueError) as error:
            log = structlog.get_logger()
            log.warning("nobody can say which blobs are needed: all of them stay", why=str(error))
            return
        for blob in self.blobs.older_than(_EVER):
            if bytes.fromhex(blob) not in needed:
                self.blobs.delete(blob)

    def _check(self) -> None:
        try:
            said = (self.path / MARK).read_text(errors="replace")
        except OSError:
            raise BackupUnusable(f"{self.path} is no folder of backups") from None
        if said.strip() != str(FORMAT):
            raise BackupUnusable(f"{self.path} is of another version: {said[:20]!r}")


def sha256_of(path: Path) -> str:
    """Of a file's bytes. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_EVER: Final = datetime.max.replace(tzinfo=UTC)
