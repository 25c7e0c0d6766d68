"""Immutable files by the digest of their content, durable once `put` returns.

The bytes go to a temporary file, digested as they pass; the digest is compared with what was expected;
then the store adopts the file (`storage.files.store`), and only then a database row may speak of it. What is interrupted
leaves a temporary file, which `sweep` takes away, or a blob that no row names, which expiry takes away.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Literal

from headwater.storage.files.store import BlobStore, Entry
from headwater.storage.files.unreachable import StorageUnreachable

Algorithm = Literal["sha1", "sha256"]

READ_BYTES: Final = 256 * 1024
"""Bytes read at a time when a whole blob is digested."""

_DIGEST: Final = {"sha1": re.compile(r"[0-9a-f]{40}"), "sha256": re.compile(r"[0-9a-f]{64}")}


class BlobNotFound(Exception):
    """No blob of this digest is stored."""


class DigestMismatch(Exception):
    """The bytes are not those of the digest they came under."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"the content's digest is {found}, not {expected}")
        self.expected = expected
        self.found = found


class BlobWriter:
    """A blob while it is being written; `finish` makes it one."""

    def __init__(self, blobs: "Blobs", file: BinaryIO, temporary: Path) -> None:
        self._blobs = blobs
        self._file = file
        self._temporary = temporary
        self._digest = hashlib.new(blobs.algorithm, usedforsecurity=False)
        self.size = 0

    @property
    def digest(self) -> str:
        """Of what was written."""
        return self._digest.hexdigest()

    def write(self, piece: bytes) -> None:
        """Append bytes."""
        self._file.write(piece)
        self._digest.update(piece)
        self.size += len(piece)

    def finish(self, expected: str | None = None) -> str:
        """Make the bytes durable under their digest, and return it. Raises DigestMismatch.

        A blob that is there already is replaced by the same bytes: this heals a damaged one.
        """
        digest = self.digest
        if expected is not None and digest != expected:
            raise DigestMismatch(expected, digest)
        self._file.flush()
        self._blobs.adopt(self._temporary, digest)
        return digest


class Blobs:
    """Blobs in one store, which any number of processes and machines may share."""

    def __init__(self, store: BlobStore, algorithm: Algorithm) -> None:
        self.store = store
        self.algorithm = algorithm

    @contextmanager
    def batch(self) -> Iterator["BlobBatch"]:
        """Several blobs, which are there and durable when this ends without an exception."""
        batch = BlobBatch(self)
        try:
            yield batch
            batch.finish()
        finally:
            batch.discard()

    @contextmanager
    def writer(self) -> Iterator[BlobWriter]:
        """A new blob; without `finish` nothing of it stays."""
        temporary = self.temporary()
        with temporary.open("xb") as file:
            try:
                yield BlobWriter(self, file, temporary)
            finally:
                with suppress(FileNotFoundError):
                    temporary.unlink()

    def temporary(self) -> Path:
        """A path on this machine at which nothing is yet."""
        return self.store.temporary()

    def adopt(self, temporary: Path, digest: str) -> None:
        """A file that was written at a temporary path is this blob from now on."""
        self.store.adopt(temporary, self.key(digest))

    def put(self, pieces: Iterable[bytes], expected: str | None = None) -> tuple[str, int]:
        """Store the bytes; their digest and size. Raises DigestMismatch."""
        with self.writer() as writer:
            for piece in pieces:
                writer.write(piece)
            return writer.finish(expected), writer.size

    def open(self, digest: str) -> BinaryIO:
        """The blob's bytes, from the start. Raises BlobNotFound."""
        try:
            return self.store.open(self.key(digest))
        except FileNotFoundError:
            raise _gone(digest) from None

    def exists(self, digest: str) -> bool:
        """Whether a blob of this name is there, whatever its state."""
        try:
            self.store.size(self.key(digest))
        except FileNotFoundError:
            return False
        return True

    def is_still_there(self, digest: str) -> bool:
        """Whether a blob that was just stored was not deleted since, quickly."""
        return self.store.is_still_there(self.key(digest))

    def size(self, digest: str) -> int:
        """Bytes of the blob. Raises BlobNotFound."""
        try:
            return self.store.size(self.key(digest))
        except FileNotFoundError:
            raise _gone(digest) from None

    def is_intact(self, digest: str) -> bool:
        """Whether the blob is there and its bytes are still those of its digest. Raises
        StorageUnreachable."""
        try:
            with self.open(digest) as file:
                found = hashlib.new(self.algorithm, usedforsecurity=False)
                while piece := file.read(READ_BYTES):
                    found.update(piece)
        except StorageUnreachable:
            raise
        except (BlobNotFound, OSError):
            return False
        return found.hexdigest() == digest

    def delete(self, digest: str) -> None:
        """Forget the blob; one that is gone already is fine."""
        self.store.delete(self.key(digest))

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """All of them, with their digests."""
        for entry in self.store.entries():
            digest = entry.key.replace("/", "", 1)
            if self._is_digest(digest):
                yield digest, entry

    def older_than(self, moment: datetime, min_size: int = 0) -> Iterator[str]:
        """Digests of the blobs that were last written before `moment`, of so many bytes at least."""
        for digest, entry in self.entries():
            if entry.written_at < moment and entry.size >= min_size:
                yield digest

    def delete_older(self, digest: str, moment: datetime) -> None:
        """Forget the blob if it was last written before `moment`: writing it anew makes it young."""
        self.store.delete(self.key(digest), moment)

    def sweep(self, moment: datetime) -> int:
        """Delete temporary files that were last written before `moment`; how many."""
        return self.store.sweep(moment)

    def key(self, digest: str) -> str:
        """What the store calls the blob. Raises BlobNotFound for what is not a digest."""
        if not self._is_digest(digest):
            raise BlobNotFound(f"{digest!r} is not a {self.algorithm} digest")
        return f"{digest[:2]}/{digest[2:]}"

    def _is_digest(self, digest: str) -> bool:
        return _DIGEST[self.algorithm].fullmatch(digest) is not None


class BlobBatch:
    """Blobs that are stored together."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._written: dict[Path, str | None] = {}
        """Where each was written, and its key; None while it is not whole."""

    def put(self, pieces: Iterable[bytes]) -> tuple[str, int]:
        """Write the bytes; their digest and size. They can be read once the batch is over."""
        temporary = self._blobs.temporary()
        with temporary.open("xb") as file:
            self._written[temporary] = None
            writer = BlobWriter(self._blobs, file, temporary)
            for piece in pieces:
                writer.write(piece)
        self._written[temporary] = self._blobs.key(writer.digest)
        return writer.digest, writer.size

    def finish(self) -> None:
        """Make all of them durable under their digests."""
        whole = {path: key for path, key in self._written.items() if key is not None}
        self._blobs.store.adopt_all(whole)

    def discard(self) -> None:
        """Take away what did not become a blob."""
        for temporary in self._written:
            with suppress(FileNotFoundError):
                temporary.unlink()


def _gone(digest: str) -> BlobNotFound:
    return BlobNotFound(f"the stored file {digest} is gone")
