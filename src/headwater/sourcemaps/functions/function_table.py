"""Which function encloses a place of one source, as plain sorted columns that can be stored."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias, TypeVar

from msgspec import Struct

from headwater.sourcemaps.functions.function import Point
from headwater.sourcemaps.functions.scopes import Scopes

T = TypeVar("T")
IntArray: TypeAlias = "array[int]"
Extent: TypeAlias = tuple[Point, Point, T]
"""Where something begins, the first place after it, and what it is."""
Change: TypeAlias = tuple[Point, T | None]
"""A place from which on something else holds; None: nothing."""


class FunctionTable(Struct, frozen=True):
    """Parallel columns sorted by (line, column), no place twice.

    From entry i's place to entry i+1's the innermost function is `names[i]`; before the first entry
    is the top level. Lines and columns count from 0, columns in UTF-16 units. A name is None at the
    top level of the source and `<anonymous>` in a function without a name, with PASSED_TO before
    what it was passed to.
    """

    lines: Sequence[int]
    columns: Sequence[int]
    names: Sequence[str | None]

    def __len__(self) -> int:
        return len(self.names)

    def of(self, places: Iterable[Point]) -> list[str | None]:
        """As `at` of each place."""
        return [self.at(*place) for place in places]

    def at(self, line: int, column: int) -> str | None:
        """The name of the innermost function around a place; None at the top level."""
        first = bisect_left(self.lines, line)
        end = bisect_right(self.lines, line, first)
        found = bisect_right(self.columns, column, first, end) - 1
        return self.names[found] if found >= 0 else None


def table_of(scopes: Scopes) -> FunctionTable:
    """A parsed source's functions: answers as `scopes.enclosing`, from two entries a function."""
    extents = ((each.start, each.end, each.stored_name) for each in scopes.functions)
    return table_of_changes(changes_of(extents))


def table_of_changes(changes: Iterable[Change[str]]) -> FunctionTable:
    """A table from sorted places at which another function begins or goes on."""
    return FunctionTable(*columns_of_changes(changes))


def columns_of_changes(
    changes: Iterable[Change[T]],
) -> tuple[IntArray, IntArray, list[T | None]]:
    """Lines, columns and what holds from there on, from sorted changes.

    Of changes at one place the last counts; one that changes nothing is left out.
    """
    lines, columns = array("i"), array("i")
    values: list[T | None] = []
    for (line, column), value in changes:
        if values and (lines[-1], columns[-1]) == (line, column):
            lines.pop()
            columns.pop()
            values.pop()
        if value != (values[-1] if values else None):
            lines.append(line)
            columns.append(column)
            values.append(value)
    return lines, columns, values


def changes_of(extents: Iterable[Extent[T]]) -> Iterator[Change[T]]:
    """Changes of the innermost extent, which must come sorted by beginning, outer ones first.

    Where extents overlap without nesting, the one that begins later is the innermost.
    """
    around: list[Extent[T]] = []
    for extent in extents:
        yield from _ended(around, extent[0])
        around.append(extent)
        yield extent[0], extent[2]
    yield from _ended(around, None)


def _ended(around: list[Extent[T]], until: Point | None) -> Iterator[Change[T]]:
    """The changes where open extents end, up to a place; takes them off."""
    while around and (until is None or around[-1][1] <= until):
        end = around.pop()[1]
        while around and around[-1][1] <= end:
            around.pop()
        yield end, around[-1][2] if around else None
