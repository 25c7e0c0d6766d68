"""The parts that a compiled file is made of: small, compressed, each with a checksum of its own.

A file is parts one after another, the last of them its head, and a trailer that says where the head
is. The head refers to other parts, and those to others; nothing is believed that was not checked.
"""

import struct
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple, Protocol, TypeVar

from isal import isal_zlib
from zstandard import ZstdError, frame_content_size

from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.dictionaries import CHECKSUM, Decompressors, Shared, compressor
from headwater.sourcemaps.reading.document import SourceMapTooLarge

VERSION: Final = 5
"""Of the format. A file of another version is compiled again from the original."""
MAX_PART: Final = 64 * 1024**2
"""Bytes of one part before compression: the directory of the largest table has 3 MB."""
TAIL: Final = 32 * 1024
"""Bytes at the end that are read at once: trailer and head of nearly every file."""
MAX_FILE: Final = 64 * 1024**3
"""Bytes of one compiled file, so that a part's offset has 36 bits."""

MAX_GAP: Final = 4096
"""Bytes between two parts that are asked for as one: a page costs nothing, a question does."""
OPEN_BYTES: Final = 8 * 1024
"""Memory of an open file beside its head: the objects that read it."""
PLAIN: Final = 8 * 1024
"""Bytes of a head from which on it is not compressed: it is read whenever the file is opened, and
decompressing takes three times as long as reading what compressing saves."""

T = TypeVar("T")
Raw = bytes | bytearray
"""What was read of a file."""
Content = bytes | memoryview
Range = tuple[int, int]
"""Offset and length, in bytes."""

NO_NUMBERS: Final = memoryview(b"")
"""What `packed` makes of none."""
_U64: Final = array("Q").itemsize
_MAGIC: Final = b"HWcm"
_CHECKSUM: Final = struct.Struct("<I")
_CHECKSUM_BYTES: Final = _CHECKSUM.size
_CHECKSUM_MASK: Final = 2**32 - 1
_SHARED_SHIFT: Final = 30
"""Bits of a checksum's seed above which it says what the part shares."""
_RIGHT: Final = 0x2144DF1C
"""The CRC-32 of anything with its own CRC-32 behind it, whatever it was seeded with."""
_PLAIN_MARK: Final = 0
"""The byte in front of a part that is not compressed; what zstd compressed begins with another one."""
_TRAILER: Final = struct.Struct("<4sHHQQI")
"""Magic, version, kind, where the head begins and how long it is, checksum of all that."""
TRAILER_BYTES: Final = _TRAILER.size
_LENGTH_BITS: Final = 28
"""MAX_PART, even where compression makes it longer, has fewer."""
_LENGTH_MASK: Final = 2**_LENGTH_BITS - 1


_ZSTD: Final = Decompressors()


class CompiledFileDamaged(Exception):
    """A compiled file is not as it was written, or of another version; it can be made anew."""


class Ref(NamedTuple):
    """Where in its file a part is, and its bytes there, checksum included."""

    offset: int
    length: int

    @property
    def address(self) -> int:
        """Both in one number of 64 bits."""
        return address_of(self.offset, self.length)


def address_of(offset: int, length: int) -> int:
    """`Ref.address`, without a Ref."""
    return offset << _LENGTH_BITS | length


def range_at(address: int) -> Range:
    """The inverse of `Ref.address`."""
    return address >> _LENGTH_BITS, address & _LENGTH_MASK


def tail_of(size: int) -> Range:
    """What opening a file of so many bytes reads first."""
    return max(0, size - TAIL), min(size, TAIL)


def packed(numbers: Iterable[int]) -> memoryview:
    """An array of u64, little-endian as all machines are that this runs on, as bytes."""
    return memoryview(array("Q", numbers)).cast("B")


def unpacked(array_of_u64: memoryview) -> Sequence[int]:
    """The inverse, without a copy. Raises CompiledFileDamaged."""
    if len(array_of_u64) % _U64:
        raise CompiledFileDamaged("an array of numbers is cut off")
    return array_of_u64.cast("Q")


