"""Chunks between their upload and the assembly of what they are part of."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from io import BufferedReader
from typing import BinaryIO, Final, cast

from headwater.artifacts.joined import JoinedChunks
from headwater.protocol.chunks import Sha1
from headwater.storage.files.blobs import BlobNotFound, Blobs, BlobWriter
from headwater.storage.uploads.chunks import Chunks
from headwater.storage.uploads.home import Home

ASKED_AT_A_TIME: Final = 16
"""Chunks that storage is asked for."""


class UploadedChunks:
    """The chunks of every home: the register in the database, the bytes in blobs."""

    def __init__(self, register: Chunks, blobs: Blobs) -> None:
        """`blobs` are named by SHA-1, as the protocol has it."""
        self._register = register
        self._blobs = blobs

    def writer(self) -> AbstractContextManager[BlobWriter]:
        """A chunk that is coming in. It is nobody's until it is kept."""
        return self._blobs.writer()

    @contextmanager
    def scratch(self) -> Iterator[BinaryIO]:
        """An empty file on the same volume, which is gone afterwards."""
        path = self._blobs.temporary()
        with path.open("x+b") as file:
            path.unlink()
            yield cast("BinaryIO", file)

    def keep(self, home: Home, sizes: Mapping[Sha1, int], now: datetime) -> None:
        """These chunks, whose bytes are stored, were uploaded by this home. Raises BlobsMissing if they
        expired in this very moment."""
        if sizes:
            self._register.register(home, sizes, now, self._blobs.is_still_there)

    def missing(self, home: Home, wanted: Sequence[Sha1], now: datetime) -> tuple[Sha1, ...]:
        """Those that the home has not uploaded, or that are lost or cut short on disk, in order.

        The others won't expire for a while.
        """
        distinct = tuple(dict.fromkeys(wanted))
        sizes = self._register.touch(home, distinct, now)
        stored = self._sizes([sha1 for sha1 in distinct if sha1 in sizes])
        return tuple(sha1 for sha1 in distinct if sha1 not in sizes or sizes[sha1] != stored[sha1])

    def damaged(self, suspects: Sequence[Sha1]) -> tuple[Sha1, ...]:
        """Those whose bytes are not theirs any more. They are dropped, so that they come anew."""
        bad = tuple(sha1 for sha1 in dict.fromkeys(suspects) if not self._blobs.is_intact(sha1))
        for sha1 in bad:
            self._blobs.delete(sha1)
        return bad

    def total(self, chunks: Sequence[Sha1]) -> int:
        """Bytes of all of them together. Raises BlobNotFound."""
        sizes = self._sizes(chunks)
        return sum(_there(sha1, sizes) for sha1 in chunks)

    @contextmanager
    def joined(self, chunks: Sequence[Sha1]) -> Iterator[BinaryIO]:
        """The file that the chunks were cut from. Raises BlobNotFound, also while reading."""
        sizes = self._sizes(chunks)
        raw = JoinedChunks(self._blobs, [(sha1, _there(sha1, sizes)) for sha1 in chunks])
        with BufferedReader(raw) as file:
            yield cast("BinaryIO", file)

    def expire(self, before: datetime) -> int:
        """Drop chunks that nobody asked about since, and bytes that are nobody's; how many chunks."""
        expired = self._register.expire(before)
        old = tuple(Sha1(digest) for digest in self._blobs.older_than(before))
        self._register.drop_unnamed(old, lambda sha1, _: self._blobs.delete_older(sha1, before))
        self._blobs.sweep(before)
        return expired

    def _sizes(self, sha1s: Sequence[Sha1]) -> Mapping[Sha1, int | None]:
        """As stored; None of those that are gone. Several are asked for at a time: a bucket answers
        each within some milliseconds, and a large upload has thousands."""
        distinct = tuple(dict.fromkeys(sha1s))
        with ThreadPoolExecutor(ASKED_AT_A_TIME) as pool:
            return dict(zip(distinct, pool.map(self._size, distinct), strict=True))

    def _size(self, sha1: Sha1) -> int | None:
        try:
            return self._blobs.size(sha1)
        except BlobNotFound:
            return None


def _there(sha1: Sha1, sizes: Mapping[Sha1, int | None]) -> int:
    size = sizes[sha1]
    if size is None:
        raise BlobNotFound(f"the chunk {sha1} is gone")
    return size
