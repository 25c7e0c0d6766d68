"""Files in a folder: of this machine alone, or of a volume that several share (NFS, EFS).

The order that makes a file survive a power cut, and never be visible half:
1. the bytes go to a temporary file on the same volume;
2. fsync of the file: its bytes are on the medium before its name exists;
3. rename to its final name: a reader sees all of it or nothing;
4. fsync of the folder: the name is on the medium too.
Several at once do 2, 3 and 4 each for all of them: a disk that is asked to sync many files makes few
writes of it. A cut before 3 leaves a temporary file, which `sweep` takes away.
"""

import errno
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

from headwater.sourcemaps.compiled.parts import Raw
from headwater.storage.files.durable import (
    adopt,
    make_folder,
    rename,
    sweep,
    sync_all,
    sync_file,
    sync_folder,
    written_at,
)
from headwater.storage.files.open_files import OpenFiles
from headwater.storage.files.store import Entry
from headwater.storage.files.unreachable import StorageUnreachable

MARK: Final = ".headwater-storage"
"""A file in the root of a storage, which says whose it is. A folder without it is another one: the
volume is not mounted."""

TEMPORARY: Final = "tmp"

_NO_LINKS: Final = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}
"""What file systems say that have no hard links."""


def is_marked(root: Path) -> bool:
    """Whether it has the mark."""
    return (root / MARK).is_file()


class Folder:
    """A `storage.files.store.BlobStore` and `NearStore`. Folders below are made when the first file is written."""

    def __init__(
        self, root: Path, files: OpenFiles | None = None, marked: Path | None = None
    ) -> None:
        """`marked`: a folder that must have the mark before anything in it is believed to be lost, or
        made anew; None: there is no such folder."""
        self.root = root
        self._files = OpenFiles() if files is None else files
        self._marked = marked

    @property
    def place(self) -> str:
        """The path."""
        return str(self.root)

    @property
    def folder(self) -> Path:
        """The same."""
        return self.root

    def path(self, key: str) -> Path:
        """Where the file is, or would be."""
        return self.root / key

    def below(self, name: str) -> "Folder":
        """A folder in it."""
        return Folder(self.root / name, self._files, self._marked)

    def parts(self) -> Iterator[str]:
        """Names of the folders in it."""
        self._check()
        _, names, _ = next(os.walk(self.root, onerror=_unreadable), ("", [], []))
        self._check()
        return iter(sorted(name for name in names if name != TEMPORARY))

    def temporary(self) -> Path:
        """A path on the same volume."""
        folder = self.root / TEMPORARY
        if not folder.is_dir():
            self._check()
            make_folder(folder)
        return folder / secrets.token_hex(16)

    def adopt(self, temporary: Path, key: str, *, is_synced: bool = True) -> int:
        """By renaming it."""
        self._check()
        try:
            return (adopt if is_synced else rename)(temporary, self.path(key))
        except FileNotFoundError as error:
            self._lost(error)

    def adopt_all(self, files: Mapping[Path, str]) -> None:
        """By syncing all of them before the first is renamed."""
        self._check()
        finals = {temporary: self.path(key) for temporary, key in files.items()}
        folders = {final.parent for final in finals.values()}
        try:
            sync_all(sync_file, files)
            for temporary, final in finals.items():
                rename(temporary, final)
            # The root has the names of folders that are new.
            sync_all(sync_folder, {each.parent for each in folders} | folders)
        except FileNotFoundError as error:
            self._lost(error)

    def open(self, key: str) -> BinaryIO:
        """Whoever opened it can read it to its end, also while it is deleted."""
        try:
            return self.path(key).open("rb")
        except FileNotFoundError as error:
            self._lost(error)

    def reading(self, key: str) -> "FolderReading":
        """Its descriptor is opened when needed."""
        return FolderReading(self, key, self._files)

    def bring(self, key: str, path: Path) -> Path:
        """Another name for the file, or where there are no links the one that it has."""
        raw = self.path(key)
        try:
            # Settling and sweeping leave alone what is young. And a second name, since the file may
            # be deleted in the next moment.
            os.utime(raw)
            return _linked(raw, path)
        except FileNotFoundError as error:
            self._lost(error)

    def bring_near(self, key: str) -> None:
        """It is here, if it is anywhere."""
        self.size(key)

    def renew(self, key: str) -> bool:  # noqa: ARG002 - there are no copies, of any file
        """No, but if the folder is not there nobody can say."""
        self._check()
        return False

    def size(self, key: str) -> int:
        """As the system says."""
        try:
            return self.path(key).stat().st_size
        except FileNotFoundError as error:
            self._lost(error)

    def is_still_there(self, key: str) -> bool:
        """Opens it, for which NFS asks its server: what it remembers of a name may be a minute old."""
        try:
            os.close(os.open(self.path(key), os.O_RDONLY))
        except FileNotFoundError:
            return False
        return True

    def delete(self, key: str, moment: datetime | None = None) -> None:
        """At once."""
        path = self.path(key)
        self._files.forget(str(path))
        if moment is None or written_at(path) < moment:
            with suppress(FileNotFoundError):
                path.unlink()

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """In order. It is all of them, or an OSError: what is not seen counts as lost."""
        self._check()
        for folder, folders, names in os.walk(self.root / prefix, onerror=_unreadable):
            folders[:] = sorted(each for each in folders if each != TEMPORARY)
            for name in sorted(names):
                with suppress(FileNotFoundError):  # another process was quicker
                    yield self._entry(Path(folder, name))
        self._check()

    def sweep(self, moment: datetime) -> int:
        """Of this folder alone."""
        return sweep(self.root / TEMPORARY, moment)

    def lost(self, error: OSError) -> NoReturn:
        """Raise what it means that a file is not there."""
        self._lost(error)

    def close(self) -> None:
        """Give back every descriptor."""
        self._files.close()

    def _entry(self, path: Path) -> Entry:
        found = path.stat()
        written = datetime.fromtimestamp(found.st_mtime, UTC)
        return Entry(str(path.relative_to(self.root)), found.st_size, written)

    def _check(self) -> None:
        if self._marked is not None and not is_marked(self._marked):
            raise StorageUnreachable(f"{self._marked} is not the storage: is its volume mounted?")

    def _lost(self, error: OSError) -> NoReturn:
        self._check()
        raise error


class FolderReading:
    """A file in a folder that is read by place. It may be kept for ever."""

    def __init__(self, folder: Folder, key: str, files: OpenFiles) -> None:
        self._folder = folder
        self._path = str(folder.path(key))
        self._files = files
        try:
            self.size = files.size(self._path)
        except FileNotFoundError as error:
            folder.lost(error)

    @property
    def waits(self) -> bool:
        """Of all files of this process."""
        return self._files.waits

    def read(self, ranges: Sequence[tuple[int, int]]) -> list[Raw]:
        """Opens the file again if need be."""
        try:
            return self._files.read(self._path, ranges)
        except FileNotFoundError as error:
            self._folder.lost(error)

    def will_read(self, ranges: Iterable[tuple[int, int]]) -> None:
        """The system fetches them."""
        self._files.will_read(self._path, ranges)


def _unreadable(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):  # another process was quicker
        raise StorageUnreachable(f"{error.filename} can't be read: {error.strerror}") from error


def _linked(raw: Path, path: Path) -> Path:
    try:
        os.link(raw, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return raw
    return path
