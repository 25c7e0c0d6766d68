"""Uploaded files as they came, by SHA-256: raw at first, in packs once `storage.files.settle` was there.

Whoever reads can't tell which it is. Writing is always raw; a raw file goes before a pack, so that
sending a file again heals it whatever happened to its pack.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

from headwater.storage.files.blobs import BlobNotFound, Blobs
from headwater.storage.files.compiled_files import CompiledFiles
from headwater.storage.files.pack_reader import PackedOriginal, PackReader
from headwater.storage.files.packs import KeptPack, Packs
from headwater.storage.files.store import BlobStore


class Originals(Blobs):
    """Blobs whose older ones are kept in packs. Reading one raises PackDamaged, an OSError.

    What is deleted, by name or age, is the raw file. Expiry takes its pack, once no upload names it.
    """

    def __init__(self, store: BlobStore, packs: Packs, files: CompiledFiles) -> None:
        """`store`: of the raw files. `files` are the packs."""
        super().__init__(store, "sha256")
        self._packs = packs
        self._files = files

    def open(self, digest: str) -> BinaryIO:
        """The file's bytes, from the start; it may not be seekable. Raises BlobNotFound."""
        try:
            return super().open(digest)
        except BlobNotFound:
            name = self._pack(digest).name
        pieces = PackReader(self._files).original(str(name))
        return cast("BinaryIO", BufferedReader(PackedOriginal(pieces)))

    def exists(self, digest: str) -> bool:
        """Whether a file of this name is there, whatever its state."""
        return super().exists(digest) or self._packs.find(digest) is not None

    def is_still_there(self, digest: str) -> bool:
        """As `exists`, of one that was just stored."""
        return super().is_still_there(digest) or self._packs.find(digest) is not None

    def size(self, digest: str) -> int:
        """Bytes of the file as it came. Raises BlobNotFound."""
        try:
            return super().size(digest)
        except BlobNotFound:
            return self._pack(digest).original_size

    @contextmanager
    def as_file(self, digest: str) -> Iterator[Path]:
        """A path at which the file can be read until this ends, for another process.

        Raises BlobNotFound, and PackDamaged before anybody reads anything wrong.
        """
        path = self.temporary()
        try:
            yield self._put_at(path, digest)
        finally:
            with suppress(FileNotFoundError):
                path.unlink()

    def _put_at(self, path: Path, digest: str) -> Path:
        with suppress(FileNotFoundError):
            return self.store.bring(self.key(digest), path)
        with self.open(digest) as file, path.open("xb") as copy:
            while piece := file.read(1024**2):
                copy.write(piece)
        return path

    def _pack(self, digest: str) -> KeptPack:
        found = self._packs.find(digest)
        if found is None:
            raise BlobNotFound(f"the stored file {digest} is gone")
        return found
