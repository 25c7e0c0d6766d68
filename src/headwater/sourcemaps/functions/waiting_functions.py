"""The names that V8's parser has read, and the functions that wait for one."""

from bisect import bisect_right
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from tree_sitter import Node

ENCLOSING: Final = "enclosing function"
VARIABLE: Final = "variable"
PROPERTY: Final = "property"
NOBODY: Final = -1
"""Instead of a function that waits but can't be named any more."""

Inferred = tuple[tuple[Node | str, str], ...]
"""The parts of a name, outer ones first, each with what kind of name it is; of a node, its text."""


class WaitingFunctions:
    """A stack of names and a list of functions, by the ids of their nodes."""

    def __init__(self, wanted: AbstractSet[int], gaps: Sequence[int] = ()) -> None:
        """`wanted`: functions whose names are asked for; others wait only behind one of them.
        `gaps`: the bytes, in order, before which text is left out."""
        self.found: dict[int, Inferred] = {}
        self._wanted = wanted
        self._names: list[tuple[Node | str, str]] = []
        self._waiting: list[int] = []
        self._passed_over: set[int] = set()
        self._gaps = gaps
        self._passed = 0
        """Gaps that are behind."""

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def push(self, name: Node | str, kind: str) -> None:
        """A name was read."""
        self._names.append((name, kind))

    @property
    def names(self) -> int:
        """How many there are, for `forget`."""
        return len(self._names)

    def forget(self, names: int) -> None:
        """An expression ended: forget its names, keep those that were there before."""
        del self._names[names:]

    def add(self, function: int) -> None:
        """A function was read."""
        if function in self._wanted or self._waiting:
            self._waiting.append(function)

    def take_off(self) -> None:
        """A call was read: the function before it, mostly its last argument, gets no name."""
        if self._waiting:
            self._waiting.pop()

    def pass_over(self, function: int) -> None:
        """A function that is not to be named, though it waits like others."""
        self._passed_over.add(function)

    def go_on(self, byte: int) -> None:
        """Reading goes on at a byte: behind a gap nobody knows what was to name those that wait."""
        passed = self._passed
        self.skip(byte)
        if self._passed > passed:
            self.clear()

    def skip(self, byte: int) -> None:
        """What is before a byte was not to be read, nor what is left out of it."""
        self._passed = max(self._passed, bisect_right(self._gaps, byte))

    def infer(self) -> None:
        """Something was given a value: all that wait get the name that was read."""
        if self._waiting:
            name = tuple(self._names)
            named = (each for each in self._waiting if each not in self._passed_over)
            self.found.update((each, name) for each in named if each in self._wanted)
            self._waiting.clear()

    def clear(self) -> None:
        """None that wait get a name."""
        self._waiting.clear()
