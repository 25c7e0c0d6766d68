"""Chunks as the one file that they were cut from, without copying them together."""

import io
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, BinaryIO

from headwater.protocol.chunks import Sha1
from headwater.storage.files.blobs import Blobs


class JoinedChunks(io.RawIOBase):
    """A read-only, seekable file over chunks in their order; one of them is open at a time."""

    def __init__(self, blobs: Blobs, chunks: Sequence[tuple[Sha1, int]]) -> None:
        """`chunks`: names and sizes in bytes. Reading raises BlobNotFound if one is gone."""
        self._blobs = blobs
        self._chunks = [(sha1, size) for sha1, size in chunks if size]
        self._ends = list(accumulate(size for _, size in self._chunks))
        self.size = self._ends[-1] if self._ends else 0
        self._position = 0
        self._open: tuple[int, BinaryIO] | None = None

    def readinto(self, buffer: Any) -> int:  # typeshed's name for bytes-like is not public
        """Fill `buffer` from the present chunk; 0 at the end."""
        if self._position >= self.size:
            return 0
        index = bisect_right(self._ends, self._position)
        start = self._ends[index - 1] if index else 0
        file = self._file(index)
        file.seek(self._position - start)
        wanted = min(len(buffer), self._ends[index] - self._position)
        piece = file.read(wanted)
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As of any file."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError(f"there is nothing at {base + offset}")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        """Where the next byte comes from."""
        return self._position

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def close(self) -> None:
        """Close the chunk that is open."""
        if self._open is not None:
            self._open[1].close()
            self._open = None
        super().close()

    def _file(self, index: int) -> BinaryIO:
        if self._open is None or self._open[0] != index:
            file = self._blobs.open(self._chunks[index][0])
            if self._open is not None:
                self._open[1].close()
            self._open = (index, file)
        return self._open[1]