class Bytes(Protocol):
    """Random access to a file that never changes."""

    @property
    def key(self) -> str:
        """What the file is called: the digest of what it was compiled from."""
        ...

    @property
    def size(self) -> int:
        """In bytes."""
        ...

    @property
    def waits(self) -> bool:
        """Whether reading had to wait lately; if not, `will_read` is of no use."""
        ...

    def read_all(self, ranges: Sequence[Range]) -> list[Raw]:
        """What is at each place; fewer bytes where the file ends. Raises OSError."""
        ...

    def will_read(self, ranges: Iterable[Range]) -> None:
        """Let the system fetch these while others are read; it may do nothing."""
        ...


class PartWriter:
    """Appends parts to a file."""

    def __init__(
        self, write: Callable[[bytes], object], key: str, kind: int, limit: int = MAX_FILE
    ) -> None:
        """`key` is the file's own name and `kind` what it holds: both are part of every checksum.

        `limit` in bytes.
        """
        self._write = write
        self._limit = limit
        self._seed = _seed(key, kind)
        self._kind = kind
        self._offset = 0
        self._compressor = cache(compressor)

    def add(self, content: bytes, shared: Shared = Shared.NOTHING) -> Ref:
        """Append one part, which is read by the same `shared`. Raises SourceMapTooLarge over MAX_PART
        or the file's limit."""
        if len(content) > MAX_PART:
            raise SourceMapTooLarge(f"a part has {len(content):,} bytes, more than {MAX_PART:,}")
        if self._offset >= self._limit:
            raise SourceMapTooLarge(f"a compiled file has more than {self._limit:,} bytes")
        return self._add(self._compressor(shared).compress(content), shared)

    def _add(self, packed: bytes, shared: Shared = Shared.NOTHING) -> Ref:
        ref = Ref(self._offset, len(packed) + _CHECKSUM_BYTES)
        seed = self._seed ^ shared << _SHARED_SHIFT
        self._append(packed + _CHECKSUM.pack(_checksum(packed, seed, ref.offset)))
        return ref

    def finish(self, head: bytes) -> int:
        """Append the head and the trailer; the file's size in bytes."""
        ref = self.add(head) if len(head) < PLAIN else self._add(bytes([_PLAIN_MARK]) + head)
        fields = (_MAGIC, VERSION, self._kind, ref.offset, ref.length)
        unchecked = _TRAILER.pack(*fields, 0)[: -_CHECKSUM.size]
        self._append(unchecked + _CHECKSUM.pack(_checksum(unchecked, self._seed, self._offset)))
        return self._offset

    def _append(self, content: bytes) -> None:
        self._write(content)
        self._offset += len(content)


