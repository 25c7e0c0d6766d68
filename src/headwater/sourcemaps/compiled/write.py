"""Writing a compiled map, piece by piece, in little memory."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np

from headwater.sourcemaps.compiled.columns import Column
from headwater.sourcemaps.compiled.layout import MAPPED, MAX_HOLDERS, NAMED, RANGE, Kind, MapHead
from headwater.sourcemaps.compiled.parts import PartWriter, Ref, packed
from headwater.sourcemaps.compiled.places import TableWriter
from headwater.sourcemaps.compiled.records import NAMES, ListWriter
from headwater.sourcemaps.compiled.sources import (
    OWN,
    Elsewhere,
    SourceRecord,
    write_source,
    write_source_with,
)
from headwater.sourcemaps.reading.mappings import NONE

_CARRIED: Final = 4
"""Columns of a mapping that repeat the last value where they have none."""


class TextPlace(NamedTuple):
    """Where a text is: in which file (None: the one that is being written), and there its source."""

    digest: bytes
    """SHA-256 of the text as UTF-8."""
    holder: str | None
    ref: Ref


class Holders:
    """The other files that a file refers to, numbered from 1."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, holder: str | None) -> int | None:
        """Of a file; OWN for None, None if there are too many others already."""
        if holder is None:
            return OWN
        if holder not in self._numbers and len(self._numbers) == MAX_HOLDERS:
            return None
        return self._numbers.setdefault(holder, len(self._numbers) + 1)

    def keys(self) -> tuple[str, ...]:
        """In the order of their numbers."""
        return tuple(self._numbers)


class MapWriter:
    """Writes one compiled map. Its four kinds of content may come in any order, mixed."""

    def __init__(self, write: Callable[[bytes], object], key: str) -> None:
        """`write` appends to the file; `key` is its name, the digest of the map."""
        self._parts = PartWriter(write, key, Kind.MAP)
        self._mappings = TableWriter(self._parts)
        self._names = ListWriter[str](self._parts, NAMES)
        self._sources = array("Q")
        self._holders = Holders()
        self._last = [np.zeros(1, dtype=np.int32)] * _CARRIED
        self._last_line: int | None = None

    def add_mappings(self, columns: Sequence[Column], ranges: Column | None = None) -> None:
        """Append mappings: lines, columns, sources, source lines, source columns, names.

        int32 arrays, from 0, NONE where there is no source or name; sorted by generated place,
        also behind those that were added before. `ranges` is not 0 for range mappings.
        """
        lines, places, sources, *_, names = columns
        if not lines.size:
            return
        mapped, named = sources != NONE, names != NONE
        bits = mapped * np.int32(MAPPED) + named * np.int32(NAMED)
        if ranges is not None:
            bits += (ranges != 0) * np.int32(RANGE)
        present = (mapped, mapped, mapped, named)
        carried = [
            _carried(column, there, last)
            for column, there, last in zip(columns[2:], present, self._last, strict=True)
        ]
        self._last = [column[-1:] for column in carried]
        self._last_line = int(lines[-1])
        self._mappings.add([lines, places, bits, *carried])

    def add_names(self, names: Iterable[str]) -> None:
        """Append names, in the map's order."""
        some = list(names)
        self._names.add(some if "".join(some).isascii() else map(_encodable, some))

    def add_source_with(
        self, name: str | None, pieces: Iterable[str], *, is_ignored: bool
    ) -> TextPlace:
        """Append a source with its text, in the map's order."""
        digest, ref = write_source_with(self._parts, SourceRecord(_name(name), is_ignored), pieces)
        self._sources.append(ref.address)
        return TextPlace(digest, None, ref)

    def add_source(self, name: str | None, text: TextPlace | None, *, is_ignored: bool) -> bool:
        """Append a source whose text is stored, or that has none, in the map's order.

        False, and nothing is appended, if its text is in yet another file, one too many: then store
        the text here.
        """
        elsewhere = None
        if text is not None:
            holder = self._holders.number(text.holder)
            if holder is None:
                return False
            elsewhere = Elsewhere(text.digest, holder, text.ref.address)
        record = SourceRecord(_name(name), is_ignored, None, elsewhere)
        self._sources.append(write_source(self._parts, record).address)
        return True

    @property
    def holders(self) -> tuple[str, ...]:
        """Keys of the other files that this one refers to."""
        return self._holders.keys()

    def finish(self, debug_id: str | None = None, faults: Sequence[str] = ()) -> int:
        """Write what is left; the file's size in bytes."""
        head = MapHead(
            self._mappings.finish(),
            self._names.finish(),
            packed(self._sources),
            self._holders.keys(),
            _name(debug_id),
            tuple(map(_encodable, faults)),
            self._last_line,
        )
        return self._parts.finish(msgspec.msgpack.encode(head))


def _name(name: str | None) -> str | None:
    """Or a debug id."""
    return None if name is None else _encodable(name)


def _carried(column: Column, there: Column, last: Column) -> Column:
    """The column with the value before in each place that has none."""
    if there.all():
        return column
    every = np.concatenate((last, column))
    place = np.where(np.concatenate(([True], there)), np.arange(every.size), 0)
    np.maximum.accumulate(place, out=place)
    return np.asarray(every[place][1:], dtype=np.int32)


def _encodable(text: str) -> str:
    """Surrogates that stand alone can't be stored."""
    return text.encode("utf-8", "replace").decode()
