"""Files in a bucket of an S3-compatible store, through obstore.

What is synced is read back and compared byte for byte before anybody hears that it is kept: some
stores answer 200 for what they cut short. Every request has a bound of time, and so has what retries
it; what fails for another reason than that a file is not there is `StorageUnreachable`.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, Final, cast

import obstore
from obstore.store import S3Store

from headwater.sourcemaps.compiled.parts import Raw
from headwater.storage.files.bucket_answers import said
from headwater.storage.files.bucket_deletions import Deletions
from headwater.storage.files.durable import make_folder, sweep
from headwater.storage.files.folder import TEMPORARY
from headwater.storage.files.rests import Rests
from headwater.storage.files.store import Entry
from headwater.storage.files.unreachable import StorageUnreachable

PIECE: Final = 5 * 1024**2
"""Bytes of a request; the smallest part that S3 takes."""

AT_A_TIME: Final = 16
"""Files that are stored together, and requests that take some milliseconds each."""

PARTS_AT_A_TIME: Final = 4
"""Of one file: 20 MB of memory."""

LARGE_AT_A_TIME: Final = 4
"""Files of more than a PIECE that are stored together: 80 MB."""

IN_MEMORY: Final = 8 * 1024**2
"""Bytes of a file that is open without taking the disk: a chunk has no more."""


class Bucket:
    """A `storage.files.store.BlobStore`: the keys in a bucket that begin with `prefix`."""

    def __init__(
        self,
        remote: S3Store,
        prefix: str,
        scratch: Path,
        place: str,
        deletions: Deletions,
        rests: Rests,
    ) -> None:
        """`prefix` is empty or ends with a slash; `scratch`: a folder of this machine for what is
        on its way; `place`: for people; `rests`: of all who ask."""
        self._remote = remote
        self._prefix = prefix
        self._scratch = scratch
        self._place = place
        self.deletions = deletions
        self.rests = rests

    @property
    def place(self) -> str:
        """As the setting has it."""
        return self._place

    def below(self, name: str) -> "Bucket":
        """A longer prefix."""
        prefix, rests = f"{self._prefix}{name}/", self.rests
        return Bucket(self._remote, prefix, self._scratch, self._place, self.deletions, rests)

    def parts(self) -> Iterator[str]:
        """What follows the prefix up to the next slash."""
        with self._asked():
            found = obstore.list_with_delimiter(self._remote, self._prefix or None)
        return iter(sorted(each.rsplit("/", 1)[-1] for each in found["common_prefixes"]))

    def temporary(self) -> Path:
        """On this machine."""
        folder = self._scratch / TEMPORARY
        make_folder(folder)
        return folder / secrets.token_hex(16)

    def adopt(self, temporary: Path, key: str, *, is_synced: bool = True) -> int:
        """By sending it, in pieces if it is large."""
        size = self.send(temporary, key, is_synced=is_synced)
        temporary.unlink()
        return size

    def send(self, file: Path, key: str, *, is_synced: bool) -> int:
        """As `adopt`, of a file that stays where it is."""
        size = file.stat().st_size
        with self._asked():
            obstore.put(
                self._remote,
                self._prefix + key,
                file,
                chunk_size=PIECE,
                max_concurrency=PARTS_AT_A_TIME,
            )
        if is_synced:
            self._check(file, key, size)
        return size

    def adopt_all(self, files: Mapping[Path, str]) -> None:
        """Several at a time, but not so many large ones."""
        large = {path for path in files if path.stat().st_size > PIECE}
        for some, number in ((files.keys() - large, AT_A_TIME), (large, LARGE_AT_A_TIME)):
            with ThreadPoolExecutor(number) as pool:
                for _ in pool.map(lambda path: self.adopt(path, files[path]), some):
                    pass

    def open(self, key: str) -> BinaryIO:
        """A copy of it, which is whole."""
        make_folder(self._scratch)
        file = SpooledTemporaryFile(IN_MEMORY, dir=str(self._scratch))  # noqa: SIM115 - the caller's
        try:
            self._copy(key, cast("IO[bytes]", file))
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return cast("BinaryIO", file)

    def reading(self, key: str) -> "BucketReading":
        """Each read is a request."""
        return BucketReading(self, key, self.size(key))

    def bring(self, key: str, path: Path) -> Path:
        """A copy."""
        try:
            with path.open("xb") as file:
                self._copy(key, file)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def size(self, key: str) -> int:
        """Asks for nothing else, if it is there."""
        with self._asked():
            with suppress(FileNotFoundError):
                return obstore.head(self._remote, self._prefix + key)["size"]
            # That answer is the same where the whole bucket is gone. This one says which it is.
            return obstore.get(self._remote, self._prefix + key).meta["size"]

    def is_still_there(self, key: str) -> bool:  # noqa: ARG002 - any
        """Yes: nobody deletes what is younger than an hour, see `Deletions`."""
        return True

    def delete(self, key: str, moment: datetime | None = None) -> None:
        """In the background."""
        self.deletions.ask(self._prefix + key, moment)

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """As the store lists them."""
        with self._asked():
            pages = iter(obstore.list(self._remote, self._prefix + prefix or None))
        while True:
            with self._asked():
                some = next(pages, None)
            if some is None:
                return
            for each in some:
                key = each["path"].removeprefix(self._prefix)
                yield Entry(key, each["size"], each["last_modified"])

    def sweep(self, moment: datetime) -> int:
        """On this machine."""
        return sweep(self._scratch / TEMPORARY, moment)

    def read(self, key: str, offset: int, length: int) -> bytes:
        """Fewer bytes where the file ends."""
        with self._asked():
            found = obstore.get_range(self._remote, self._prefix + key, start=offset, length=length)
        return bytes(found)

    def pieces(self, key: str, size: int) -> Iterator[bytes]:
        """All of a file of this size, in requests of PIECE."""
        for offset in range(0, size, PIECE):
            wanted = min(PIECE, size - offset)
            found = self.read(key, offset, wanted)
            if len(found) != wanted:
                raise StorageUnreachable(f"{self._place} cut an answer short")
            yield found

    def _copy(self, key: str, file: IO[bytes]) -> None:
        for piece in self.pieces(key, self.size(key)):
            file.write(piece)

    def _check(self, file: Path, key: str, size: int) -> None:
        try:
            is_same = self.size(key) == size
            with file.open("rb") as sent:
                is_same = is_same and all(
                    piece == sent.read(len(piece)) for piece in self.pieces(key, size)
                )
        except FileNotFoundError:
            is_same = False
        if not is_same:
            raise StorageUnreachable(f"{self._place} gave back other bytes than it was given")

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Every request is in here: none while the store rests; and it says what it means that one
        failed."""
        with self.rests.between(), said(self._place):
            yield


class BucketReading:
    """A file in a bucket that is read by place."""

    waits = False

    def __init__(self, bucket: Bucket, key: str, size: int) -> None:
        self._bucket = bucket
        self._key = key
        self.size = size

    def read(self, ranges: Sequence[tuple[int, int]]) -> list[Raw]:
        """One request for each."""
        return [self._read(offset, length) for offset, length in ranges]

    def will_read(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Nothing is fetched beforehand."""

    def _read(self, offset: int, length: int) -> bytes:
        wanted = min(length, self.size - offset)
        return self._bucket.read(self._key, offset, wanted) if wanted > 0 else b""