class Parts:
    """Reads parts of one file."""

    def __init__(self, file: Bytes, kind: int, cache: Cache) -> None:
        self.file = file
        self.cache = cache
        self._seed = _seed(file.key, kind)
        self._kind = kind

    def head(self) -> Content:
        """The head's content; of a large one a view of what was read. Raises CompiledFileDamaged, OSError."""
        size = self.file.size
        (tail,) = self.file.read_all([tail_of(size)])
        if size < TRAILER_BYTES or len(tail) < TRAILER_BYTES:
            raise CompiledFileDamaged(f"{self.file.key}: it has only {size:,} bytes")
        trailer = tail[-TRAILER_BYTES:]
        magic, version, kind, offset, length, checksum = _TRAILER.unpack(trailer)
        if (magic, version, kind) != (_MAGIC, VERSION, self._kind):
            raise CompiledFileDamaged(f"{self.file.key}: it is not of version {VERSION}")
        place = size - TRAILER_BYTES
        if _checksum(trailer[: -_CHECKSUM.size], self._seed, place) != checksum:
            raise CompiledFileDamaged(f"{self.file.key}: its trailer is damaged")
        if offset + length != place:
            raise CompiledFileDamaged(f"{self.file.key}: bytes are missing from it")
        start = offset - (size - len(tail))
        if start >= 0:
            return self._contents([tail[start : start + length]], [(offset, length)])[0]
        return self._contents(self.file.read_all([(offset, length)]), [(offset, length)])[0]

    def read(self, addresses: Iterable[int], shared: Shared = Shared.NOTHING) -> list[Content]:
        """Contents of parts. Raises CompiledFileDamaged, OSError."""
        ranges = [(each >> _LENGTH_BITS, each & _LENGTH_MASK) for each in addresses]
        return self._contents(self.file.read_all(ranges), ranges, shared)

    def announce(self, addresses: Iterable[int]) -> bool:
        """Let the system fetch these parts, without those that are kept. False if that is none, or
        all seems to be in memory."""
        if not self.file.waits:
            return False
        cache = self.cache
        missing = sorted(each for each in addresses if (self, each) not in cache)
        if missing:
            self.file.will_read(_ranges(missing))
        return bool(missing)

    def decoded(
        self,
        address: int,
        decode: Callable[[Content], tuple[T, int]],
        shared: Shared = Shared.NOTHING,
    ) -> T:
        """What `decode` makes of a part's content, with the bytes that takes in memory.

        It is kept for others who ask. Raises CompiledFileDamaged, OSError.
        """
        key = (self, address)
        found: T | None = self.cache.get(key)
        if found is None:
            (content,) = self.read([address], shared)
            found, size = decode(content)
            self.cache.put(key, found, size)
        return found

    def decoded_all(
        self,
        addresses: Iterable[int],
        decode: Callable[[Mapping[int, Content]], Iterable[tuple[T, int]]],
        shared: Shared = Shared.NOTHING,
    ) -> dict[int, T]:
        """As `decoded` of each; `decode` gets all contents of which nothing is kept, by address."""
        found: dict[int, T] = {}
        missing: list[int] = []
        for address in addresses:
            kept: T | None = self.cache.get((self, address))
            if kept is None:
                missing.append(address)
            else:
                found[address] = kept
        if missing:
            contents = dict(zip(missing, self.read(missing, shared), strict=True))
            made = list(decode(contents))
            keys = [(self, address) for address in missing]
            self.cache.put_all(zip(keys, made, strict=True))
            found.update(zip(missing, [each for each, _ in made], strict=True))
        return found

    def _contents(
        self, stored: Sequence[Raw], ranges: Sequence[Range], shared: Shared = Shared.NOTHING
    ) -> list[Content]:
        """What is in parts that were read. An event has forty of them: a call for each of the
        steps would take a third of the time."""
        contents: list[Content] = []
        crc32, decompress = isal_zlib.crc32, _ZSTD.of(shared)
        seed = self._seed ^ shared << _SHARED_SHIFT
        for raw, (offset, length) in zip(stored, ranges, strict=True):
            if len(raw) != length or length <= _CHECKSUM_BYTES:
                raise CompiledFileDamaged(f"{self.file.key}: it ends within a part")
            if crc32(raw, (seed ^ offset ^ offset >> 32) & _CHECKSUM_MASK) != _RIGHT:
                raise CompiledFileDamaged(f"{self.file.key}: the part at {offset:,} is damaged")
            if raw[0] == _PLAIN_MARK:
                contents.append(memoryview(raw)[1:-_CHECKSUM_BYTES])
                continue
            try:
                if frame_content_size(raw) > MAX_PART:
                    raise CompiledFileDamaged(f"{self.file.key}: a part is too large")
                contents.append(decompress(raw))  # and not what is behind the frame
            except ZstdError as error:
                raise CompiledFileDamaged(f"{self.file.key}: {error}") from None
        return contents


def _ranges(addresses: Iterable[int]) -> list[Range]:
    """Where parts are, in their order, near ones together."""
    ranges: list[Range] = []
    for address in addresses:
        offset, length = range_at(address)
        begin, before = ranges[-1] if ranges else (offset, 0)
        if ranges and offset <= begin + before + MAX_GAP:
            ranges[-1] = (begin, offset + length - begin)
        else:
            ranges.append((offset, length))
    return ranges


def _seed(key: str, kind: int) -> int:
    return isal_zlib.crc32(f"{VERSION} {CHECKSUM} {kind} {key}".encode())


def _checksum(packed: Content | Raw, seed: int, offset: int) -> int:
    """Other files' parts, this file's at other places, and those of other dictionaries have others."""
    return isal_zlib.crc32(packed, (seed ^ offset ^ offset >> 32) & _CHECKSUM_MASK)
