"""The archive of an exported project: a ZIP with JSON Lines, written and read record by record."""

import secrets
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

import msgspec

from headwater.protocol.bundle import Archive, BundleRefused, EntryRefused, open_archive
from headwater.storage.exchange.records import (
    CONTENTS,
    MAX_DIRECTORY,
    MAX_ENTRIES,
    MAX_LINE,
    check,
)
from headwater.storage.files.durable import adopt

MAX_UNPACKED: Final = 256 * 1024**3
"""Bytes that one archive may unpack to, all together: a project of a hundred million events."""

_LEVEL: Final = 6
"""zlib's: nine takes four times as long for a hundredth less."""

_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
"""In the ZIP's directory, which can't do without: the earliest that there is."""

R = TypeVar("R", bound=msgspec.Struct)


class ArchiveRefused(Exception):
    """An archive is none of ours, or damaged, or over a limit; the message says what."""


class ArchiveWriter:
    """Gets its name, durably, when all of it is there."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.entries = 0

    def record(self, name: str, record: msgspec.Struct) -> None:
        """A file of one record, for people to read."""
        self._archive.writestr(_info(name), msgspec.json.format(msgspec.json.encode(record)))
        self.entries += 1

    def lines(self, name: str, records: Iterable[msgspec.Struct]) -> int:
        """A file of one record a line; how many."""
        count = 0
        with self._archive.open(_info(name), "w", force_zip64=True) as file:
            for count, record in enumerate(records, start=1):  # noqa: B007
                file.write(msgspec.json.encode(record) + b"\n")
        self.entries += 1
        return count

    def content(self, name: str, content: BinaryIO) -> None:
        """A file as it is."""
        with self._archive.open(_info(name), "w", force_zip64=True) as file:
            shutil.copyfileobj(content, file)
        self.entries += 1


@contextmanager
def written(path: Path) -> Iterator[ArchiveWriter]:
    """A new archive; nothing of it stays if this ends with an exception. Raises OSError."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with (
            part.open("xb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive,
        ):
            yield ArchiveWriter(archive)
        adopt(part, path)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


class ArchiveReader:
    """Believes nothing: each size is counted, each record is checked."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._left = MAX_UNPACKED
        names = archive.paths
        self.contents = frozenset(name for name in names if name.startswith(CONTENTS))

    def record(self, name: str, kind: type[R]) -> R:
        """Raises ArchiveRefused."""
        [whole] = self._lines(name, whole=True)
        return _decoded(whole, kind, name, 1)

    def lines(self, name: str, kind: type[R]) -> Iterator[R]:
        """Raises ArchiveRefused, also in the middle."""
        for number, line in enumerate(self._lines(name), start=1):
            if line.strip():
                yield _decoded(line, kind, name, number)

    def content(self, sha256: str) -> Iterator[bytes]:
        """An uploaded file in pieces. Raises ArchiveRefused, also in the middle."""
        yield from self._pieces(CONTENTS + sha256)

    def size(self, sha256: str) -> int:
        """Of an uploaded file, as the archive claims it. Raises ArchiveRefused."""
        try:
            return self._archive.size(CONTENTS + sha256)
        except EntryRefused as error:
            raise ArchiveRefused(f"its {CONTENTS}{sha256} {error}") from None

    def _lines(self, name: str, *, whole: bool = False) -> Iterator[bytes]:
        parts: list[bytes] = []
        size = 0
        for piece in self._pieces(name):
            first, *others = [piece] if whole else piece.split(b"\n")
            parts.append(first)
            size += len(first)
            if size > MAX_LINE:
                raise ArchiveRefused(
                    f"its {name} has a record of more than {MAX_LINE:,} bytes, which is the limit"
                )
            if others:
                yield b"".join(parts)
                yield from others[:-1]
                parts, size = [others[-1]], len(others[-1])
        yield b"".join(parts)

    def _pieces(self, name: str) -> Iterator[bytes]:
        try:
            for piece in self._archive.read(name):
                self._left -= len(piece)
                if self._left < 0:
                    raise ArchiveRefused(
                        f"it unpacks to more than {MAX_UNPACKED:,} bytes, which is the limit"
                    )
                yield piece
        except EntryRefused as error:
            raise ArchiveRefused(f"its {name} {error}") from None


@contextmanager
def opened(path: Path) -> Iterator[ArchiveReader]:
    """Raises ArchiveRefused, OSError."""
    with path.open("rb") as file:
        try:
            with open_archive(file, MAX_ENTRIES, MAX_DIRECTORY) as archive:
                yield ArchiveReader(archive)
        except BundleRefused as error:
            raise ArchiveRefused(str(error)) from None


def _decoded(line: bytes, kind: type[R], name: str, number: int) -> R:
    try:
        record = msgspec.json.decode(line, type=kind)
        check(record)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ArchiveRefused(f"line {number:,} of its {name} can't be read: {error}") from None
    return record


def _info(name: str) -> Any:  # zipfile's own
    info = zipfile.ZipInfo(name, _MOMENT)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info
