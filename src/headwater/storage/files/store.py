"""What is asked of a place where files are kept: a folder that machines may share, or a bucket.

A file has a key, names with slashes between, and never changes. It is there as a whole or not at all.
Nothing relies on locks: where two write the same key, they write the same bytes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from msgspec import Struct

from headwater.sourcemaps.compiled.parts import Raw


class Entry(Struct, frozen=True):
    """A file that is kept. `size` in bytes."""

    key: str
    size: int
    written_at: datetime


class Reading(Protocol):
    """A kept file that is read by place, for as long as anybody likes."""

    @property
    def size(self) -> int:
        """In bytes."""
        ...

    @property
    def waits(self) -> bool:
        """Whether reads had to wait lately, so that saying beforehand what will be read is worth it."""
        ...

    def read(self, ranges: Sequence[tuple[int, int]]) -> list[Raw]:
        """What is at each (offset, length); fewer bytes where the file ends. Raises OSError."""
        ...

    def will_read(self, ranges: Iterable[tuple[int, int]]) -> None:
        """These may be fetched while others are read. Raises OSError."""
        ...


class Store(Protocol):
    """For any number of threads, processes and machines. Every method raises OSError: of a file that
    is not there FileNotFoundError, and StorageUnreachable where nobody can say."""

    @property
    def place(self) -> str:
        """Where it is, for people."""
        ...

    def parts(self) -> Iterator[str]:
        """What keys begin with, up to the first slash."""
        ...

    def temporary(self) -> Path:
        """A path at which nothing is yet; a file that is written there can be adopted."""
        ...

    def adopt(self, temporary: Path, key: str, *, is_synced: bool = True) -> int:
        """Keep a file that was written at a temporary path under a key; its bytes.

        It survives a power cut, and was read back where writing alone proves nothing, unless it need
        not be synced.
        """
        ...

    def reading(self, key: str) -> Reading:
        """To read the file by place."""
        ...

    def delete(self, key: str, moment: datetime | None = None) -> None:
        """Forget a file, if it was last written before `moment`; one that is gone already is fine."""
        ...

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """All files whose keys begin with a prefix, which ends with a slash."""
        ...

    def sweep(self, moment: datetime) -> int:
        """Delete temporary files that were last written before `moment`; how many."""
        ...


class BlobStore(Store, Protocol):
    """One whose files are read whole, and stored many together."""

    def adopt_all(self, files: Mapping[Path, str]) -> None:
        """As `adopt` of each, in less time."""
        ...

    def open(self, key: str) -> BinaryIO:
        """The file's bytes, from the start; seekable."""
        ...

    def bring(self, key: str, path: Path) -> Path:
        """A path, this one or another, at which the file can be read on this machine for a while."""
        ...

    def size(self, key: str) -> int:
        """The file's bytes."""
        ...

    def is_still_there(self, key: str) -> bool:
        """Whether a file that was adopted within the last hour was not deleted since; asked while the
        database is held up, so that the answer must not take long."""
        ...


class Root(BlobStore, Protocol):
    """One that has others in it."""

    def below(self, name: str) -> Store:
        """That of the keys that begin with this name and a slash."""
        ...


class NearStore(Store, Protocol):
    """One whose files are, or can be brought, into a folder of this machine, by their keys."""

    @property
    def folder(self) -> Path:
        """Where other processes of this machine find them."""
        ...

    def bring_near(self, key: str) -> None:
        """The file is in the folder now, though perhaps not for long."""
        ...

    def renew(self, key: str) -> bool:
        """A file was found damaged: whether that was a copy, which is let go; reading it again may
        help then. At most once in a while for each."""
        ...
