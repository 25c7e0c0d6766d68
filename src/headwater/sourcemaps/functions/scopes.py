"""Which function encloses a place in a JavaScript or TypeScript source."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from tree_sitter import Language, Node, Tree

from headwater.sourcemaps.functions.function_names import (
    CLASSES,
    CONSTRUCTORS,
    FIELDS,
    FUNCTIONS,
    MAX_CLIMB,
    Name,
    Part,
    is_named_by_language,
    name_of_function,
    name_of_implied_constructor,
    name_of_initializer,
    name_of_receiver,
)
from headwater.sourcemaps.functions.grammar import Parsable, parsable
from headwater.sourcemaps.functions.inferred_names import UnnamedFunctions
from headwater.sourcemaps.functions.parsing import parse

ANONYMOUS: Final = "<anonymous>"
"""What a stack trace calls a function without a name."""
MAX_FUNCTIONS: Final = 500_000
"""Functions of one source. TypeScript's compiler, 9 MB in one source, has 25,000."""
MAX_DEPTH: Final = 100_000
"""Nodes inside one another that are walked into. Sums of strings that a generator wrote reach
thousands."""

Point = tuple[int, int]
"""Line and column from 0, in UTF-16 units."""


@dataclass(frozen=True, slots=True)
class Function:
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


@dataclass(frozen=True, slots=True, eq=False)
class Scopes:
    """The functions of one source, ordered by where they begin, outer ones first."""

    functions: Sequence[Function] = ()
    parsed: bool = True
    """False where nothing can be said: not JavaScript, or over a limit."""
    _parents: Sequence[int] = field(default=(), repr=False)
    _starts: Sequence[Point] = field(default=(), repr=False)

    def enclosing(self, line: int, column: int) -> Function | None:
        """The innermost function around a place, or None at the top level of the source."""
        place = (line, column)
        index = bisect_right(self._starts, place) - 1
        while index >= 0 and self.functions[index].end <= place:
            index = self._parents[index]
        return self.functions[index] if index >= 0 else None


UNPARSED: Final = Scopes(parsed=False)


def read_scopes(text: str, filename: str) -> Scopes:
    """Parse a source by the grammar that its name asks for; errors in it cost only themselves."""
    source = parsable(text, filename)
    if source is None:
        return UNPARSED
    best: Tree | None = None
    for grammar in source.grammars:
        tree = parse(source.text, grammar)
        if tree is not None and (best is None or not tree.root_node.has_error):
            best = tree
        if best is not None and not best.root_node.has_error:
            break
    functions = None if best is None else _functions(best)
    return UNPARSED if functions is None else _nested(_with_made(functions, source))


def _with_made(functions: list[Function], source: Parsable) -> list[Function]:
    """What a component's compiler makes is a function, too, or names one that is written."""
    if not source.made:
        return functions
    named = {each.start: each.name for each in source.made if each.is_inner}
    for index, each in enumerate(functions):
        if not each.parts and each.start in named:
            functions[index] = replace(each, parts=(Part(named[each.start]),), inferred="")
    around = (
        Function(each.start, each.end, (Part(each.name),))
        for each in source.made
        if not each.is_inner
    )
    return [*functions, *around]


def _functions(tree: Tree) -> list[Function] | None:
    """Every function, or None if over a limit."""
    found: list[Function] = []
    places: list[tuple[Node, int]] = []
    unnamed = UnnamedFunctions()
    for node, path in _walk(tree):
        if node is None or len(found) > MAX_FUNCTIONS:
            return None
        function = _function(node, path[-MAX_CLIMB:])
        if function is None:
            continue
        unnamed.meet(node, path)
        if is_named_by_language(node, path):
            unnamed.remember(node, function.parts)
        else:
            places.append((node, len(found)))
            unnamed.add(node, path)
        found.append(function)
    names = unnamed.names()
    for node, index in places:
        found[index] = _inferred(node, found[index], names.get(node.id, ""))
    return found


