"""Artifact bundles: a ZIP behind an 8-byte header, and the manifest that says what is in it."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, Final

from headwater.protocol.manifest import (
    MAX_ENTRIES as MAX_ENTRIES,
)
from headwater.protocol.manifest import (
    MAX_MANIFEST,
    MalformedManifest,
    Manifest,
    parse_manifest,
)
from headwater.protocol.manifest import (
    ArtifactType as ArtifactType,
)

MAX_DIRECTORY: Final = 8 * 1024**2
"""Bytes of a ZIP's directory, which is read at once: 20,000 entries of 400 bytes."""

READ_BYTES: Final = 256 * 1024
"""Bytes decompressed at a time."""

_FAULTS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,  # a compression that zipfile knows of, but not how to undo
    RuntimeError,  # encrypted
    ValueError,  # names that are not text, positions that are not in the file
    OverflowError,
)
"""Everything that the standard library raises on a ZIP that is not one."""


class BundleRefused(Exception):
    """The bundle as a whole can't be used; the message goes on from 'The bundle can't be used:'."""


class EntryRefused(Exception):
    """One file of the bundle can't be used; the message goes on from the file's name."""


class Archive:
    """An opened ZIP. Nothing in it decides a path, and every size in it is only a claim."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    @property
    def paths(self) -> Sequence[str]:
        """What its entries are called, each once; folders end with a slash."""
        return tuple(dict.fromkeys(self._archive.namelist()))

    def size(self, path: str) -> int:
        """Bytes of the file, by the ZIP's own claim; no more than these are ever read.

        Raises EntryRefused for what is not an ordinary, readable file.
        """
        return _checked(self._archive, path).file_size

    def read(self, path: str) -> Iterator[bytes]:
        """The file's bytes in pieces. Raises EntryRefused, also in the middle."""
        entry = _checked(self._archive, path)
        try:
            with self._archive.open(entry) as file:
                while piece := file.read(READ_BYTES):
                    yield piece
        except _FAULTS as error:
            raise EntryRefused(f"is damaged inside the ZIP ({error})") from None


class Bundle(Archive):
    """An opened bundle, and what it says of its files."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        super().__init__(archive)
        self.manifest = manifest


@contextmanager
def open_archive(
    file: BinaryIO, max_entries: int = MAX_ENTRIES, max_directory: int = MAX_DIRECTORY
) -> Iterator[Archive]:
    """Open a ZIP that people made. Raises BundleRefused. The file needs to be seekable."""
    with _opened(file, max_entries, max_directory) as archive:
        yield Archive(archive)


@contextmanager
def open_bundle(file: BinaryIO) -> Iterator[Bundle]:
    """Open a bundle, with or without the `SYSB` header. Raises BundleRefused.

    The file needs to be seekable; the manifest and the ZIP's directory are read at once.
    """
    with _opened(file) as archive:
        yield Bundle(archive, _manifest(archive))


@contextmanager
def _opened(
    file: BinaryIO, max_entries: int = MAX_ENTRIES, max_directory: int = MAX_DIRECTORY
) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(_BoundedReads(file, max_directory))
    except _FAULTS as error:
        raise BundleRefused(f"it is not a readable ZIP ({error})") from None
    with archive:
        if len(archive.infolist()) > max_entries:
            raise BundleRefused(
                f"it has {len(archive.infolist()):,} files; the limit is {max_entries:,}"
            )
        yield archive


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        entry = _checked(archive, "manifest.json")
        if entry.file_size > MAX_MANIFEST:
            raise BundleRefused(
                f"its manifest.json has {entry.file_size:,} bytes; the limit is {MAX_MANIFEST:,}"
            )
        return parse_manifest(archive.read(entry))
    except EntryRefused as error:
        raise BundleRefused(f"its manifest.json {error}") from None
    except MalformedManifest as error:
        raise BundleRefused(str(error)) from None
    except _FAULTS as error:
        raise BundleRefused(f"its manifest.json is damaged ({error})") from None


def _checked(archive: zipfile.ZipFile, path: str) -> zipfile.ZipInfo:
    try:
        entry = archive.getinfo(path)
    except KeyError:
        raise EntryRefused("is not in the ZIP") from None
    if entry.flag_bits & 0x1:
        raise EntryRefused("is encrypted")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise EntryRefused(f"is compressed by method {entry.compress_type}, not deflate")
    if entry.is_dir() or stat.S_ISLNK(entry.external_attr >> 16):
        raise EntryRefused("is not an ordinary file in the ZIP")
    return entry


class _BoundedReads:
    """A file that never hands out more than a ZIP's largest directory at once.

    zipfile reads the directory, of a size that the ZIP claims, in one piece.
    """

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self._file = file
        self._limit = limit
        self._size = file.seek(0, 2)

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            size = self._size - self._file.tell()
        if size > self._limit:
            raise zipfile.BadZipFile(
                f"its directory has {size:,} bytes, the limit is {self._limit:,}"
            )
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        base = (0, self._file.tell(), self._size)[whence]
        if base + offset < 0:
            raise zipfile.BadZipFile("it points to before its beginning")
        return self._file.seek(base + offset)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        """The file belongs to the caller."""
