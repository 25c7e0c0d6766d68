"""The file format of a kept original: what no other pack had, compressed, and how it is put together.

A pack holds a *stream*: the pieces that were new, one after another, cut into compressed frames.
Its *recipe* names runs of its own stream and of other packs' streams; joined they are the original.
A frame may be compressed against runs of another pack, a *dictionary*: then two builds whose
mappings differ in every hundredth byte cost a hundredth. Dictionaries are taken from frames that
have none themselves, so that reading a frame never takes more than two steps.

frames … | index (msgpack, zstd) | trailer. All of it is checked with the pack's own name.
"""

import errno
import struct
import zlib
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import msgspec
import zstandard

from headwater.storage.files.unreachable import StorageUnreachable

MAX_FRAME: Final = 1024**2
"""Bytes of a frame before compression. Larger ones compress hardly better, and a piece of a frame is
read by decompressing all of it."""

MAX_INDEX: Final = 64 * 1024**2
"""Bytes of a pack's index; that of an original of 256 MiB in the smallest pieces has 1 MB."""

LEVEL: Final = 9
"""Of zstd, in the background, at 20 MB/s and more: maps take 23 % of their size; level 3 takes 26 %,
level 15 22 % at a tenth of the speed."""

_MAGIC: Final = b"HWpk"
_VERSION: Final = 1
_TRAILER: Final = struct.Struct("<4sHQQII")
"""Magic, version, where the index begins and how long it is, its checksum, that of this trailer."""
_OFFSET: Final = struct.Struct("<Q")


class PackDamaged(OSError):
    """A pack is lost or not as it was written. An OSError: to readers, the disk failed."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(errno.EIO, f"the pack {key} of a kept original is damaged: {why}")
        self.key = key
        """The pack to blame."""


class Stored(Protocol):
    """A file that is read by place."""

    @property
    def key(self) -> str:
        """What it is called."""
        ...

    @property
    def size(self) -> int:
        """In bytes."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Fewer bytes if the file ends before. Raises OSError."""
        ...


class Run(msgspec.Struct, frozen=True, array_like=True):
    """Bytes of a pack's stream. `holder`: the pack's number in the index; 0 is the pack itself."""

    holder: int
    start: int
    length: int


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """A part of the stream, from `start` on: `length` bytes, stored in `stored` at `offset`."""

    start: int
    length: int
    offset: int
    stored: int
    checksum: int
    dictionary: Sequence[Run] = ()


class Index(msgspec.Struct, frozen=True, array_like=True):
    """What a pack is made of. `size`: bytes of the original."""

    size: int
    holders: Sequence[str]
    recipe: Sequence[Run]
    frames: Sequence[Frame]


class PackWriter:
    """Writes a pack from its frames."""

    def __init__(self, write: Callable[[bytes], object], key: str) -> None:
        self._write = write
        self._key = key
        self._seed = _seed(key)
        self._offset = 0
        self._stream = 0
        self._frames: list[Frame] = []

    def add(self, content: bytes, dictionary: bytes = b"", runs: Sequence[Run] = ()) -> None:
        """Append at most MAX_FRAME bytes to the stream. `runs` say what the dictionary is made of.

        It is only used where it more than halves the frame, which can't be in a dictionary then.
        """
        packed = _compressed(content, b"")
        if dictionary:
            against = _compressed(content, dictionary)
            packed, runs = (against, runs) if 2 * len(against) < len(packed) else (packed, ())
        checksum = _checksum(packed, self._seed, self._offset)
        self._frames.append(
            Frame(self._stream, len(content), self._offset, len(packed), checksum, tuple(runs))
        )
        self._append(packed)
        self._stream += len(content)

    def finish(self, size: int, holders: Sequence[str], recipe: Sequence[Run]) -> None:
        """Append what says how the original of `size` bytes is put together."""
        index = Index(size, holders, recipe, self._frames)
        packed = _compressed(msgspec.msgpack.encode(index), b"")
        fields = (_MAGIC, _VERSION, self._offset, len(packed))
        checksum = _checksum(packed, self._seed, self._offset)
        self._append(packed)
        unchecked = _TRAILER.pack(*fields, checksum, 0)[:-4]
        self._append(_TRAILER.pack(*fields, checksum, _checksum(unchecked, self._seed, 0)))

    def _append(self, content: bytes) -> None:
        self._write(content)
        self._offset += len(content)


