"""Parallel columns of whole numbers, as bytes that compress well and decode in few steps.

Each number is its distance from the one before, its sign in the lowest bit (0, -1, 1, -2, …), so
that most are small; then come the lowest bytes of all numbers, the second-lowest of all, and so on,
as far as any number reaches.
"""

import struct
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int32]
Columns = NDArray[np.int32]
"""A row of this matrix is a column of a table: that way a column's numbers lie together."""

_SHAPE: Final = struct.Struct("<IBB")
"""Numbers of a column, columns, bytes of a number."""
_WIDTHS: Final = range(1, 5)


class UnreadableColumns(Exception):
    """The bytes are not those of columns."""


def encode(columns: Sequence[Column]) -> bytes:
    """Columns of equal length, none negative or over 31 bits."""
    numbers = np.array(columns, dtype=np.int32)
    steps = np.diff(numbers, axis=1, prepend=np.int32(0))
    unsigned = (steps.view(np.uint32) << 1) ^ (steps >> 31).view(np.uint32)
    largest = int(unsigned.max(initial=0))
    width = max(1, (largest.bit_length() + 7) // 8)
    by_number = unsigned.astype("<u4").reshape(-1, 1).view(np.uint8)
    count, length = numbers.shape
    return _SHAPE.pack(length, count, width) + by_number[:, :width].T.tobytes()


def decode(encoded: bytes) -> Columns:
    """The columns. Raises UnreadableColumns."""
    try:
        length, count, width = _SHAPE.unpack_from(encoded)
        planes = np.frombuffer(encoded, np.uint8, offset=_SHAPE.size).reshape(width, count * length)
    except (struct.error, ValueError) as error:
        raise UnreadableColumns(str(error)) from None
    if width not in _WIDTHS:
        raise UnreadableColumns(f"numbers of {width} bytes")
    by_number = np.zeros((count * length, 4), dtype=np.uint8)
    for place in range(width):
        by_number[:, place] = planes[place]
    steps = by_number.view("<u4").reshape(count, length)
    signs = -(steps & 1)
    steps >>= 1
    steps ^= signs
    return steps.view(np.int32).cumsum(axis=1, dtype=np.int32)
