"""What the sources say of themselves, beside V8: their text, and which class a place is in."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node, Parser, Tree

from bench.names.frames import Place
from headwater.sourcemaps.functions.grammar import Parsable, parsable

_CLASS = re.compile(r"\bclass\s+([\w$]+)(?:\s*<[^{]*?>)?\s+extends\s+(?:[\w$]+\.)*([\w$]+)")
_METHODS = ("method_definition", "class_static_block")
_ARROW = "arrow_function"
_FUNCTIONS = ("function_declaration", "function_expression", "generator_function", _ARROW)
_FIELDS = ("field_definition", "public_field_definition")


@dataclass(frozen=True, eq=False)
class Source:
    """One source of the program as it was written."""

    key: str
    text: str

    def made_at(self, place: Place) -> set[str]:
        """Names of what a component's compiler makes of this place."""
        found = self._parsable
        made = () if found is None else found.made
        at = (place.line, place.column)
        return {each.name for each in made if each.start <= at < each.end}

    @cached_property
    def _parsable(self) -> Parsable | None:
        return parsable(self.text, self.key)

    @cached_property
    def _tree(self) -> Tree | None:
        found = self._parsable
        if found is None:
            return None
        encoded = found.text.encode("utf-16-le", "surrogatepass")
        return Parser(found.grammars[-1].language).parse(encoded, encoding="utf16le")

    def function_at(self, place: Place) -> Node | None:
        """The innermost function around a place."""
        if self._tree is None:
            return None
        point = (place.line, 2 * place.column)
        node = self._tree.root_node.descendant_for_point_range(point, point)
        while node is not None and node.type not in (*_METHODS, *_FUNCTIONS):
            node = node.parent
        return node

    def class_of_method(self, place: Place) -> str | None:
        """The class whose method, accessor or arrow in a field is the innermost function there."""
        node = self.function_at(place)
        if node is None or node.parent is None:
            return None
        in_field = node.type == _ARROW and node.parent.type in _FIELDS
        return _class_around(node) if node.type in _METHODS or in_field else None


def _class_around(node: Node) -> str | None:
    body = node.parent
    while body is not None and body.type in _FIELDS:
        body = body.parent
    if body is None or body.type != "class_body" or body.parent is None:
        return None
    name = body.parent.child_by_field_name("name")
    return None if name is None or name.text is None else name.text.decode("utf-16-le")


class Sources:
    """All sources of a program."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        self._sources = {key: Source(key, text) for key, text in texts}
        parents = defaultdict(set)
        for source in self._sources.values():
            for name, parent in _CLASS.findall(source.text):
                parents[name].add(parent)
        self._parents: Mapping[str, set[str]] = parents

    def class_of_method(self, place: Place) -> str | None:
        """As `Source.class_of_method`."""
        source = self._sources.get(place.source)
        return None if source is None else source.class_of_method(place)

    def same_function(self, one: Place, other: Place) -> bool:
        """Whether two places of one source are in the same function."""
        source = self._sources.get(one.source)
        return source is None or source.function_at(one) == source.function_at(other)

    def made_at(self, place: Place) -> set[str]:
        """As `Source.made_at`."""
        source = self._sources.get(place.source)
        return set() if source is None else source.made_at(place)

    def mentions(self, place: Place, name: str) -> bool:
        """Whether a name is written anywhere in the source."""
        source = self._sources.get(place.source)
        return source is None or name in source.text

    def descends(self, name: str, ancestor: str) -> bool:
        """Whether a class is another one or extends it, however far."""
        known, waiting = {name}, [name]
        while waiting:
            for parent in self._parents.get(waiting.pop(), ()):
                if parent not in known:
                    known.add(parent)
                    waiting.append(parent)
        return ancestor in known
