"""Which function encloses a place in a JavaScript or TypeScript source."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace
from tree_sitter import Language, Node, Tree

from headwater.sourcemaps.functions.components import Made
from headwater.sourcemaps.functions.function import Function, PackedFunctions, Point
from headwater.sourcemaps.functions.function_names import (
    CLASSES,
    CONSTRUCTORS,
    FIELDS,
    FUNCTIONS,
    MAX_CLIMB,
    Part,
    is_named_by_language,
    name_of_function,
    name_of_implied_constructor,
    name_of_initializer,
    name_of_receiver,
)
from headwater.sourcemaps.functions.grammar import parsable
from headwater.sourcemaps.functions.inferred_names import MAX_VISITS, UnnamedFunctions
from headwater.sourcemaps.functions.windows import parse_windows

MAX_FUNCTIONS: Final = 50_000
"""Functions of one source with all that is known of them, 700 bytes of memory each. TypeScript's
compiler, 9 MB in one source, has 25,000."""
MAX_PACKED: Final = 250_000
"""Functions of one source of which only names and places are kept, some 80 bytes each."""
MAX_DEPTH: Final = 100_000
"""Nodes inside one another that are walked into. Sums of strings that a generator wrote reach
thousands."""
DERIVED: Final = "$derived".encode("utf-16-le")
"""Svelte's rune, as nodes have their text."""


@dataclass(frozen=True, slots=True, eq=False)
class Scopes:
    """The functions of one source, ordered by where they begin, outer ones first."""

    functions: Sequence[Function] = ()
    parsed: bool = True
    """False where nothing can be said: not JavaScript, or over a limit."""
    _parents: Sequence[int] = field(default=(), repr=False)

    def enclosing(self, line: int, column: int) -> Function | None:
        """The innermost function around a place, or None at the top level of the source."""
        place = (line, column)
        index = bisect_right(self.functions, place, key=_begin) - 1
        while index >= 0 and self.functions[index].end <= place:
            index = self._parents[index]
        return self.functions[index] if index >= 0 else None


def _begin(function: Function) -> Point:
    return function.start


UNPARSED: Final = Scopes(parsed=False)


def read_scopes(text: str, filename: str, *, names_only: bool = False) -> Scopes:
    """Parse a source by the grammar that its name asks for; errors in it cost only themselves.

    `names_only`: of each function the place and the name are kept, in a tenth of the memory.
    """
    source = parsable(text, filename)
    if source is None:
        return UNPARSED
    encoded = source.text.encode("utf-16-le", "surrogatepass")
    made, grammars = source.made, source.grammars
    del text, source  # tens of megabytes that parsing does not need
    best: _Reading | None = None
    for grammar in grammars:
        reading = _Reading(PackedFunctions() if names_only and not made else [])
        if parse_windows(encoded, grammar, reading.take) and not (best and reading.has_error):
            best = reading
        if best is not None and not best.has_error:
            break
    return UNPARSED if best is None else _nested(_with_made(best.functions, made))


class _Reading:
    """What one grammar makes of a source."""

    def __init__(self, functions: list[Function] | PackedFunctions) -> None:
        self.functions = functions
        self.has_error = False
        self._most = MAX_FUNCTIONS if isinstance(functions, list) else MAX_PACKED
        self._visits = MAX_VISITS

    def take(self, tree: Tree, start: int, end: int) -> bool:
        """Find the functions that begin from one byte to another; False if over a limit."""
        self.has_error |= tree.root_node.has_error
        gaps = [each.end_byte for each in tree.included_ranges[:-1]]
        unnamed = UnnamedFunctions(self._visits, gaps)
        found = _functions(tree, range(start, end), unnamed, self._most - len(self.functions))
        self._visits = unnamed.visits
        self.functions.extend(found or ())
        return found is not None


def _with_made(
    functions: list[Function] | PackedFunctions, made: Sequence[Made]
) -> Sequence[Function]:
    """What a component's compiler makes is a function, too, or names one that is written."""
    if isinstance(functions, PackedFunctions) or not made:
        return functions
    named = {each.start: each.name for each in made if each.is_inner}
    for index, each in enumerate(functions):
        if not each.parts and each.start in named:
            functions[index] = replace(each, parts=(Part(named[each.start]),), inferred="")
    around = (
        Function(each.start, each.end, (Part(each.name),)) for each in made if not each.is_inner
    )
    return [*functions, *around]


def _functions(
    tree: Tree, begin: range, unnamed: UnnamedFunctions, most: int
) -> list[Function] | None:
    """Every function that begins at one of these bytes, or None if over a limit."""
    found: list[Function] = []
    places: list[tuple[Node, int]] = []
    for node, path in _walk(tree):
        if node is None or len(found) > most:
            return None
        function = _function(node, path[-MAX_CLIMB:])
        if function is None:
            continue
        is_wanted = node.start_byte in begin
        unnamed.meet(node, path)
        if is_named_by_language(node, path):
            unnamed.remember(node, function.parts)
        elif is_wanted:
            places.append((node, len(found)))
            unnamed.add(node, path)
        if is_wanted:
            found += (function, *_derived(node))
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


def _derived(field: Node) -> Iterator[Function]:
    """Svelte's compiler makes a function without a name of what a field derives, `$derived(…)`."""
    value = field.child_by_field_name("value") if field.type in FIELDS else None
    call = value if value is not None and value.type == "call_expression" else None
    rune = None if call is None else call.child_by_field_name("function")
    given = None if call is None else call.child_by_field_name("arguments")
    if rune is None or given is None or rune.end_byte - rune.start_byte != len(DERIVED):
        return
    if rune.text == DERIVED:
        yield Function(_point(given.start_point), _point(given.end_point), (), passed_to="$derived")


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
    if body is None or body.type != "statement_block":
        return _point(node.end_point)
    # Not where the node ends, which a comment behind the function may belong to.
    for index in range(body.child_count - 1, 0, -1):
        closing = body.child(index)
        if closing.type == "}":
            return _point(closing.start_point)
    return _point(body.end_point)


def _point(point: tuple[int, int]) -> Point:
    return point[0], point[1] // 2


def _nested(functions: Sequence[Function]) -> Scopes:
    """Each function with the one around it; extents nest or lie apart."""
    if isinstance(functions, PackedFunctions):
        ordered: Sequence[Function] = functions.ordered()
    else:
        ordered = sorted(functions, key=lambda each: (each.start, (-each.end[0], -each.end[1])))
    parents = array("i")
    around: list[tuple[int, Point]] = []
    for index, each in enumerate(ordered):
        while around and around[-1][1] <= each.start:
            around.pop()
        parents.append(around[-1][0] if around else -1)
        around.append((index, each.end))
    return Scopes(ordered, parsed=True, _parents=parents)
