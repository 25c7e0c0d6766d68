"""Function tables in compiled files: which function encloses a place of a source."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import numpy as np

from headwater.sourcemaps.compiled.parts import CompiledFileDamaged, Parts, PartWriter, Ref
from headwater.sourcemaps.compiled.places import ROWS, Table, TableHead, TableWriter
from headwater.sourcemaps.compiled.records import NAMES, List, ListHead, ListWriter, structure
from headwater.sourcemaps.functions.function_table import FunctionTable

INLINE: Final = 8 * ROWS
"""Entries of a table that is one part: a source of 1,000 functions, decoded in 50 µs."""
_TOP_LEVEL: Final = 0


class FunctionsHead(msgspec.Struct, frozen=True, array_like=True):
    """Where a function table is. A row's third column is 0 at the top level, else 1 + its name."""

    digest: bytes
    """Of the text that the places are in, so that no other text's table is taken for this one's."""
    table: TableHead
    names: Sequence[str] = ()
    more_names: ListHead | None = None
    """Instead of `names`, if there are many."""


def write_functions(parts: PartWriter, digest: bytes, functions: FunctionTable) -> Ref:
    """Append the table of a text that has this digest."""
    numbers: dict[str, int] = {}
    named = [
        _TOP_LEVEL if name is None else numbers.setdefault(name, len(numbers) + 1)
        for name in functions.names
    ]
    rows = TableWriter(parts, INLINE)
    rows.add(
        [np.array(each, dtype=np.int32) for each in (functions.lines, functions.columns, named)]
    )
    table = rows.finish()
    if len(numbers) <= INLINE:
        return parts.add(msgspec.msgpack.encode(FunctionsHead(digest, table, tuple(numbers))))
    names = ListWriter[str](parts, NAMES)
    names.add(numbers)
    return parts.add(msgspec.msgpack.encode(FunctionsHead(digest, table, (), names.finish())))


class Functions:
    """Reads a function table."""

    def __init__(self, parts: Parts, ref: Ref, digest: bytes) -> None:
        """Raises CompiledFileDamaged if it is not the table of the text with this digest; OSError."""
        head = structure(parts.read(ref), FunctionsHead)
        if head.digest != digest:
            raise CompiledFileDamaged("a function table is that of another text")
        self.digest = digest
        self._table = Table(parts, head.table)
        self._names: Sequence[str] | List[str] = (
            head.names if head.more_names is None else List(parts, head.more_names, str)
        )

    def at(self, line: int, column: int) -> str | None:
        """The name of the innermost function around a place; None at the top level.

        `<anonymous>` is a function without a name. Raises CompiledFileDamaged, OSError.
        """
        row = self._table.at_or_before(line, column)
        return None if row is None or row[2] == _TOP_LEVEL else self._names[row[2] - 1]

    def refs_of(self, places: Iterable[tuple[int, int]]) -> list[Ref]:
        """The blocks that look-ups will read, without those that are read already."""
        return self._table.refs_of(places)
