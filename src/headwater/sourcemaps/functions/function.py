"""A function of a source, and many of them in little memory."""

from array import array
from collections.abc import Iterable, Sequence
from typing import Final, overload

import numpy as np
from msgspec import Struct

from headwater.sourcemaps.functions.function_names import Name

ANONYMOUS: Final = "<anonymous>"
"""What a stack trace calls a function without a name."""

PASSED_TO: Final = f"{ANONYMOUS}\0"
"""In tables, begins what is known of a function without a name: what it was passed to follows."""

Point = tuple[int, int]
"""Line and column from 0, in UTF-16 units."""


class Function(Struct, frozen=True):
    """A function's extent, from its head to before its closing brace, and its name."""

    start: Point
    end: Point
    parts: Name
    inferred: str = ""
    """What V8 infers, where that says more than `parts` or there are none: only to be shown."""
    passed_to: str = ""
    """What is called with a function that has no name, `app.get`: to be shown beside `<anonymous>`,
    never instead of it."""
    called_at: Point | None = None
    """Where the arguments begin of a function that is called where it stands."""

    @property
    def name(self) -> str:
        """`OrderQueue.onTick`, `new OrderQueue`, or `<anonymous>`."""
        return self.inferred or ".".join(map(str, self.parts)) or ANONYMOUS

    @property
    def stored_name(self) -> str:
        """As tables have it: the name, or PASSED_TO and what."""
        name = self.name
        return f"{PASSED_TO}{self.passed_to}" if name == ANONYMOUS and self.passed_to else name


class PackedFunctions(Sequence[Function]):
    """Functions of which only names and places are kept."""

    def __init__(self) -> None:
        self._places = array("i")
        """Four numbers each: lines and columns where it starts and ends."""
        self._names: list[str] = []
        self._known: dict[str, str] = {}

    def extend(self, functions: Iterable[Function]) -> None:
        """Append functions."""
        for each in functions:
            self._places.extend((*each.start, *each.end))
            name = each.stored_name
            self._names.append(self._known.setdefault(name, name))

    def ordered(self) -> "PackedFunctions":
        """By where they begin, outer ones first."""
        places = np.frombuffer(self._places, dtype=np.int32).reshape(-1, 4)
        order = np.lexsort((-places[:, 3], -places[:, 2], places[:, 1], places[:, 0]))
        found = PackedFunctions()
        found._places.frombytes(places[order].tobytes())
        found._names = [self._names[index] for index in order]
        return found

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, index: int) -> Function: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Function]: ...
    def __getitem__(self, index: int | slice) -> Function | Sequence[Function]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        index = range(len(self))[index]
        line, column, end_line, end_column = self._places[4 * index : 4 * index + 4]
        start, end, name = (line, column), (end_line, end_column), self._names[index]
        if name.startswith(PASSED_TO):
            return Function(start, end, (), passed_to=name.removeprefix(PASSED_TO))
        return Function(start, end, (), inferred=name)
