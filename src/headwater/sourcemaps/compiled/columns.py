"""Parallel columns of whole numbers, as bytes: each number as its distance from the one before."""

import struct
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int32]

_SHAPE: Final = struct.Struct("<IH")
_COLUMN: Final = struct.Struct("<iB")
_WIDTHS: Final[dict[int, type[np.signedinteger]]] = {1: np.int8, 2: np.int16, 4: np.int32}
_CONSTANT: Final = 0
"""Width of a column in which nothing changes."""


class UnreadableColumns(Exception):
    """The bytes are not those of columns."""


def encode(columns: Sequence[Column]) -> bytes:
    """Columns of equal length, none negative or over 31 bits."""
    pieces = [_SHAPE.pack(columns[0].size, len(columns))]
    for column in columns:
        steps = np.diff(column)
        width = _width(steps)
        pieces.append(_COLUMN.pack(int(column[0]) if column.size else 0, width))
        if width != _CONSTANT:
            pieces.append(steps.astype(_WIDTHS[width]).tobytes())
    return b"".join(pieces)


def decode(encoded: bytes) -> list[Column]:
    """The columns. Raises UnreadableColumns."""
    try:
        length, count = _SHAPE.unpack_from(encoded)
        columns: list[Column] = []
        place = _SHAPE.size
        for _ in range(count):
            first, width = _COLUMN.unpack_from(encoded, place)
            place += _COLUMN.size
            if width == _CONSTANT:
                columns.append(np.full(length, first, dtype=np.int32))
                continue
            column = np.empty(length, dtype=np.int32)
            column[0] = first
            steps = np.frombuffer(encoded, _WIDTHS[width], length - 1, place)
            np.cumsum(steps, out=column[1:], dtype=np.int32)
            column[1:] += first
            columns.append(column)
            place += steps.nbytes
    except (struct.error, ValueError, KeyError, IndexError, MemoryError) as error:
        raise UnreadableColumns(str(error)) from None
    return columns


def _width(steps: Column) -> int:
    largest = int(np.abs(steps).max(initial=0))
    if largest == 0:
        return _CONSTANT
    if largest <= np.iinfo(np.int8).max:
        return 1
    return 2 if largest <= np.iinfo(np.int16).max else 4
