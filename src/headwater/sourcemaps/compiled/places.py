"""Tables whose rows begin at places of a text: sorted by (line, column), found by bisection.

Rows lie in blocks, each a part of its own; the table's head holds the place that each block begins
at. A look-up reads one block, whatever the size of the table.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np

from headwater.sourcemaps.compiled.columns import (
    Column,
    Columns,
    UnreadableColumns,
    decode,
    encode,
)
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
_BLOCK_BYTES: Final = 1050
"""Of memory that a decoded block takes beside its numbers, with its place in the cache."""
_KEYS_BYTES: Final = 250
"""What it takes more if its rows begin on several lines."""
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


class Block(NamedTuple):
    """Rows that are decoded."""

    line: int | None
    """That all rows begin on; None if they begin on several."""
    keys: memoryview
    """The rows' columns if they begin on one line, else as in a table's head."""
    columns: Columns
    numbers: memoryview
    """All numbers of the columns, one column after another."""

    def row(self, line: int, column: int) -> Row | None:
        """The last row that begins at or before a place."""
        if self.line is None:
            after = bisect_right(self.keys, key_of(line, column))
        elif line == self.line:
            after = bisect_right(self.keys, column)
        else:
            after = len(self.keys) if line > self.line and column >= 0 else 0
        return self.numbers[after - 1 :: len(self.keys)].tolist() if after else None

    def on_line(self, line: int) -> Columns:
        """The rows that begin on a line."""
        if self.line is not None:
            return self.columns if line == self.line else self.columns[:, :0]
        first, end = (bisect_left(self.keys, key_of(each, 0)) for each in (line, line + 1))
        return self.columns[:, first:end]


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
        self._addresses += (self._parts.add(each).address for each in encode(columns, ROWS))


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
            block = self._parts.decoded(self._addresses[number], _block)
        return block.row(line, column)

    def ask(self, places: Sequence[Place]) -> "Question":
        """Look several places up at once."""
        if self._inline is not None:
            return Question(self._parts, places, [], self._inline)
        keys, addresses = self._keys, self._addresses
        numbers = [bisect_right(keys, key) - 1 for key in keys_of(places)]
        wanted = [addresses[number] if number >= 0 else None for number in numbers]
        return Question(self._parts, places, wanted, None)

    def spread(self, blocks: int) -> Iterator[Columns]:
        """The rows of so many blocks from all over the table, in order. Raises as `at_or_before`."""
        if self._inline is not None:
            yield self._inline.columns
        count = len(self._addresses)
        for number in sorted({each * count // blocks for each in range(blocks)} if count else ()):
            yield self._parts.decoded(self._addresses[number], _block).columns

    def on_line(self, line: int) -> Iterator[Columns]:
        """The rows that begin on a line, in order, block by block. Raises as `at_or_before`."""
        if self._inline is not None:
            yield self._inline.on_line(line)
            return
        first = max(0, bisect_left(self._keys, key_of(line, 0)) - 1)
        for number in range(first, bisect_left(self._keys, key_of(line + 1, 0))):
            yield self._parts.decoded(self._addresses[number], _block).on_line(line)


class Question:
    """Places that are looked up in one table at once."""

    def __init__(
        self,
        parts: Parts,
        places: Sequence[Place],
        addresses: Sequence[int | None],
        inline: Block | None,
    ) -> None:
        """`addresses` of the blocks that answer, for each place; or `inline` answers all."""
        self._parts = parts
        self._places = places
        self._addresses = addresses
        self._inline = inline

    def announce(self) -> bool:
        """Let the system fetch what answering will read; False if that is nothing."""
        return self._parts.announce(each for each in set(self._addresses) if each is not None)

    def rows(self) -> list[Row | None]:
        """What `Table.at_or_before` answers for each place, and raises."""
        if self._inline is not None:
            return [self._inline.row(*place) for place in self._places]
        wanted = {each for each in self._addresses if each is not None}
        blocks = self._parts.decoded_all(wanted, _blocks_of)
        return [
            None if address is None else blocks[address].row(*place)
            for place, address in zip(self._places, self._addresses, strict=True)
        ]


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


def _block(encoded: Content) -> tuple[Block, int]:
    return _blocks([encoded])[0]


def _blocks_of(encoded: Mapping[int, Content]) -> Sequence[tuple[Block, int]]:
    return _blocks(list(encoded.values()))


def _blocks(encoded: Sequence[Content]) -> Sequence[tuple[Block, int]]:
    try:
        return [_block_of(columns) for columns in decode(encoded)]
    except (UnreadableColumns, IndexError) as error:
        raise CompiledFileDamaged(f"a block of a table can't be read: {error}") from None


def _block_of(columns: Columns) -> tuple[Block, int]:
    lines, places = columns[0], columns[1]
    numbers = columns.data.cast("B").cast("i")
    size = _BLOCK_BYTES + len(numbers) * numbers.itemsize
    if numbers[0] == numbers[lines.size - 1]:
        return Block(numbers[0], numbers[lines.size : 2 * lines.size], columns, numbers), size
    keys = lines.astype(np.int64) << _LINE_BITS | places
    return Block(None, keys.data, columns, numbers), size + keys.nbytes + _KEYS_BYTES
