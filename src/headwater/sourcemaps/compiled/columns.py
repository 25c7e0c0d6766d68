"""Parallel columns of whole numbers, as bytes that compress well and decode in few steps.

First come the columns' first numbers. Then each number's distance from the one before, in bytes that
each count from -128 to 127, so that small distances of either sign have only zeros above the lowest:
the lowest bytes of all steps of all columns, the second-lowest of all, and so on, as far as any step
reaches, but two at least. Many tables are decoded in as many calls as one, which take more time than what they do.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int32]
Columns = NDArray[np.int32]
"""A row of this matrix is a column of a table: that way a column's numbers lie together."""

_SHAPE: Final = struct.Struct("<HBB")
"""Numbers of a column less one, columns, bytes of a step."""
_FIRST: Final = np.dtype("<i4")
_NARROWEST: Final = 2
"""Bytes of a step at least: nearly all tables need two, and those of one would be decoded by themselves,
in as many calls again. Compressed, a plane of zeros is ten bytes."""
_WIDEST: Final = 4
"""Bytes of the longest step."""
_HALF: Final = np.int32(128)


class UnreadableColumns(Exception):
    """The bytes are not those of columns."""


def encode(columns: Sequence[Column], rows: int) -> Iterator[bytes]:
    """Columns of equal length, cut into tables of so many rows (at most 65,536), the last of fewer.

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
    count, _, length = numbers.shape
    steps = np.diff(numbers, axis=2, prepend=numbers[:, :, :1])
    planes = [steps]
    while len(planes) < _WIDEST:
        # What is left when the lowest byte is signed; what overflows here does so back in `decode`.
        above = planes[-1] + _HALF
        above >>= 8
        if len(planes) >= _NARROWEST and not above.any():
            break
        planes.append(above)
    widths = np.maximum(_NARROWEST, 1 + sum(plane.any(axis=(0, 2)) for plane in planes[1:]))
    by_plane = np.array([plane.astype(np.int8) for plane in planes])
    firsts = numbers[:, :, 0].T.astype(_FIRST)
    for number, width in enumerate(widths.tolist()):
        shape = _SHAPE.pack(length - 1, count, width)
        yield shape + firsts[number].tobytes() + by_plane[:width, :, number].tobytes()


def decode(encoded: Sequence[bytes | memoryview]) -> Sequence[Columns]:
    """The columns of several tables. Raises UnreadableColumns."""
    alike: dict[bytes, list[int]] = {}
    for number, each in enumerate(encoded):
        alike.setdefault(bytes(each[: _SHAPE.size]), []).append(number)
    decoded: dict[int, Columns] = {}
    for shape, numbers in alike.items():
        tables = _decoded(shape, [encoded[number] for number in numbers])
        # Copies, so that none keeps the others in memory.
        decoded.update(
            (number, table.copy()) for number, table in zip(numbers, tables, strict=True)
        )
    return [decoded[number] for number in range(len(encoded))]


def _decoded(shape: bytes, encoded: Sequence[bytes | memoryview]) -> NDArray[np.int32]:
    """Tables of the same shape: by table, column and row."""
    try:
        length, count, width = _SHAPE.unpack(shape)
    except struct.error:
        raise UnreadableColumns(f"they begin with {shape.hex()}") from None
    length += 1
    begin = _SHAPE.size + count * _FIRST.itemsize
    if not 0 < width <= _WIDEST or not count:
        raise UnreadableColumns(f"they begin with {shape.hex()}")
    if any(len(each) != begin + width * count * length for each in encoded):
        raise UnreadableColumns(f"they do not hold {length:,} numbers of {count} columns")
    bytes_of = np.frombuffer(b"".join(encoded), np.int8).reshape(len(encoded), -1)
    planes = bytes_of[:, begin:].reshape(len(encoded), width, count, length)
    steps = planes[:, -1].astype(np.int32)
    for plane in range(width - 2, -1, -1):
        steps <<= 8
        steps += planes[:, plane]
    steps[:, :, 0] = bytes_of[:, _SHAPE.size : begin].copy().view(_FIRST)
    return np.add.accumulate(steps, 2, out=steps)