class Pack:
    """Reads one pack. Raises PackDamaged wherever it is not as it was written."""

    def __init__(self, file: Stored) -> None:
        self._file = file
        self._seed = _seed(file.key)
        self.key = file.key
        self.index = self._index()
        self._starts = [frame.start for frame in self.index.frames]

    @property
    def length(self) -> int:
        """Bytes of the stream."""
        frames = self.index.frames
        return frames[-1].start + frames[-1].length if frames else 0

    def frames(self, start: int, length: int) -> Sequence[Frame]:
        """Those that the stream's bytes from `start` on are in."""
        frames = self.index.frames
        if start < 0 or start + length > self.length:
            raise PackDamaged(self.key, f"it has no {length:,} bytes at {start:,}")
        first = bisect_right(self._starts, start) - 1
        return frames[first : bisect_right(self._starts, max(start, start + length - 1))]

    def content(self, frame: Frame, dictionary: bytes) -> bytes:
        """A frame's part of the stream."""
        packed = self._checked(frame.offset, frame.stored, frame.checksum)
        if frame.length > MAX_FRAME:
            raise PackDamaged(self.key, f"a frame of {frame.length:,} bytes")
        return self._decompressed(packed, frame.length, dictionary)

    def _index(self) -> Index:
        size = self._file.size
        trailer = self._read(max(0, size - _TRAILER.size), _TRAILER.size)
        if len(trailer) < _TRAILER.size:
            raise PackDamaged(self.key, f"it has only {size:,} bytes")
        magic, version, offset, length, checksum, own = _TRAILER.unpack(trailer)
        if own != _checksum(trailer[:-4], self._seed, 0) or (magic, version) != (_MAGIC, _VERSION):
            raise PackDamaged(self.key, "its end is not that of a pack")
        packed = self._checked(offset, length, checksum)
        size = zstandard.frame_content_size(packed)
        if not 0 <= size <= MAX_INDEX:
            raise PackDamaged(self.key, f"an index of {size:,} bytes")
        try:
            return msgspec.msgpack.decode(self._decompressed(packed, size, b""), type=Index)
        except msgspec.DecodeError as error:
            raise PackDamaged(self.key, f"its index can't be read: {error}") from None

    def _checked(self, offset: int, length: int, checksum: int) -> bytes:
        packed = self._read(offset, length)
        if len(packed) != length or _checksum(packed, self._seed, offset) != checksum:
            raise PackDamaged(self.key, f"{length:,} bytes at {offset:,} are not what they were")
        return packed

    def _read(self, offset: int, length: int) -> bytes:
        try:
            return self._file.read(offset, length)
        except StorageUnreachable:  # which says nothing of the pack
            raise
        except OSError as error:
            raise PackDamaged(self.key, str(error.strerror)) from error

    def _decompressed(self, packed: bytes, length: int, dictionary: bytes) -> bytes:
        try:
            if zstandard.frame_content_size(packed) != length:
                raise PackDamaged(self.key, "a frame of another size")
            return zstandard.ZstdDecompressor(dict_data=_raw(dictionary)).decompress(packed)
        except zstandard.ZstdError as error:
            raise PackDamaged(self.key, str(error)) from None


def _compressed(content: bytes, dictionary: bytes) -> bytes:
    parameters = zstandard.ZstdCompressionParameters.from_level(
        LEVEL, source_size=len(content), dict_size=len(dictionary), write_content_size=True
    )
    compressor = zstandard.ZstdCompressor(compression_params=parameters, dict_data=_raw(dictionary))
    return compressor.compress(content)


def _raw(dictionary: bytes) -> zstandard.ZstdCompressionDict | None:
    if not dictionary:
        return None
    return zstandard.ZstdCompressionDict(dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def _seed(key: str) -> int:
    return zlib.crc32(f"{_VERSION} {key}".encode())


def _checksum(packed: bytes, seed: int, offset: int) -> int:
    return zlib.crc32(packed, zlib.crc32(_OFFSET.pack(offset), seed))