def _walk(tree: Tree) -> Iterator[tuple[Node | None, list[Node]]]:
    """Nodes that may be functions, each with all around it; without recursion. None: too deep."""
    wanted = _kind_ids(tree.language)
    cursor = tree.walk()
    path: list[Node] = []
    while True:
        node = cursor.node
        if node is None or len(path) > MAX_DEPTH:
            yield None, path
            return
        if node.kind_id in wanted:
            yield node, path
        if cursor.goto_first_child():
            path.append(node)
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
            path.pop()


def _inferred(node: Node, function: Function, name: str) -> Function:
    """What V8 infers goes before what the place says, unless that says the same and more."""
    said = function.name
    if name and (said == name or said.endswith(f".{name}")):
        return function
    if name and node.type in CONSTRUCTORS:
        name = f"new {name}"
    if name and said.rpartition(".")[2] == name.rpartition(".")[2]:
        return function if not name.endswith(f".{said}") else replace(function, inferred=name)
    return replace(function, parts=(), inferred=name)


def _kind_ids(language: Language) -> frozenset[int]:
    """Numbers instead of names, since every node of the source is compared."""
    ids = (language.id_for_node_kind(kind, True) for kind in FUNCTIONS | FIELDS | CLASSES)
    return frozenset(each for each in ids if each)


def _function(node: Node, path: list[Node]) -> Function | None:
    if node.type in FUNCTIONS:
        name = name_of_function(node, path)
        if name:
            return Function(_start(node), _end(node), name)
        passed_to = ".".join(map(str, name_of_receiver(path)))
        return Function(
            _start(node), _end(node), (), passed_to=passed_to, called_at=_called_at(path)
        )
    if node.type in CLASSES:
        implied = name_of_implied_constructor(node, path)
        keyword = next((child for child in node.children if child.type == "class"), None)
        if implied is not None and keyword is not None:
            return Function(_point(keyword.start_point), _point(keyword.end_point), implied)
    if node.type in FIELDS:
        value = node.child_by_field_name("value")
        if value is not None and value.type not in FUNCTIONS:
            name = name_of_initializer(node, path)
            return Function(_point(value.start_point), _point(value.end_point), name)
    return None


def _called_at(path: list[Node]) -> Point | None:
    holders = (node for node in reversed(path) if node.type != "parenthesized_expression")
    holder = next(holders, None)
    if holder is None or holder.type != "call_expression":
        return None
    arguments = holder.child_by_field_name("arguments")
    inside = arguments is None or path[-1] == arguments
    return None if inside or arguments is None else _point(arguments.start_point)


def _start(node: Node) -> Point:
    """Decorators and a computed key run outside of the method that they stand at."""
    name = node.child_by_field_name("name")
    if name is not None and name.type == "computed_property_name":
        return _point(name.end_point)
    first = next((child for child in node.children if child.type != "decorator"), node)
    return _point(first.start_point)


def _end(node: Node) -> Point:
    """Before the closing brace: code that a minifier puts there comes after the function."""
    body = node.child_by_field_name("body")
    row, column = _point(node.end_point)
    return (
        (row, column - 1) if body is not None and body.type == "statement_block" else (row, column)
    )


def _point(point: tuple[int, int]) -> Point:
    return point[0], point[1] // 2


def _nested(functions: list[Function]) -> Scopes:
    """Each function with the one around it; extents nest or lie apart."""
    ordered = sorted(functions, key=lambda each: (each.start, (-each.end[0], -each.end[1])))
    parents: list[int] = []
    around: list[int] = []
    for index, each in enumerate(ordered):
        while around and ordered[around[-1]].end <= each.start:
            around.pop()
        parents.append(around[-1] if around else -1)
        around.append(index)
    return Scopes(ordered, parsed=True, _parents=parents, _starts=[each.start for each in ordered])
