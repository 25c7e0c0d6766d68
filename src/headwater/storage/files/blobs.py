"""Immutable files by the digest of their content, durable once `put` returns.

The order that makes a blob survive a power cut, and never be visible half:
1. the bytes go to a temporary file on the same volume, digested as they pass;
2. the digest is compared with what was expected;
3. fsync of the file: its bytes are on the medium before its name exists;
4. rename to its final name: a reader sees all of it or nothing;
5. fsync of the folder: the name is on the medium too.
Only then may a database row speak of it. A batch of blobs does 3, 4 and 5 in its end, each for all of
them at once: a disk that is asked to sync many files makes few writes of it. A cut before 4 leaves a temporary file, which `sweep`
takes away; a cut after it leaves a blob that no row names, which expiry takes away.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Literal

from headwater.storage.files.durable import (
    make_folder,
    rename,
    sweep,
    sync_all,
    sync_file,
    sync_folder,
    written_at,
)

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

    def __init__(self, blobs: "DiskBlobs", file: BinaryIO, temporary: Path) -> None:
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
        os.fsync(self._file.fileno())
        final = self._blobs.path(digest)
        make_folder(final.parent)
        self._temporary.replace(final)
        sync_folder(final.parent)
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
        """A path on the same volume at which nothing is yet."""
        folder = self.root / "tmp"
        make_folder(folder)
        return folder / secrets.token_hex(16)

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
    """Blobs that are stored together."""

    def __init__(self, blobs: DiskBlobs) -> None:
        self._blobs = blobs
        self._written: dict[Path, Path | None] = {}
        """Where each was written, and where it will be; None while it is not whole."""

    def put(self, pieces: Iterable[bytes]) -> tuple[str, int]:
        """Write the bytes; their digest and size. They can be read once the batch is over."""
        temporary = self._blobs.temporary()
        with temporary.open("xb") as file:
            self._written[temporary] = None
            writer = BlobWriter(self._blobs, file, temporary)
            for piece in pieces:
                writer.write(piece)
        self._written[temporary] = self._blobs.path(writer.digest)
        return writer.digest, writer.size

    def finish(self) -> None:
        """Make all of them durable under their digests."""
        whole = {path: final for path, final in self._written.items() if final is not None}
        sync_all(sync_file, whole)
        for temporary, final in whole.items():
            rename(temporary, final)
        folders = {final.parent for final in whole.values()}
        # The root has the names of folders that are new.
        sync_all(sync_folder, {each.parent for each in folders} | folders)

    def discard(self) -> None:
        """Take away what did not become a blob."""
        for temporary in self._written:
            with suppress(FileNotFoundError):
                temporary.unlink()
