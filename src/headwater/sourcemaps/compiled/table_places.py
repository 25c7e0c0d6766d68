"""Where the function table of each source is: numbers only, so many together in one part."""

from array import array
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from headwater.sourcemaps.compiled.layout import OWN, Named
from headwater.sourcemaps.compiled.parts import (
    CompiledFileDamaged,
    Parts,
    PartWriter,
    Ref,
    packed,
    unpacked,
)

SOURCES: Final = 1024
"""Sources of one part, 10 bytes each: an event reads one or two parts of most maps."""
_BYTES: Final = 10
_KINDS: Final = {int(each): each for each in Named}


class TablePlace(NamedTuple):
    """Where one source's function table is, and how its functions came to their names."""

    named: Named
    holder: int
    address: int


class TablePlacesHead(msgspec.Struct, frozen=True, array_like=True):
    """Where the parts are. In each come all addresses (u64), all kinds, all holders (a byte each)."""

    length: int = 0
    addresses: bytes = b""


class TablePlacesWriter:
    """Writes the places of all sources' tables, in the map's order."""

    def __init__(self, parts: PartWriter) -> None:
        self._parts = parts
        self._written: list[int] = []
        self._length = 0
        self._begin()

    def add(
        self, named: Named = Named.NOT_NAMED, holder: int = OWN, ref: Ref | None = None
    ) -> None:
        """Append a source; without `ref` nothing is known of its functions."""
        self._addresses.append(0 if ref is None else ref.address)
        self._kinds.append(named)
        self._holders.append(holder)
        self._length += 1
        if len(self._kinds) == SOURCES:
            self._flush()

    def finish(self) -> TablePlacesHead:
        """Write what is left."""
        if self._kinds:
            self._flush()
        return TablePlacesHead(self._length, packed(self._written))

    def _begin(self) -> None:
        self._addresses = array("Q")
        self._kinds = bytearray()
        self._holders = bytearray()

    def _flush(self) -> None:
        content = self._addresses.tobytes() + self._kinds + self._holders
        self._written.append(self._parts.add(content).address)
        self._begin()


class TablePlaces:
    """Reads them."""

    def __init__(self, parts: Parts, head: TablePlacesHead) -> None:
        """Raises CompiledFileDamaged."""
        self._parts = parts
        self._length = head.length
        self._addresses = unpacked(head.addresses)

    def __getitem__(self, source: int) -> TablePlace:
        """By the source's index. Raises CompiledFileDamaged, also behind the end; OSError."""
        number, place = divmod(source, SOURCES)
        if 0 <= source < self._length and number < len(self._addresses):
            addresses, kinds, holders = self._parts.decoded(self._addresses[number], _columns)
            named = _KINDS.get(kinds[place]) if place < len(kinds) else None
            if named is not None:
                return TablePlace(named, holders[place], addresses[place])
        raise CompiledFileDamaged(f"{self._parts.file.key}: it has no functions of source {source}")

    def announce(self, sources: Iterable[int]) -> bool:
        """Let the system fetch the parts that tell of these sources; False if that is none."""
        numbers = {source // SOURCES for source in sources}
        known = range(len(self._addresses))
        return self._parts.announce(self._addresses[each] for each in numbers if each in known)


def _columns(content: bytes) -> tuple[tuple[Sequence[int], bytes, bytes], int]:
    length, rest = divmod(len(content), _BYTES)
    if rest:
        raise CompiledFileDamaged("places of function tables are cut off")
    addresses = unpacked(content[: 8 * length])
    return (addresses, content[8 * length : 9 * length], content[9 * length :]), 2 * len(content)
