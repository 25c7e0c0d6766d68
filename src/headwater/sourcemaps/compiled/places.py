"""Tables whose rows begin at places of a text: sorted by (line, column), found by bisection.

Rows lie in blocks, each a part of its own; the table's head holds the place that each block begins
at. A look-up reads one block, whatever the size of the table.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from headwater.sourcemaps.compiled.columns import (
    Column,
    Columns,
    UnreadableColumns,
    decode,
    encode,
)
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

ROWS: Final = 256
"""Rows of a block. Measured: 512 save 5 % of the bytes and cost a look-up 5 µs more."""
_BLOCK_BYTES: Final = 400
"""Of memory that a decoded block takes beside its numbers, with its place in the cache."""
_OF_PLACE: Final = 2
"""Columns that every table has: line and column."""
_LINE_BITS: Final = 32
_MAX_LINE: Final = 2**31
"""One more than any row can be on."""
_MAX_COLUMN: Final = 2**_LINE_BITS - 1

Place = tuple[int, int]
"""Line and column."""
Row = Sequence[int]
"""Line, column, and the table's own columns."""


class TableHead(msgspec.Struct, frozen=True, array_like=True):
    """Where a table's blocks are."""

    rows: int = 0
    keys: memoryview = NO_NUMBERS
    """u64: line and column of each block's first row, `line << 32 | column`."""
    addresses: memoryview = NO_NUMBERS
    """Of the blocks."""
    inline: bytes = b""
    """The only block of a small table."""


class TableWriter:
    """Writes a table from rows in order."""

    def __init__(self, parts: PartWriter, inline: int = 0) -> None:
        """A table of at most `inline` rows is kept within its head."""
        self._parts = parts
        self._inline = inline
        self._waiting: Sequence[Column] = ()
        self._rows = 0
        self._keys: list[int] = []
        self._addresses: list[int] = []

    def add(self, columns: Sequence[Column]) -> None:
        """Append rows: lines, columns, and the table's own, none negative; sorted by place."""
        if self._waiting:
            columns = [
                np.concatenate((before, more))
                for before, more in zip(self._waiting, columns, strict=True)
            ]
        if not self._keys and columns[0].size <= self._inline:
            self._waiting = columns
            return
        whole = columns[0].size - columns[0].size % ROWS
        if whole:
            self._write([column[:whole] for column in columns])
        self._waiting = [column[whole:] for column in columns]

    def finish(self) -> TableHead:
        """Write what is left."""
        left = self._waiting
        if left and left[0].size:
            if not self._keys and left[0].size <= self._inline:
                return TableHead(left[0].size, inline=b"".join(encode(left, self._inline)))
            self._write(left)
        return TableHead(self._rows, packed(self._keys), packed(self._addresses))

    def _write(self, columns: Sequence[Column]) -> None:
        self._rows += columns[0].size
        lines, places = columns[0][::ROWS].tolist(), columns[1][::ROWS].tolist()
        self._keys += map(key_of, lines, places)
        self._addresses += (
            self._parts.add(each, Shared.NUMBERS).address for each in encode(columns, ROWS)
        )


