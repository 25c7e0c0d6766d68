"""Functions whose names V8 infers, collected while a source is walked, and what it infers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tree_sitter import Node

from headwater.sourcemaps.functions.expression_shapes import is_eager
from headwater.sourcemaps.functions.function_names import FUNCTIONS, MAX_PART, MAX_PARTS, Name
from headwater.sourcemaps.functions.inference import MAX_NESTED, Inference
from headwater.sourcemaps.functions.waiting_functions import VARIABLE, Inferred

MAX_VISITS: Final = 1_000_000
"""Expressions of one source that are looked at for names, two seconds of work; TypeScript's
compiler, 9 MB, has 200,000. What comes after stays anonymous."""

_MAY_BE_EAGER: Final = frozenset({"function_expression", "generator_function", "arrow_function"})
_AROUND: Final = 20
"""Nodes around a function that may tell that it is called at once: `!function () {}.call(…)()`."""
_CONSTRUCTS: Final = ("", "new ")


@dataclass(slots=True)
class _Unit:
    """What V8 parses in one go: a file, or the body of a function that is not called at once."""

    node: Node
    enclosing: str | None
    wanted: set[int] = field(default_factory=set)
    on_the_way: set[int] = field(default_factory=set)


class UnnamedFunctions:
    """Those of one source."""

    def __init__(self, visits: int = MAX_VISITS, gaps: Sequence[int] = ()) -> None:
        """`visits`: how many expressions may be looked at. `gaps`: the bytes before which text is
        left out."""
        self.visits = visits
        self._gaps = gaps
        self._units: dict[int, _Unit] = {}
        self._names: dict[int, str] = {}
        self._eager: set[int] = set()

    def meet(self, function: Node, path: Sequence[Node]) -> None:
        """Any function, before those inside of it."""
        if function.type in _MAY_BE_EAGER and is_eager(function, path[-_AROUND:]):
            self._eager.add(function.id)

    def remember(self, function: Node, name: Name) -> None:
        """A function's own name, which is told before those of the functions inside of it."""
        if name and name[-1].before in _CONSTRUCTS:
            self._names[function.id] = name[-1].text

    def add(self, function: Node, path: Sequence[Node]) -> None:
        """A function without a name, with all nodes around it, outermost first."""
        depth = len(path) - 1
        deepest = depth - MAX_NESTED
        while depth > 0 and not self._begins_anew(path[depth]):
            depth -= 1
            if depth < deepest:
                return
        around = path[depth]
        unit = self._units.get(around.id)
        if unit is None:
            unit = self._units[around.id] = _Unit(around, self._names.get(around.id))
        unit.wanted.add(function.id)
        for node in reversed(path[depth + 1 :]):
            if node.id in unit.on_the_way:
                break
            unit.on_the_way.add(node.id)

    def names(self) -> dict[int, str]:
        """What V8 infers, by the ids of the functions' nodes; those that stay anonymous lack."""
        found: dict[int, str] = {}
        for unit in self._units.values():
            inference = Inference(
                unit.wanted, unit.on_the_way, self._eager, unit.enclosing, self.visits, self._gaps
            )
            inference.unit(unit.node)
            self.visits = inference.visits
            if self.visits <= 0:
                break
            found.update((each, _joined(name)) for each, name in inference.waiting.found.items())
        return found

    def _begins_anew(self, node: Node) -> bool:
        kind = node.type
        return kind in FUNCTIONS and kind != "class_static_block" and node.id not in self._eager


def _joined(name: Inferred) -> str:
    """Of variables that follow one another the last counts."""
    kept = [
        part
        for index, (part, kind) in enumerate(name)
        if kind != VARIABLE or index + 1 == len(name) or name[index + 1][1] != VARIABLE
    ]
    return ".".join(map(_text, kept[-MAX_PARTS:]))


def _text(part: Node | str) -> str:
    if isinstance(part, str):
        return part
    text = b"" if part.end_byte - part.start_byte > 2 * MAX_PART else part.text or b""
    decoded = text.decode("utf-16-le", "replace") or "<computed>"
    return decoded[1:-1] if part.type == "string" else decoded
