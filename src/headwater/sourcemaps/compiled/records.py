"""Lists of strings or small records, of which single ones are read: a few together make a part."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec

from headwater.sourcemaps.compiled.dictionaries import Shared
from headwater.sourcemaps.compiled.parts import (
    NO_NUMBERS,
    CompiledFileDamaged,
    Content,
    Parts,
    PartWriter,
    packed,
    unpacked,
)

NAMES: Final = 64
"""Strings of one part, some hundred bytes when compressed."""

T = TypeVar("T")


def structure(content: Content, shape: type[T]) -> T:
    """A structure that was written as MessagePack. Raises CompiledFileDamaged."""
    try:
        return msgspec.msgpack.decode(content, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CompiledFileDamaged(f"a {shape.__name__} can't be read: {error}") from None


class ListHead(msgspec.Struct, frozen=True, array_like=True):
    """Where a list's parts are."""

    length: int = 0
    per_part: Annotated[int, msgspec.Meta(ge=1)] = 1
    addresses: memoryview = NO_NUMBERS


class ListWriter(Generic[T]):
    """Writes a list from its entries in order."""

    def __init__(self, parts: PartWriter, per_part: int) -> None:
        self._parts = parts
        self._per_part = per_part
        self._waiting: list[T] = []
        self._addresses: list[int] = []
        self._length = 0

    def add(self, entries: Iterable[T]) -> None:
        """Append entries."""
        for entry in entries:
            self._waiting.append(entry)
            if len(self._waiting) == self._per_part:
                self._flush()

    def finish(self) -> ListHead:
        """Write what is left."""
        if self._waiting:
            self._flush()
        return ListHead(self._length, self._per_part, packed(self._addresses))

    def _flush(self) -> None:
        self._addresses.append(
            self._parts.add(msgspec.msgpack.encode(self._waiting), Shared.TEXT).address
        )
        self._length += len(self._waiting)
        self._waiting = []


class List(Generic[T]):
    """Reads a list."""

    def __init__(self, parts: Parts, head: ListHead, entry: type[T]) -> None:
        self._parts = parts
        self._length = head.length
        self._per_part = head.per_part
        self._addresses = unpacked(head.addresses)
        self._decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(list[entry])  # type: ignore[valid-type]

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> T:
        """Raises CompiledFileDamaged, also behind the end: indices come from the same map; OSError."""
        try:
            if 0 <= index < self._length:
                address = self._addresses[index // self._per_part]
                return self._parts.decoded(address, self._entries, Shared.TEXT)[
                    index % self._per_part
                ]
        except IndexError:
            pass  # fewer parts, or fewer entries in one, than the head says
        raise CompiledFileDamaged(f"{self._parts.file.key}: a list in it has no entry {index:,}")

    def _entries(self, content: Content) -> tuple[Sequence[T], int]:
        try:
            entries: Sequence[T] = self._decoder.decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise CompiledFileDamaged(f"a part of a list can't be read: {error}") from None
        return entries, 4 * len(content) + 220 * len(entries)
