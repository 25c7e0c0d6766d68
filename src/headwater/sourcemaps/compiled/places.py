"""Tables whose rows begin at places of a text: sorted by (line, column), found by bisection.

Rows lie in blocks, each a part of its own; the table's head holds the place that each block begins
at. A look-up reads one block, whatever the size of the table.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np

from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.columns import Column, UnreadableColumns, decode, encode
from headwater.sourcemaps.compiled.parts import CompiledFileDamaged, Parts, PartWriter, Ref

ROWS: Final = 256
"""Rows of a block. Measured: 512 save 5 % of the bytes and cost a look-up 5 µs more."""
_LINE_BITS: Final = 32
_COLUMN_MASK: Final = 2**_LINE_BITS - 1

Row = list[int]
"""Line, column, and the table's own columns."""


class TableHead(msgspec.Struct, frozen=True, array_like=True):
    """Where a table's blocks are. Little-endian arrays of one entry per block."""

    rows: int = 0
    keys: bytes = b""
    """u64: line and column of a block's first row, `line << 32 | column`."""
    offsets: bytes = b""
    """u64"""
    lengths: bytes = b""
    """u32"""
    inline: bytes = b""
    """The only block of a small table."""


class Block(NamedTuple):
    """Rows that are decoded. `keys`: of every row, as in a table's head."""

    keys: memoryview
    columns: Sequence[memoryview]

    def row(self, index: int) -> Row:
        """One row."""
        return [column[index] for column in self.columns]


class TableWriter:
    """Writes a table from rows in order."""

    def __init__(self, parts: PartWriter, inline: int = 0) -> None:
        """A table of at most `inline` rows is kept within its head."""
        self._parts = parts
        self._inline = inline
        self._waiting: list[Column] = []
        self._rows = 0
        self._keys: list[int] = []
        self._refs: list[Ref] = []

    def add(self, columns: Sequence[Column]) -> None:
        """Append rows: lines, columns, and the table's own, none negative; sorted by place."""
        if self._waiting:
            columns = [
                np.concatenate((before, more))
                for before, more in zip(self._waiting, columns, strict=True)
            ]
        whole = columns[0].size - columns[0].size % ROWS
        for start in range(0, whole, ROWS):
            self._write([column[start : start + ROWS] for column in columns])
        self._waiting = [column[whole:] for column in columns]

    def finish(self) -> TableHead:
        """Write what is left."""
        left = self._waiting
        if left and left[0].size:
            if not self._refs and left[0].size <= self._inline:
                return TableHead(left[0].size, inline=encode(left))
            self._write(left)
        return TableHead(
            self._rows,
            np.array(self._keys, dtype="<u8").tobytes(),
            np.array([ref.offset for ref in self._refs], dtype="<u8").tobytes(),
            np.array([ref.length for ref in self._refs], dtype="<u4").tobytes(),
        )

    def _write(self, columns: Sequence[Column]) -> None:
        self._rows += columns[0].size
        self._keys.append(key_of(int(columns[0][0]), int(columns[1][0])))
        self._refs.append(self._parts.add(encode(columns)))


class Table:
    """Reads a table."""

    def __init__(self, parts: Parts, head: TableHead, cache: Cache) -> None:
        """Raises CompiledFileDamaged."""
        self._parts = parts
        self._cache = cache
        self.rows = head.rows
        self._inline = _block(head.inline) if head.inline else None
        self._keys = memoryview(head.keys).cast("Q")
        self._offsets = memoryview(head.offsets).cast("Q")
        self._lengths = memoryview(head.lengths).cast("I")

    def at_or_before(self, line: int, column: int) -> Row | None:
        """The last row that begins at or before a place. Raises CompiledFileDamaged, OSError."""
        key = key_of(line, column)
        block = self._inline
        if block is None:
            number = bisect_right(self._keys, key) - 1
            if number < 0:
                return None
            block = self._read(number)
        index = bisect_right(block.keys, key) - 1
        return block.row(index) if index >= 0 else None

    def from_place(self, line: int, column: int) -> Iterator[Row]:
        """The rows that begin at a place or after it, in order. Raises as `at_or_before`."""
        key = key_of(line, column)
        if self._inline is not None:
            yield from _from(self._inline, key)
            return
        for number in range(max(0, bisect_right(self._keys, key - 1) - 1), len(self._keys)):
            yield from _from(self._read(number), key)

    def last(self) -> Row | None:
        """The last row of all."""
        if self._inline is not None:
            return self._inline.row(-1)
        return self._read(len(self._keys) - 1).row(-1) if len(self._keys) else None

    def ref_of(self, line: int, column: int) -> Ref | None:
        """The block that a look-up will read."""
        number = bisect_right(self._keys, key_of(line, column)) - 1
        return Ref(self._offsets[number], self._lengths[number]) if number >= 0 else None

    def _read(self, number: int) -> Block:
        offset = self._offsets[number]

        def read() -> tuple[Block, int]:
            block = _block(self._parts.read(Ref(offset, self._lengths[number])))
            return block, sum(each.nbytes for each in block.columns) + block.keys.nbytes

        return self._cache.get((self._parts, offset), read)


def key_of(line: int, column: int) -> int:
    """A place as one number; places behind the largest are the largest."""
    return min(line, _COLUMN_MASK >> 1) << _LINE_BITS | min(column, _COLUMN_MASK)


def _block(encoded: bytes) -> Block:
    try:
        columns = decode(encoded)
        keys = columns[0].astype(np.int64) << _LINE_BITS | columns[1]
    except (UnreadableColumns, IndexError) as error:
        raise CompiledFileDamaged(f"a block of a table can't be read: {error}") from None
    return Block(keys.data, [column.data for column in columns])


def _from(block: Block, key: int) -> Iterator[Row]:
    for index in range(bisect_right(block.keys, key - 1), len(block.keys)):
        yield block.row(index)
