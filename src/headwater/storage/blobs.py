"""Immutable files by the digest of their content, durable once `put` returns.

The order that makes a blob survive a power cut, and never be visible half:
1. the bytes go to a temporary file on the same volume, digested as they pass;
2. the digest is compared with what was expected;
3. fsync of the file: its bytes are on the medium before its name exists;
4. rename to its final name: a reader sees all of it or nothing;
5. fsync of the folder: the name is on the medium too.
Only then may a database row speak of it. A batch of blobs does 5 once for each folder, after its
last blob: nobody may speak of any of them before, so nothing is lost by waiting, and a bundle of
600 files has 256 folders to sync, not 600 times one. A cut before 4 leaves a temporary file, which `sweep`
takes away; a cut after it leaves a blob that no row names, which expiry takes away.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Literal

from headwater.storage.durable import make_folder, sweep, sync_folder, written_at

Algorithm = Literal["sha1", "sha256"]

Sync = Callable[[Path], None]
"""Makes the names in a folder durable, now or before anybody relies on them."""

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

    def __init__(self, blobs: "DiskBlobs", file: BinaryIO, temporary: Path, sync: "Sync") -> None:
        self._blobs = blobs
        self._file = file
        self._temporary = temporary
        self._sync = sync
        self._digest = hashlib.new(blobs.algorithm, usedforsecurity=False)
        self.size = 0

    def write(self, piece: bytes) -> None:
        """Append bytes."""
        self._file.write(piece)
        self._digest.update(piece)
        self.size += len(piece)

    def finish(self, expected: str | None = None) -> str:
        """Make the bytes durable under their digest, and return it. Raises DigestMismatch.

        Of a batch, it is only durable once the batch is over.

        A blob that is there already is replaced by the same bytes: this heals a damaged one.
        """
        digest = self._digest.hexdigest()
        if expected is not None and digest != expected:
            raise DigestMismatch(expected, digest)
        self._file.flush()
        os.fsync(self._file.fileno())
        final = self._blobs.path(digest)
        if not final.parent.is_dir():
            final.parent.mkdir(parents=True, exist_ok=True)
            self._sync(final.parent.parent)
        self._temporary.replace(final)
        self._sync(final.parent)
        return digest


class DiskBlobs:
    """Blobs below one folder, which any number of processes and machines may share."""

    def __init__(self, root: Path, algorithm: Algorithm) -> None:
        """`root` is made when the first blob is written."""
        self.root = root
        self.algorithm = algorithm

    def path(self, digest: str) -> Path:
        """Where the blob is, or would be. Raises BlobNotFound for what is not a digest."""
        if _DIGEST[self.algorithm].fullmatch(digest) is None:
            raise BlobNotFound(f"{digest!r} is not a {self.algorithm} digest")
        return self.root / digest[:2] / digest[2:]

    @contextmanager
    def batch(self) -> Iterator["BlobBatch"]:
        """Several blobs, which are durable when this ends without an exception."""
        batch = BlobBatch(self)
        yield batch
        batch.sync()

    @contextmanager
    def writer(self, sync: "Sync | None" = None) -> Iterator[BlobWriter]:
        """A new blob; without `finish` nothing of it stays."""
        folder = self.root / "tmp"
        make_folder(folder)
        temporary = folder / secrets.token_hex(16)
        with temporary.open("xb") as file:
            try:
                yield BlobWriter(self, file, temporary, sync or sync_folder)
            finally:
                with suppress(FileNotFoundError):
                    temporary.unlink()

    def put(self, pieces: Iterable[bytes], expected: str | None = None) -> tuple[str, int]:
        """Store the bytes; their digest and size. Raises DigestMismatch."""
        with self.writer() as writer:
            for piece in pieces:
                writer.write(piece)
            return writer.finish(expected), writer.size

    def open(self, digest: str) -> BinaryIO:
        """The blob's bytes, from the start. Raises BlobNotFound."""
        try:
            return self.path(digest).open("rb")
        except FileNotFoundError:
            raise BlobNotFound(f"the stored file {digest} is gone") from None

    def exists(self, digest: str) -> bool:
        """Whether a blob of this name is there, whatever its state."""
        return self.path(digest).is_file()

    def size(self, digest: str) -> int:
        """Bytes of the blob. Raises BlobNotFound."""
        try:
            return self.path(digest).stat().st_size
        except FileNotFoundError:
            raise BlobNotFound(f"the stored file {digest} is gone") from None

    def is_intact(self, digest: str) -> bool:
        """Whether the blob is there and its bytes are still those of its digest."""
        try:
            with self.open(digest) as file:
                found = hashlib.new(self.algorithm, usedforsecurity=False)
                while piece := file.read(READ_BYTES):
                    found.update(piece)
        except (BlobNotFound, OSError):
            return False
        return found.hexdigest() == digest

    def delete(self, digest: str) -> None:
        """Forget the blob; one that is gone already is fine."""
        with suppress(FileNotFoundError):
            self.path(digest).unlink()

    def older_than(self, moment: datetime) -> Iterator[str]:
        """Digests of the blobs that were last written before `moment`."""
        for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()):
                if written_at(path) < moment:
                    yield folder.name + path.name

    def delete_older(self, digest: str, moment: datetime) -> None:
        """Forget the blob if it was last written before `moment`: writing it anew makes it young."""
        if written_at(self.path(digest)) < moment:
            self.delete(digest)

    def sweep(self, moment: datetime) -> int:
        """Delete temporary files that were last written before `moment`; how many."""
        return sweep(self.root / "tmp", moment)


class BlobBatch:
    """Blobs that are stored together: each one's bytes are synced, the folders in the end."""

    def __init__(self, blobs: DiskBlobs) -> None:
        self._blobs = blobs
        self._folders: set[Path] = set()

    def put(self, pieces: Iterable[bytes]) -> tuple[str, int]:
        """Write the bytes; their digest and size. They can be read at once."""
        with self._blobs.writer(self._folders.add) as writer:
            for piece in pieces:
                writer.write(piece)
            return writer.finish(), writer.size

    def sync(self) -> None:
        """Make all names durable."""
        for folder in self._folders:
            sync_folder(folder)
