"""What is parsed with a window of a source: what opens the lists around it, and what ends them.

Lists may be thousands deep, so each is looked at once for a window, not once for each inside of it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Final

from tree_sitter import Node, Tree

from headwater.sourcemaps.functions.function_names import is_constructor
from headwater.sourcemaps.functions.outline import CLOSING, Cut, Open
from headwater.sourcemaps.functions.places import Place, Span, common, end_of, joined, start_of

MAX_AROUND: Final = 128 * 1024
"""Bytes of what opens the lists around a window, and of what ends one of them."""

_NO_ELEMENT: Final = frozenset({"program", "ERROR", "sequence_expression"})


class Openings:
    """What opens lists, of what was parsed of it."""

    def __init__(self, spans: Sequence[Span]) -> None:
        """`spans`: what was parsed, in order."""
        self._spans = spans
        self._lengths: dict[int, int] = {}
        """Bytes of what opens a list and those around it, by its bracket."""

    def before(self, cut: Cut) -> list[Span]:
        """What opens the lists that a cut is in."""
        lists = () if cut.inside is None else cut.inside.outwards()
        parts = (part for one in lists for part in self._parts(one))
        return joined(part for part in parts if part.end <= cut.start)

    def fit(self, cut: Cut) -> bool:
        """Whether what opens the lists that a cut is in may be parsed once more."""
        return cut.inside is None or self._length(cut.inside) <= MAX_AROUND

    def _length(self, inside: Open) -> int:
        unknown = takewhile(lambda one: one.bracket not in self._lengths, inside.outwards())
        for one in reversed(list(unknown)):
            around = 0 if one.around is None else self._lengths[one.around.bracket]
            own = sum(part.length for part in self._parts(one))
            self._lengths[one.bracket] = around + own
        return self._lengths[inside.bracket]

    def _parts(self, one: Open) -> Iterator[Span]:
        yield from one.constructors
        yield from common(self._spans, Span(one.start, one.first))


def ends_of_lists(
    tree: Tree, lists: Iterable[Open], end: Place
) -> Iterator[tuple[int, Iterator[Span]]]:
    """What ends the lists that end before a place, by their brackets. `lists` are inside one
    another, outermost first."""
    path = [tree.root_node]
    closings = _closings(tree.root_node)
    for one in lists:
        while len(path) > 1 and path[-1].end_byte <= one.bracket:
            path.pop()
        while (inner := _child_at(path[-1], one.bracket)) is not None and inner.child_count:
            path.append(inner)
            closings |= _closings(inner)
        if (closing := closings.get(one.bracket)) is not None:
            yield one.bracket, _end_of_list(closing, path, one, end)


def _closings(node: Node) -> dict[int, Node]:
    """What ends the lists whose brackets are a node's own, by what opens them."""
    found: dict[int, Node] = {}
    opened: list[Node] = []
    for child in node.children:
        if opened and child.type == CLOSING[opened[-1].type]:
            found[opened.pop().start_byte] = child
        elif child.type in CLOSING:
            opened.append(child)
    return found


def _child_at(node: Node, byte: int) -> Node | None:
    index = bisect_right(node.children, byte, key=lambda child: child.end_byte)
    return node.children[index] if index < node.child_count else None


def _end_of_list(closing: Node, path: Sequence[Node], one: Open, end: Place) -> Iterator[Span]:
    """A class's constructor; and from what ends a list to where the element ends that it is in.
    `path`: what is around the closing, outermost first."""
    if path[-1].type == "class_body":
        members = (child for child in path[-1].children if is_constructor(child))
        yield from (Span(start_of(each), end_of(each)) for each in members)
    node = closing
    for around in reversed(path):
        if around.start_byte < one.start.byte or around.type in _NO_ELEMENT:
            break
        node = around
    ends = end_of(node)
    if ends > end or ends.byte - closing.start_byte > MAX_AROUND:
        ends = end_of(closing)
    yield Span(start_of(closing), ends)
