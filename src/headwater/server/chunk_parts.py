"""The parts of a chunk upload: unpacked, checked against their names, written to disk as they come."""

import zlib
from contextlib import ExitStack
from typing import Final

from headwater.artifacts.upload import UploadedChunks
from headwater.protocol.chunks import Sha1, parse_sha1
from headwater.server.errors import MalformedRequest
from headwater.server.multipart import PartName
from headwater.storage.files.blobs import BlobWriter, DigestMismatch

MAX_CHUNK: Final = 8 * 1024**2
"""Bytes of one chunk, unpacked, whatever size is offered now: clients keep the offer for a while,
and this is the size that Sentry itself offers."""

_FIELDS: Final = ("file", "file_gzip")
_GZIP: Final = 16 + zlib.MAX_WBITS


class ChunkParts:
    """Takes the parts of one request. Every method raises MalformedRequest."""

    def __init__(self, uploads: UploadedChunks, max_chunk: int) -> None:
        """`max_chunk` in bytes, unpacked."""
        self._uploads = uploads
        self._max_chunk = max_chunk
        self.received: dict[Sha1, int] = {}
        """Sizes in bytes of the chunks that are durable."""
        self._open = ExitStack()
        self._sha1: Sha1 | None = None
        self._writer: BlobWriter | None = None
        self._gzip: zlib._Decompress | None = None

    def begin(self, part: PartName) -> None:
        """A chunk, if the field is one of those that were offered."""
        if part.name.startswith("file_") and part.name not in _FIELDS:
            raise MalformedRequest(
                f"Chunks come plain in 'file' or gzipped in 'file_gzip', not in {part.name!r}."
            )
        if part.name not in _FIELDS:
            return
        self._sha1 = parse_sha1(part.filename or "")
        if self._sha1 is None:
            raise MalformedRequest(
                f"A chunk's file name is its SHA-1, 40 hex digits, not {part.filename!r}."
            )
        self._gzip = zlib.decompressobj(_GZIP) if part.name == "file_gzip" else None
        self._writer = self._open.enter_context(self._uploads.writer())

    def write(self, piece: bytes) -> None:
        """More bytes, compressed or not."""
        if self._writer is None:
            return
        if self._gzip is None:
            self._keep(piece)
            return
        try:
            while piece:
                self._keep(self._gzip.decompress(piece, self._max_chunk))
                piece = self._gzip.unconsumed_tail
        except zlib.error as error:
            raise MalformedRequest(f"The chunk {self._sha1} is not gzip: {error}.") from None

    def end(self) -> None:
        """The chunk is complete: check it, and make it durable."""
        if self._writer is None or self._sha1 is None:
            return
        if self._gzip is not None and not self._gzip.eof:
            raise MalformedRequest(f"The gzip of the chunk {self._sha1} ends in the middle.")
        try:
            self._writer.finish(self._sha1)
        except DigestMismatch as error:
            raise MalformedRequest(
                f"The chunk {error.expected} has the SHA-1 {error.found}: it was damaged on its way."
            ) from None
        self.received[self._sha1] = self._writer.size
        self.close()

    def close(self) -> None:
        """Let go of a chunk that did not come to its end."""
        self._writer = self._sha1 = self._gzip = None
        self._open.close()

    def _keep(self, piece: bytes) -> None:
        if self._writer is None:
            return
        if self._writer.size + len(piece) > self._max_chunk:
            raise MalformedRequest(
                f"The chunk {self._sha1} has more than {self._max_chunk:,} bytes, the limit."
            )
        self._writer.write(piece)
