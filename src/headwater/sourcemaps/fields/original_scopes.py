"""The scopes of the original sources, as the `scopes` field lists them."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from headwater.sourcemaps.functions.function import ANONYMOUS, Point
from headwater.sourcemaps.functions.function_table import (
    Extent,
    FunctionTable,
    IntArray,
    changes_of,
    table_of_changes,
)
from headwater.sourcemaps.reading.field_faults import FieldFaults
from headwater.sourcemaps.reading.scope_items import LARGEST, Cursor, Tag, signed

MAX_SCOPES: Final = 2 * 1024**2
"""Original scopes of one source map, 37 bytes each. A bundle of 1 MB has some 10,000."""
NONE: Final = -1
"""Stands for 'no name', 'no kind' and 'no scope around'."""
_HAS_NAME: Final = 1
_HAS_KIND: Final = 2
_IS_STACK_FRAME: Final = 4
_NUMBERS_OF_START: Final = 4
_NUMBERS_OF_END: Final = 3


@dataclass(frozen=True, slots=True)
class OriginalScopes:
    """Parallel columns, a scope after the one around it; all numbers count from 0.

    A scope reaches from its start up to before its end. `names` and `kinds` are indices into the
    map's names, `parents` and `functions` into these columns, NONE where there is none. A scope is
    its own function if it would be a frame of the stack when it runs; else the one around it is.
    `firsts` has the number of each source's first scope.
    """

    start_lines: IntArray = field(default_factory=lambda: array("i"))
    start_columns: IntArray = field(default_factory=lambda: array("i"))
    end_lines: IntArray = field(default_factory=lambda: array("i"))
    end_columns: IntArray = field(default_factory=lambda: array("i"))
    names: IntArray = field(default_factory=lambda: array("i"))
    kinds: IntArray = field(default_factory=lambda: array("i"))
    parents: IntArray = field(default_factory=lambda: array("i"))
    functions: IntArray = field(default_factory=lambda: array("i"))
    firsts: IntArray = field(default_factory=lambda: array("i"))

    def __len__(self) -> int:
        return len(self.parents)

    def of_source(self, source: int) -> range:
        """The scopes of a source; none where the field does not speak of it."""
        if not 0 <= source < len(self.firsts):
            return range(0)
        last = source == len(self.firsts) - 1
        return range(self.firsts[source], len(self) if last else self.firsts[source + 1])

    def start(self, scope: int) -> Point:
        """The first place inside."""
        return self.start_lines[scope], self.start_columns[scope]

    def end(self, scope: int) -> Point:
        """The first place after."""
        return self.end_lines[scope], self.end_columns[scope]

    def is_stack_frame(self, scope: int) -> bool:
        """Whether the scope is a function."""
        return self.functions[scope] == scope

    def function_name(self, scope: int, names: Sequence[str]) -> str | None:
        """What the function is called that a scope is or is in; None at the top level."""
        function = self.functions[scope]
        if function == NONE:
            return None
        name = self.names[function]
        return ANONYMOUS if name == NONE else names[name] or ANONYMOUS

    def function_table(self, source: int, names: Sequence[str]) -> FunctionTable | None:
        """Which function encloses a place of a source; None where the field has no scopes for it."""
        if not self.of_source(source):
            return None
        return table_of_changes(changes_of(self._functions(source, names)))

    def _functions(self, source: int, names: Sequence[str]) -> Iterator[Extent[str]]:
        for scope in self.of_source(source):
            if self.is_stack_frame(scope):
                name = self.function_name(scope, names) or ANONYMOUS
                yield self.start(scope), self.end(scope), name


class OriginalScopesReader:
    """Reads items about original scopes into columns, in the order they are written."""

    def __init__(self, sources: int, names: int, faults: FieldFaults) -> None:
        self.scopes = OriginalScopes()
        self._sources = sources
        self._names = names
        self._faults = faults
        self._at = Cursor(faults)
        self._name = self._kind = 0
        self._around = NONE
        self._full = False

    @property
    def inside(self) -> bool:
        """Whether a scope is open."""
        return self._around != NONE

    def begin_source(self, *, forget_names: bool) -> None:
        """The scopes that follow are those of the next source; positions count from 0 again."""
        if len(self.scopes.firsts) == self._sources:
            self._full = True
            self._faults.note("there are scopes for more sources than `sources` has")
            return
        self.scopes.firsts.append(len(self.scopes))
        self._at = Cursor(self._faults)
        if forget_names:
            self._name = self._kind = 0

    def close(self) -> None:
        """No scope of the source follows. One still open is left empty, as the standard has it."""
        if self.inside and not self._full:
            self._faults.note("a scope begins and never ends")
        self._around = NONE

    def take(self, item: list[int]) -> None:
        """Read the beginning or the end of a scope; what there is about variables is passed over."""
        if self._full:
            return
        if item[0] == Tag.SCOPE_START:
            self._start(item)
        elif item[0] == Tag.SCOPE_END:
            self._end(item)
        elif item[0] != Tag.SCOPE_VARIABLES:
            self._faults.note("an item is of a kind that does not belong here")
        elif not self.inside:
            self._faults.note("variables are listed outside of any scope")

    def _start(self, item: list[int]) -> None:
        flags = item[1] if len(item) > 1 else 0
        has_name, has_kind = bool(flags & _HAS_NAME), bool(flags & _HAS_KIND)
        if len(item) < _NUMBERS_OF_START + has_name + has_kind:
            self._faults.note("the beginning of a scope lacks a number")
            return
        if not self._at.move(item[2], item[3]):
            return
        name = kind = NONE
        if has_name:
            self._name, name = self._index(self._name + signed(item[_NUMBERS_OF_START]))
        if has_kind:
            self._kind, kind = self._index(self._kind + signed(item[_NUMBERS_OF_START + has_name]))
        self._append(name, kind, is_stack_frame=bool(flags & _IS_STACK_FRAME))

    def _append(self, name: int, kind: int, *, is_stack_frame: bool) -> None:
        scopes, index = self.scopes, len(self.scopes)
        if index == MAX_SCOPES:
            self._full = True
            self._faults.note(f"there are more than {MAX_SCOPES:,} scopes; the rest is not read")
            return
        scopes.start_lines.append(self._at.line)
        scopes.start_columns.append(self._at.column)
        scopes.end_lines.append(self._at.line)
        scopes.end_columns.append(self._at.column)
        scopes.names.append(name)
        scopes.kinds.append(kind)
        scopes.parents.append(self._around)
        around = NONE if self._around == NONE else scopes.functions[self._around]
        scopes.functions.append(index if is_stack_frame else around)
        self._around = index

    def _end(self, item: list[int]) -> None:
        if len(item) < _NUMBERS_OF_END:
            self._faults.note("the end of a scope lacks a number")
        elif not self._at.move(item[1], item[2]):
            return
        elif not self.inside:
            self._faults.note("a scope ends that never began")
        else:
            self.scopes.end_lines[self._around] = self._at.line
            self.scopes.end_columns[self._around] = self._at.column
            self._around = self.scopes.parents[self._around]

    def _index(self, index: int) -> tuple[int, int]:
        """An index into the names to count on from, and the index itself or NONE if there is none."""
        if 0 <= index < self._names:
            return index, index
        self._faults.note("the name of a scope is not an index of `names`")
        return min(max(index, 0), LARGEST), NONE
