"""Where the function table of each source is."""

from array import array
from typing import Final, NamedTuple

import msgspec

from headwater.sourcemaps.compiled.layout import Named
from headwater.sourcemaps.compiled.parts import (
    NO_NUMBERS,
    CompiledFileDamaged,
    Ref,
    packed,
    unpacked,
)
from headwater.sourcemaps.compiled.sources import OWN

_KINDS: Final = {int(each): each for each in Named}


class TablePlace(NamedTuple):
    """Where one source's function table is, and how its functions came to their names."""

    named: Named
    holder: int
    address: int


class TablePlacesHead(msgspec.Struct, frozen=True, array_like=True):
    """Of all sources of a map, in its order."""

    addresses: memoryview = NO_NUMBERS
    """u64."""
    kinds: memoryview = NO_NUMBERS
    """`Named`, a byte each."""
    holders: memoryview = NO_NUMBERS
    """A byte each."""


class TablePlacesWriter:
    """Puts the places of all sources' tables together, in the map's order."""

    def __init__(self) -> None:
        self._addresses = array("Q")
        self._kinds = bytearray()
        self._holders = bytearray()

    def add(
        self, named: Named = Named.NOT_NAMED, holder: int = OWN, ref: Ref | None = None
    ) -> None:
        """Append a source; without `ref` nothing is known of its functions."""
        self._addresses.append(0 if ref is None else ref.address)
        self._kinds.append(named)
        self._holders.append(holder)

    def finish(self) -> TablePlacesHead:
        """All of them."""
        return TablePlacesHead(
            packed(self._addresses), memoryview(self._kinds), memoryview(self._holders)
        )


class TablePlaces:
    """Reads them."""

    def __init__(self, head: TablePlacesHead) -> None:
        """Raises CompiledFileDamaged."""
        self._addresses = unpacked(head.addresses)
        self._kinds = head.kinds
        self._holders = head.holders
        if not len(self._addresses) == len(self._kinds) == len(self._holders):
            raise CompiledFileDamaged("places of function tables are cut off")

    def __getitem__(self, source: int) -> TablePlace:
        """By the source's index. Raises CompiledFileDamaged, also behind the end."""
        if 0 <= source < len(self._kinds):
            named = _KINDS.get(self._kinds[source])
            if named is not None:
                return TablePlace(named, self._holders[source], self._addresses[source])
        raise CompiledFileDamaged(f"there are no functions of source {source:,}")
