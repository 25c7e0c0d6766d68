"""Parallel columns of whole numbers, as bytes that compress well and decode in few steps.

First come the columns' first numbers. Then, column by column, each number's distance from the one
before, in as many bytes as the column's longest step needs: none where all numbers are the same.
Columns with short steps come first, so that all with steps of one length are decoded together.
"""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int32]
Columns = NDArray[np.int32]
"""A row of this matrix is a column of a table: that way a column's numbers lie together."""

MAX_LENGTH: Final = 64 * 1024
"""Numbers of one column: as columns of equal numbers take no bytes, these don't tell how many."""

_LENGTH: Final = struct.Struct("<H")
"""Numbers of a column less one. Then come the number of columns, and for all of them the bytes of a
step, the first numbers (in the order in which columns are stored) and the steps."""
_START: Final = _LENGTH.size + 1
_FIRST: Final = np.dtype("<i4")
_TYPES: Final[Mapping[int, np.dtype[Any]]] = {
    1: np.dtype("<i1"),
    2: np.dtype("<i2"),
    4: np.dtype("<i4"),
}
_LIMITS: Final = ((1, 2**7), (2, 2**15))
"""Bytes of a step, and what it is less than."""


class UnreadableColumns(Exception):
    """The bytes are not those of columns."""


class Decoded(NamedTuple):
    """Columns as they are stored, and in which order that is."""

    stored: Columns
    places: Sequence[int]
    """Where in `stored` each column is."""
    in_order: Callable[[list[int]], Sequence[int]]
    """One number of each column, as stored, in the columns' order."""

    def row(self, index: int) -> Sequence[int]:
        """One number of each column."""
        return self.in_order(self.stored[:, index].tolist())

    def column(self, number: int) -> Column:
        """One column."""
        column: Column = self.stored[self.places[number]]
        return column

    def whole(self) -> Columns:
        """All columns in their order."""
        return self.stored[list(self.places)]


class _Layout(NamedTuple):
    """What the columns' lengths of steps tell."""

    order: Sequence[int]
    """Which column is stored first, second …"""
    places: Sequence[int]
    """The inverse."""
    runs: Sequence[tuple[int, int, np.dtype[Any], int]]
    """First column and end (as stored), type and bytes of steps: of all columns that have steps."""
    in_order: Callable[[list[int]], Sequence[int]]
    same: int
    """Columns without steps."""
    width: int
    """Bytes of one step of all columns."""


def encode(columns: Sequence[Column], rows: int) -> Iterator[bytes]:
    """Columns of equal length, cut into tables of so many rows (1 to MAX_LENGTH), the last of fewer.

    None may be negative or over 31 bits.
    """
    numbers = np.array(columns, dtype=np.int32)
    count, length = numbers.shape
    whole = length - length % rows
    yield from _encoded(numbers[:, :whole].reshape(count, -1, rows))
    if whole < length:
        yield from _encoded(numbers[:, whole:].reshape(count, 1, -1))


def _encoded(numbers: NDArray[np.int32]) -> Iterator[bytes]:
    """By column, table and row."""
    steps = np.diff(numbers, axis=2, prepend=numbers[:, :, :1])
    shape = _LENGTH.pack(numbers.shape[2] - 1) + bytes(numbers.shape[:1])
    for number, widths in enumerate(map(bytes, _widths(steps).T.tolist())):
        layout = _layout(widths)
        stored = steps[layout.order, number]
        pieces = [shape, widths, numbers[layout.order, number, 0].astype(_FIRST).tobytes()]
        pieces += [stored[begin:end].astype(kind).tobytes() for begin, end, kind, _ in layout.runs]
        yield b"".join(pieces)


def _widths(steps: NDArray[np.int32]) -> NDArray[np.int32]:
    """How many bytes the steps of each column of each table need."""
    least, largest = steps.min(axis=2), steps.max(axis=2)
    reach = np.maximum(largest, -1 - least)
    widths = np.select([reach < limit for _, limit in _LIMITS], [width for width, _ in _LIMITS], 4)
    return np.where((least == 0) & (largest == 0), 0, widths)


def decode(encoded: bytes) -> Decoded:
    """The columns. Raises UnreadableColumns."""
    try:
        length = _LENGTH.unpack_from(encoded)[0] + 1
        count = encoded[_START - 1]
        place = _START + count
        layout = _layout(encoded[_START:place])
        first = np.frombuffer(encoded, _FIRST, count, place)
    except (struct.error, ValueError, IndexError, KeyError) as error:
        raise UnreadableColumns(str(error)) from None
    place += first.nbytes
    if place + layout.width * length != len(encoded):
        raise UnreadableColumns(f"{len(encoded)} bytes do not hold {length} numbers of each column")
    stored = np.empty((count, length), dtype=np.int32)
    stored[: layout.same] = 0
    for begin, end, kind, width in layout.runs:
        numbers = (end - begin) * length
        steps = np.frombuffer(encoded, kind, numbers, place).reshape(end - begin, length)
        np.add.accumulate(steps, 1, np.int32, stored[begin:end])
        place += numbers * width
    stored += first[:, None]
    return Decoded(stored, layout.places, layout.in_order)


@lru_cache(maxsize=1024)
def _layout(widths: bytes) -> _Layout:
    """Raises KeyError for a width that no step has."""
    count = len(widths)
    order = sorted(range(count), key=widths.__getitem__)
    places = sorted(range(count), key=order.__getitem__)
    stored = sorted(widths)
    kinds = sorted(set(widths) - {0})
    runs = [
        (stored.index(width), stored.index(width) + stored.count(width), _TYPES[width], width)
        for width in kinds
    ]
    in_order = itemgetter(*places) if count > 1 else tuple
    return _Layout(order, places, runs, in_order, stored.count(0), sum(widths))
