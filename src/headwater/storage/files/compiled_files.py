"""Compiled maps and what belongs to them, as files that never change, below one folder.

How one comes to be: `new_name`, then somebody (a child process) writes the file at a path that
`temporary` gave, then `adopt` gives it its name, then the register in `storage.files.compiled` gets a row. A
name is used once: what is compiled again is another file, so nobody ever reads a part of the new one
where the old one had another. A process that dies before `adopt` leaves a temporary file, one after
it a file that no row names: `sweep` and expiry take these away. A power cut may leave a row whose
file is gone or half written: whoever reads it finds it damaged, and it is made again.
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from headwater.sourcemaps.compiled.parts import Raw
from headwater.storage.files.durable import adopt, make_folder, rename, sweep, written_at
from headwater.storage.files.open_files import OpenFiles

_NAME: Final = re.compile(r"([0-9a-f]{64})\.([0-9a-f]{8})\.([a-z.]+)")


class Kind(StrEnum):
    """What was compiled."""

    MAP = "map"
    """A source map: its positions, names and texts."""
    FUNCTIONS = "functions"
    """The functions in a source map's texts; made in the background."""
    INLINE = "inline.map"
    """As MAP, of the map inside of a minified file."""
    INLINE_FUNCTIONS = "inline.functions"
    SCRIPT = "script"
    """A minified file as a text."""
    PACK = "pack"
    """Not compiled but compressed: an uploaded file as it came (`storage.files.originals`)."""


@dataclass(frozen=True, slots=True)
class CompiledName:
    """What one compiled file is called. As a string it is its `key`, in its checksums as well."""

    sha256: str
    """Of the uploaded file that it was made from."""
    kind: Kind
    generation: str
    """Eight hexadecimal digits, by chance: another one each time something is compiled."""

    def __str__(self) -> str:
        return f"{self.sha256}.{self.generation}.{self.kind}"

    @classmethod
    def parse(cls, name: str) -> "CompiledName":
        """From a string. Raises ValueError; nothing else than a name ever becomes a path."""
        parts = _NAME.fullmatch(name)
        if parts is None:
            raise ValueError(f"{name!r} is not the name of a compiled file")
        return cls(parts[1], Kind(parts[3]), parts[2])


def new_name(sha256: str, kind: Kind) -> CompiledName:
    """A name for what is about to be compiled."""
    return CompiledName(sha256, kind, secrets.token_hex(4))


class CompiledFile:
    """Reads one compiled file, as `sourcemaps.compiled.parts.Bytes`. It may be kept for ever:
    its descriptor is opened when needed."""

    def __init__(self, name: CompiledName, path: str, files: OpenFiles, size: int) -> None:
        self.name = name
        self.key = str(name)
        self.size = size
        self._path = path
        self._files = files

    @property
    def waits(self) -> bool:
        """Whether reading compiled files had to wait lately."""
        return self._files.waits

    def read(self, offset: int, length: int) -> bytes:
        """Bytes from a place; fewer where the file ends. Raises OSError."""
        return bytes(self.read_all([(offset, length)])[0])

    def read_all(self, ranges: Sequence[tuple[int, int]]) -> list[Raw]:
        """As `read` of each (offset, length)."""
        return self._files.read(self._path, ranges)

    def will_read(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Let the system fetch these (offset, length) at once. Raises OSError if the file is gone."""
        self._files.will_read(self._path, ranges)


class CompiledFiles:
    """All compiled files of one version of the format. Threads and processes may share them."""

    def __init__(self, root: Path, version: int, files: OpenFiles | None = None) -> None:
        """`root` is shared by all versions; folders are made when the first file is written."""
        self.version = version
        self._root = root
        self._folder = root / str(version)
        self._files = OpenFiles() if files is None else files

    def path(self, name: CompiledName) -> Path:
        """Where the file is, or would be."""
        return self._folder / name.sha256[:2] / str(name)[2:]

    def open(self, name: CompiledName) -> CompiledFile:
        """Something to read the file with. Raises OSError, FileNotFoundError if it is lost."""
        path = str(self.path(name))
        return CompiledFile(name, path, self._files, self._files.size(path))

    @contextmanager
    def temporary(self) -> Iterator[Path]:
        """A path at which nothing is yet; what is there in the end and was not adopted goes."""
        folder = self._folder / "tmp"
        make_folder(folder)
        path = folder / secrets.token_hex(16)
        try:
            yield path
        finally:
            with suppress(FileNotFoundError):
                path.unlink()

    def adopt(self, temporary: Path, name: CompiledName) -> int:
        """Give a file that was written at a temporary path its name; its bytes.

        Only a pack is synced, since it takes the place of what was uploaded, and all else is made
        of that: syncing took most of the time of an upload of hundreds of files.
        """
        give_name = adopt if name.kind is Kind.PACK else rename
        return give_name(temporary, self.path(name))

    def delete(self, name: CompiledName) -> None:
        """Forget the file. Whoever is reading it right now ends in peace."""
        self._files.forget(str(self.path(name)))
        with suppress(FileNotFoundError):
            self.path(name).unlink()

    def older_than(self, moment: datetime) -> Iterator[CompiledName]:
        """Names of the files that were written before `moment`."""
        for folder in sorted(self._folder.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()):
                if written_at(path) < moment:
                    with suppress(ValueError):  # a stranger's file is left alone
                        yield CompiledName.parse(folder.name + path.name)

    def older_versions(self) -> tuple["CompiledFiles", ...]:
        """What older versions of the format left behind."""
        folders = (folder.name for folder in self._root.glob("*") if folder.is_dir())
        numbers = (int(name) for name in folders if name.isascii() and name.isdigit())
        return tuple(
            CompiledFiles(self._root, number, self._files)
            for number in sorted(numbers)
            if number < self.version
        )

    def sweep(self, moment: datetime) -> int:
        """Delete temporary files that were last written before `moment`; how many."""
        return sweep(self._folder / "tmp", moment)

    def close(self) -> None:
        """Give back every descriptor."""
        self._files.close()
