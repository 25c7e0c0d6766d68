"""The ranges of the generated file, as the `scopes` (or `ranges`) field lists them."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from headwater.sourcemaps.fields.original_scopes import NONE, OriginalScopes
from headwater.sourcemaps.functions.function import Point
from headwater.sourcemaps.functions.function_table import IntArray
from headwater.sourcemaps.reading.field_faults import FieldFaults
from headwater.sourcemaps.reading.scope_items import LARGEST, Cursor, Tag, signed

MAX_RANGES: Final = 2 * 1024**2
"""Generated ranges of one source map, 37 bytes each. A bundle of 1 MB has some 10,000."""
_HAS_LINE: Final = 1
_HAS_DEFINITION: Final = 2
_IS_STACK_FRAME: Final = 4
_IS_HIDDEN: Final = 8
_NUMBERS_OF_CALL_SITE: Final = 4


class RangeKind(IntEnum):
    """What a range is in the generated file."""

    PART = 0
    """No function: a block, or a function's body that was inlined."""
    FUNCTION = 1
    HIDDEN = 2
    """A function that a tool made of something that was none; its calls are to be left out."""


@dataclass(frozen=True, slots=True)
class GeneratedRanges:
    """Parallel columns, a range after the one around it; all numbers count from 0.

    A range reaches from its start up to before its end. `definitions` are indices into the original
    scopes, `parents` into these columns, NONE where there is none. `call_sources` is the source
    from which an inlined body was called, NONE for ranges that are no inlined body.
    """

    start_lines: IntArray = field(default_factory=lambda: array("i"))
    start_columns: IntArray = field(default_factory=lambda: array("i"))
    end_lines: IntArray = field(default_factory=lambda: array("i"))
    end_columns: IntArray = field(default_factory=lambda: array("i"))
    definitions: IntArray = field(default_factory=lambda: array("i"))
    kinds: IntArray = field(default_factory=lambda: array("b"))
    parents: IntArray = field(default_factory=lambda: array("i"))
    call_sources: IntArray = field(default_factory=lambda: array("i"))
    call_lines: IntArray = field(default_factory=lambda: array("i"))
    call_columns: IntArray = field(default_factory=lambda: array("i"))

    def __len__(self) -> int:
        return len(self.parents)

    def start(self, index: int) -> Point:
        """The first place inside."""
        return self.start_lines[index], self.start_columns[index]

    def end(self, index: int) -> Point:
        """The first place after."""
        return self.end_lines[index], self.end_columns[index]


class GeneratedRangesReader:
    """Reads items about generated ranges into columns, in the order they are written.

    With `by_source` a definition is a source and a scope of it, as since June 2026; before it was
    one number that counts through the scopes of all sources.
    """

    def __init__(
        self, scopes: OriginalScopes, sources: int, faults: FieldFaults, *, by_source: bool
    ) -> None:
        self.ranges = GeneratedRanges()
        self._scopes = scopes
        self._sources = sources
        self._faults = faults
        self._by_source = by_source
        self._at = Cursor(self._faults)
        self._source = self._definition = 0
        self._around = NONE
        self._full = False

    def take(self, item: list[int]) -> None:
        """Read one item; what there is about the values of variables is passed over."""
        if self._full:
            return
        if item[0] == Tag.RANGE_START:
            self._start(item)
        elif item[0] == Tag.RANGE_END:
            self._end(item)
        elif item[0] == Tag.RANGE_CALL_SITE:
            self._call_site(item)
        elif item[0] not in (Tag.RANGE_BINDINGS, Tag.RANGE_PARTIAL_BINDINGS):
            self._faults.note("an item is of a kind that does not belong here")
        elif self._around == NONE:
            self._faults.note("values are listed outside of any range")

    def close(self) -> None:
        """No item follows. A range still open is left empty."""
        if self._around != NONE and not self._full:
            self._faults.note("a range begins and never ends")
        self._around = NONE

    def _start(self, item: list[int]) -> None:
        flags = item[1] if len(item) > 1 else 0
        place = 2 + (flags & _HAS_LINE)
        defined = bool(flags & _HAS_DEFINITION) * (1 + self._by_source)
        if len(item) < place + 1 + defined:
            self._faults.note("the beginning of a range lacks a number")
            return
        if not self._at.move(item[2] if flags & _HAS_LINE else 0, item[place]):
            return
        definition = self._read_definition(item[place + 1 : place + 1 + defined])
        if not flags & _IS_STACK_FRAME:
            kind = RangeKind.PART
            if flags & _IS_HIDDEN:
                self._faults.note("a range that is no function is marked hidden")
        else:
            kind = RangeKind.HIDDEN if flags & _IS_HIDDEN else RangeKind.FUNCTION
        self._append(definition, kind)

    def _append(self, definition: int, kind: RangeKind) -> None:
        ranges = self.ranges
        if len(ranges) == MAX_RANGES:
            self._full = True
            self._faults.note(f"there are more than {MAX_RANGES:,} ranges; the rest is not read")
            return
        ranges.start_lines.append(self._at.line)
        ranges.start_columns.append(self._at.column)
        ranges.end_lines.append(self._at.line)
        ranges.end_columns.append(self._at.column)
        ranges.definitions.append(definition)
        ranges.kinds.append(kind)
        ranges.parents.append(self._around)
        ranges.call_sources.append(NONE)
        ranges.call_lines.append(0)
        ranges.call_columns.append(0)
        self._around = len(ranges) - 1

    def _end(self, item: list[int]) -> None:
        """A range's end has one number on the line of the item before it, else two."""
        if len(item) == 1:
            self._faults.note("the end of a range lacks a number")
            return
        lines, columns = (0, item[1]) if len(item) == 2 else item[1:3]  # noqa: PLR2004
        if not self._at.move(lines, columns):
            return
        if self._around == NONE:
            self._faults.note("a range ends that never began")
            return
        self.ranges.end_lines[self._around] = self._at.line
        self.ranges.end_columns[self._around] = self._at.column
        self._around = self.ranges.parents[self._around]

    def _call_site(self, item: list[int]) -> None:
        """A call site says that its range is an inlined body, and where that was called."""
        if self._around == NONE or len(item) < _NUMBERS_OF_CALL_SITE:
            self._faults.note("a call site is outside of any range or lacks a number")
            return
        source, line, column = item[1:_NUMBERS_OF_CALL_SITE]
        definition = self.ranges.definitions[self._around]
        if source >= self._sources or line > LARGEST or column > LARGEST:
            self._faults.note("a call site is not a place in one of the sources")
        elif self.ranges.kinds[self._around] != RangeKind.PART:
            self._faults.note("a range with a call site is marked as a function")
        elif definition == NONE or not self._scopes.is_stack_frame(definition):
            self._faults.note("a range with a call site has no function for a definition")
        else:
            self.ranges.call_sources[self._around] = source
            self.ranges.call_lines[self._around] = line
            self.ranges.call_columns[self._around] = column

    def _read_definition(self, numbers: Sequence[int]) -> int:
        if not numbers:
            return NONE
        if self._by_source:
            self._source += signed(numbers[0])
            if numbers[0] >> 1:
                self._definition = numbers[1]
            else:
                self._definition += signed(numbers[1])
            among = self._scopes.of_source(self._source)
        else:
            self._definition += signed(numbers[0])
            among = range(len(self._scopes))
        if 0 <= self._definition < len(among):
            return among[self._definition]
        self._faults.note("the definition of a range is not one of the scopes")
        self._definition = min(max(self._definition, 0), LARGEST)
        self._source = min(max(self._source, 0), LARGEST)
        return NONE
