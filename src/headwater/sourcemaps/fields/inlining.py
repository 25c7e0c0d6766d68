"""Which functions of the sources a place of the generated file is in, inlined ones included."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from msgspec import Struct

from headwater.sourcemaps.fields.generated_ranges import GeneratedRanges, RangeKind
from headwater.sourcemaps.fields.original_scopes import NONE, OriginalScopes
from headwater.sourcemaps.functions.function import Point
from headwater.sourcemaps.functions.function_table import (
    Change,
    Extent,
    IntArray,
    changes_of,
    columns_of_changes,
)
from headwater.sourcemaps.reading.field_faults import FieldFaults

MAX_INLINED: Final = 64
"""Bodies inlined into one another that are told apart. Minifiers stop at a handful."""


class Place(Struct, frozen=True):
    """A place in one of the sources, all from 0, the column in UTF-16 units."""

    source: int
    line: int
    column: int


class InlinedFrame(Struct, frozen=True):
    """One frame of the stack as the unminified program would have had it.

    `name` is None at the top level and where the field knows no function; `<anonymous>` where it
    gives a function no name. `hidden` marks what a tool made a function of that was none: the
    standard leaves such a frame out.
    """

    name: str | None
    place: Place
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Bodies:
    """Functions of the generated file and bodies inlined into them, in parallel columns.

    `parents` is the body or function that an inlined body lies in, NONE at the top level;
    `call_sources`, `call_lines` and `call_columns` say where it was called from, and a call source
    of NONE that it was not inlined. `hidden` is 1 for functions that the standard leaves out.
    """

    names: list[str | None] = field(default_factory=list)
    hidden: IntArray = field(default_factory=lambda: array("b"))
    parents: IntArray = field(default_factory=lambda: array("i"))
    call_sources: IntArray = field(default_factory=lambda: array("i"))
    call_lines: IntArray = field(default_factory=lambda: array("i"))
    call_columns: IntArray = field(default_factory=lambda: array("i"))

    def __len__(self) -> int:
        return len(self.names)


class InliningTable(Struct, frozen=True):
    """Parallel columns sorted by generated (line, column), no place twice.

    From entry i's place to entry i+1's the innermost body is `innermost[i]`, None at the top level.
    """

    lines: Sequence[int]
    columns: Sequence[int]
    innermost: Sequence[int | None]
    bodies: Bodies

    def frames_at(self, line: int, column: int, original: Place) -> list[InlinedFrame]:
        """The frames that one frame of the generated file stands for, innermost first.

        `original` is where the mappings lead from there. That is the innermost frame's place; every
        other is at the call of the one before it (ECMA-426 proposal "scopes", call sites).
        """
        return list(self._frames(self._body_at(line, column), original))

    def _frames(self, body: int | None, place: Place) -> Iterator[InlinedFrame]:
        bodies = self.bodies
        while body is not None and body != NONE:
            yield InlinedFrame(bodies.names[body], place, hidden=bool(bodies.hidden[body]))
            source = bodies.call_sources[body]
            if source == NONE:
                return
            place = Place(source, bodies.call_lines[body], bodies.call_columns[body])
            body = bodies.parents[body]
        yield InlinedFrame(None, place)

    def _body_at(self, line: int, column: int) -> int | None:
        first = bisect_left(self.lines, line)
        end = bisect_right(self.lines, line, first)
        found = bisect_right(self.columns, column, first, end) - 1
        return self.innermost[found] if found >= 0 else None


def inlining_table(
    ranges: GeneratedRanges, scopes: OriginalScopes, names: Sequence[str], faults: FieldFaults
) -> InliningTable:
    """The table of the ranges that are functions or inlined bodies; other ranges don't matter."""
    bodies = Bodies()
    depths = array("i")
    body_of_range = array("i")
    for index in range(len(ranges)):
        parent = ranges.parents[index]
        around = NONE if parent == NONE else body_of_range[parent]
        inlined = ranges.call_sources[index] != NONE
        depth = 1 + (0 if around == NONE or not inlined else depths[around])
        if not inlined and ranges.kinds[index] == RangeKind.PART:
            body_of_range.append(around)
        elif depth > MAX_INLINED:
            faults.note(f"bodies are inlined into one another more than {MAX_INLINED} deep")
            body_of_range.append(around)
        else:
            body_of_range.append(len(bodies))
            depths.append(depth)
            _append(bodies, ranges, index, _name(ranges, scopes, names, index), around)
    places = columns_of_changes(changes_of(_extents(ranges, body_of_range)))
    return InliningTable(*places, bodies)


class PlacedInlining(Struct, frozen=True):
    """The table of one section of an index map: where that begins, and its first source's index."""

    start: Point
    first_source: int
    table: InliningTable


def joined(sections: Sequence[PlacedInlining]) -> InliningTable:
    """The table of an index map, from its sections' in the order of their beginnings.

    Each answers as far as the next one begins.
    """
    bodies = Bodies()
    ends = [section.start for section in sections[1:]]
    firsts = list(_bodies_before(sections, bodies))
    changes = map(_placed_changes, sections, [*ends, None], firsts)
    return InliningTable(*columns_of_changes(chain.from_iterable(changes)), bodies)


def _bodies_before(sections: Sequence[PlacedInlining], bodies: Bodies) -> Iterator[int]:
    """How many bodies there are before each section's, which are added to `bodies`."""
    for section in sections:
        first, own = len(bodies), section.table.bodies
        yield first
        bodies.names.extend(own.names)
        bodies.hidden.extend(own.hidden)
        bodies.parents.extend(each + first if each != NONE else NONE for each in own.parents)
        bodies.call_sources.extend(
            each + section.first_source if each != NONE else NONE for each in own.call_sources
        )
        bodies.call_lines.extend(own.call_lines)
        bodies.call_columns.extend(own.call_columns)


def _placed_changes(
    section: PlacedInlining, end: Point | None, first: int
) -> Iterator[Change[int]]:
    table = section.table
    yield section.start, None
    for line, column, body in zip(table.lines, table.columns, table.innermost, strict=True):
        place = (line + section.start[0], column + (0 if line else section.start[1]))
        if end is not None and place >= end:
            return
        yield place, None if body is None else body + first


def _append(
    bodies: Bodies, ranges: GeneratedRanges, index: int, name: str | None, around: int
) -> None:
    bodies.names.append(name)
    bodies.hidden.append(ranges.kinds[index] == RangeKind.HIDDEN)
    bodies.parents.append(around)
    bodies.call_sources.append(ranges.call_sources[index])
    bodies.call_lines.append(ranges.call_lines[index])
    bodies.call_columns.append(ranges.call_columns[index])


def _name(
    ranges: GeneratedRanges, scopes: OriginalScopes, names: Sequence[str], index: int
) -> str | None:
    definition = ranges.definitions[index]
    return None if definition == NONE else scopes.function_name(definition, names)


def _extents(ranges: GeneratedRanges, body_of_range: Sequence[int]) -> Iterator[Extent[int]]:
    """Only ranges that are a body of their own: each has a number that no range had before it."""
    last = NONE
    for index, body in enumerate(body_of_range):
        if body > last:
            last = body
            yield ranges.start(index), ranges.end(index), body
