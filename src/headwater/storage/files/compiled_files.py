"""Compiled maps and what belongs to them, as files that never change, in one store.

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
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from msgspec import Struct

from headwater.sourcemaps.compiled.parts import Raw
from headwater.storage.files.store import Entry, NearStore, Reading, Store

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


class CompiledName(Struct, frozen=True):
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


def name_of(key: str) -> CompiledName:
    """Of what a store calls a file. Raises ValueError."""
    return CompiledName.parse("".join(key.split("/")[-2:]))


def new_name(sha256: str, kind: Kind) -> CompiledName:
    """A name for what is about to be compiled."""
    return CompiledName(sha256, kind, secrets.token_hex(4))


class CompiledFile:
    """Reads one compiled file, as `sourcemaps.compiled.parts.Bytes`. It may be kept for ever."""

    def __init__(self, name: CompiledName, reading: Reading) -> None:
        self.name = name
        self.key = str(name)
        self.size = reading.size
        self._reading = reading

    @property
    def waits(self) -> bool:
        """Whether reading compiled files had to wait lately."""
        return self._reading.waits

    def read(self, offset: int, length: int) -> bytes:
        """Bytes from a place; fewer where the file ends. Raises OSError."""
        return bytes(self.read_all([(offset, length)])[0])

    def read_all(self, ranges: Sequence[tuple[int, int]]) -> list[Raw]:
        """As `read` of each (offset, length)."""
        return self._reading.read(ranges)

    def will_read(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Let the system fetch these (offset, length) at once. Raises OSError if the file is gone."""
        self._reading.will_read(ranges)


class CompiledFiles:
    """All compiled files of one version of the format. Threads and processes may share them."""

    def __init__(self, store: Store, version: int) -> None:
        """`store` is shared by all versions."""
        self.version = version
        self._store = store

    def key(self, name: CompiledName) -> str:
        """What the store calls the file."""
        return f"{self.version}/{name.sha256[:2]}/{str(name)[2:]}"

    def open(self, name: CompiledName) -> CompiledFile:
        """Something to read the file with. Raises OSError, FileNotFoundError if it is lost."""
        return CompiledFile(name, self._store.reading(self.key(name)))

    @contextmanager
    def temporary(self) -> Iterator[Path]:
        """A path at which nothing is yet; what is there in the end and was not adopted goes."""
        path = self._store.temporary()
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
        return self._store.adopt(temporary, self.key(name), is_synced=name.kind is Kind.PACK)

    def delete(self, name: CompiledName) -> None:
        """Forget the file. Whoever is reading it right now ends in peace."""
        self._store.delete(self.key(name))

    def entries(self) -> Iterator[tuple[CompiledName, Entry]]:
        """All of them."""
        for entry in self._store.entries(f"{self.version}/"):
            with suppress(ValueError):  # a stranger's file is left alone
                yield name_of(entry.key), entry

    def older_than(self, moment: datetime) -> Iterator[CompiledName]:
        """Names of the files that were written before `moment`."""
        return (name for name, entry in self.entries() if entry.written_at < moment)

    def older_versions(self) -> tuple["CompiledFiles", ...]:
        """What older versions of the format left behind."""
        parts = (part for part in self._store.parts() if part.isascii() and part.isdigit())
        return tuple(
            CompiledFiles(self._store, number)
            for number in sorted(map(int, parts))
            if number < self.version
        )

    def sweep(self, moment: datetime) -> int:
        """Delete temporary files that were last written before `moment`; how many."""
        return self._store.sweep(moment)


class NearCompiledFiles(CompiledFiles):
    """Those that other processes of this machine read as well, in a folder."""

    def __init__(self, store: NearStore, version: int) -> None:
        super().__init__(store, version)
        self._near = store

    @property
    def folder(self) -> Path:
        """Where they are, or where they come."""
        return self._near.folder

    def bring_near(self, name: CompiledName) -> None:
        """The file is in the folder now. Raises OSError, FileNotFoundError if it is lost."""
        self._near.bring_near(self.key(name))

    def renew(self, name: CompiledName) -> bool:
        """Of a file that was found damaged: whether it is worth reading it once more. Raises
        StorageUnreachable."""
        return self._near.renew(self.key(name))