class Table:
    """Reads a table."""

    def __init__(self, parts: Parts, head: TableHead) -> None:
        """Raises CompiledFileDamaged."""
        self._parts = parts
        self.rows = head.rows
        self._inline = _block(head.inline)[0] if head.inline else None
        self._keys = unpacked(head.keys)
        self._addresses = unpacked(head.addresses)
        if len(self._keys) != len(self._addresses):
            raise CompiledFileDamaged(f"{parts.file.key}: a table has blocks without a place")

    def at_or_before(self, line: int, column: int) -> Row | None:
        """The last row that begins at or before a place. Raises CompiledFileDamaged, OSError."""
        block = self._inline
        if block is None:
            number = bisect_right(self._keys, key_of(line, column)) - 1
            if number < 0:
                return None
            block = self._parts.decoded(self._addresses[number], _block, Shared.NUMBERS)
        return _row_of(block, line, column)

    def ask(self, places: Sequence[Place]) -> "Question":
        """Look several places up at once."""
        if self._inline is not None:
            return Question(self._parts, keys_of(places), (), self._inline)
        directory, asked = self._keys, keys_of(places)
        numbers = sorted({bisect_right(directory, key) - 1 for key in asked} - {-1})
        return Question(self._parts, asked, [self._addresses[each] for each in numbers], None)

    def spread(self, blocks: int) -> Iterator[Columns]:
        """The rows of so many blocks from all over the table, in order. Raises as `at_or_before`."""
        if self._inline is not None:
            yield self._inline
        count = len(self._addresses)
        for number in sorted({each * count // blocks for each in range(blocks)} if count else ()):
            yield self._parts.decoded(self._addresses[number], _block, Shared.NUMBERS)

    def on_line(self, line: int) -> Iterator[Columns]:
        """The rows that begin on a line, in order, block by block. Raises as `at_or_before`."""
        if self._inline is not None:
            yield _on_line(self._inline, line)
            return
        first = max(0, bisect_left(self._keys, key_of(line, 0)) - 1)
        for number in range(first, bisect_left(self._keys, key_of(line + 1, 0))):
            yield _on_line(
                self._parts.decoded(self._addresses[number], _block, Shared.NUMBERS), line
            )


class Question:
    """Places that are looked up in one table at once."""

    def __init__(
        self, parts: Parts, keys: Sequence[int], addresses: Sequence[int], inline: Columns | None
    ) -> None:
        """`keys` of the places; `addresses` of the blocks that answer, in the order of their rows; or
        `inline` answers all."""
        self._parts = parts
        self._keys = keys
        self._addresses = addresses
        self._inline = inline

    def announce(self) -> bool:
        """Let the system fetch what answering will read; False if that is nothing."""
        return self._parts.announce(self._addresses)

    def rows(self) -> list[Row | None]:
        """What `Table.at_or_before` answers for each place, and raises."""
        if self._inline is not None:
            return _rows_of([self._inline], self._keys)
        blocks = self._parts.decoded_all(set(self._addresses), _blocks_of, Shared.NUMBERS)
        try:
            return _rows_of([blocks[each] for each in self._addresses], self._keys)
        except ValueError as error:
            raise CompiledFileDamaged(
                f"{self._parts.file.key}: a table's blocks: {error}"
            ) from None


def _rows_of(blocks: Sequence[Columns], keys: Sequence[int]) -> list[Row | None]:
    """The last row that begins at or before each place, given blocks in order that have it, which
    are searched at once."""
    if not blocks:
        return [None] * len(keys)
    columns = blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=1)
    begins = columns[0].astype(np.uint64)
    begins <<= _LINE_BITS
    begins |= columns[1].view(np.uint32)
    # Of a place before all places, which u64 can't say, the answer is thrown away below.
    asked = np.array([key if key > 0 else 0 for key in keys], np.uint64)  # noqa: FURB136 — max() takes longer
    after = begins.searchsorted(asked, "right")
    rows = columns[:, after - 1].T.tolist()
    return [
        row if count and key >= 0 else None
        for row, count, key in zip(rows, after.tolist(), keys, strict=True)
    ]


def _row_of(block: Columns, line: int, column: int) -> Row | None:
    """The last row of a block that begins at or before a place."""
    lines, places = block[0].data, block[1].data
    end = bisect_right(lines, line)
    after = bisect_right(places, column, bisect_left(lines, line, 0, end), end)
    row: Row = block[:, after - 1].tolist()
    return row if after and column >= 0 else None


def _on_line(block: Columns, line: int) -> Columns:
    """The rows of a block that begin on a line."""
    first, end = block[0].searchsorted((line, line + 1))
    return block[:, first:end]


def key_of(line: int, column: int) -> int:
    """A place as one number; places behind the largest are the largest."""
    if line <= _MAX_LINE and column <= _MAX_COLUMN:  # two calls of min take three times as long
        return line << _LINE_BITS | column
    return min(line, _MAX_LINE) << _LINE_BITS | min(column, _MAX_COLUMN)


def keys_of(places: Iterable[Place]) -> list[int]:
    """As `key_of` of each; mostly without the fifty calls of it that an event would take."""
    return [
        line << _LINE_BITS | column
        if line <= _MAX_LINE and column <= _MAX_COLUMN
        else key_of(line, column)
        for line, column in places
    ]


def _block(encoded: Content) -> tuple[Columns, int]:
    return _blocks([encoded])[0]


def _blocks_of(encoded: Mapping[int, Content]) -> Sequence[tuple[Columns, int]]:
    return _blocks(list(encoded.values()))


def _blocks(encoded: Sequence[Content]) -> Sequence[tuple[Columns, int]]:
    try:
        blocks = decode(encoded)
    except UnreadableColumns as error:
        raise CompiledFileDamaged(f"a block of a table can't be read: {error}") from None
    if min(map(len, blocks)) < _OF_PLACE:
        raise CompiledFileDamaged("a block of a table has no lines and columns")
    return [(columns, _BLOCK_BYTES + columns.nbytes) for columns in blocks]
