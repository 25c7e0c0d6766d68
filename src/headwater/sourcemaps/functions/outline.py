"""Which lists of a source are open where its text was cut off, and where it may better be cut.

The parser was given the text up to some place. What is complete there are nodes; the parts of what
is not stand beside one another in an error, as the text has them, at the tree's right edge. A source
may be cut between two elements of a list, as of statements or arguments: what is left out before
does not change how the rest is read, as long as what opens the lists stays.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tree_sitter import Node, Tree

from headwater.sourcemaps.functions.function_names import is_constructor
from headwater.sourcemaps.functions.places import Place, Span, end_of, start_of

CLOSING: Final = {"(": ")", "[": "]", "{": "}", "${": "}", "`": "`"}
"""What ends a list, by what opens it."""

_ELEMENTS: Final = (
    *("_statement", "_declaration", "_definition", "_signature", "_block", "_case", "_default"),
    ";",
)
"""How the types of nodes end that follow one another in lists without commas."""
_OPENING: Final = frozenset({*CLOSING, "var", "let", "const", "return"})
_LABELS: Final = frozenset({"case", "default"})
_MEMBERS: Final = frozenset({"pair", "spread_element", "method_definition"})
_OTHERWISE: Final = frozenset(
    {"{", "[", "(", "`", "/", "+", "-", "function", "async", "class", "let", "<"}
)
"""What is read as something else where a statement begins than behind a comma."""

_GOES_ON: Final = frozenset(
    {"else", "catch", "finally", "of", "in", "instanceof", "as", "satisfies", "extends", "/", ","}
)
_BEGINS: Final = frozenset({"@", ";", "'", '"', "!", "~"})
_IN_TEMPLATES: Final = frozenset(
    {"`", "${", "string_fragment", "escape_sequence", "template_substitution"}
)
_TEXTS: Final = frozenset({"`", "/", "*", "'", '"'})


@dataclass(frozen=True, slots=True, eq=False)
class Open:
    """A list whose end is not read yet."""

    around: "Open | None"
    start: Place
    """Where the element begins that this list is a part of, in the list around it."""
    type: str
    """Of what opens it."""
    bracket: int
    """The byte of what opens it."""
    first: Place
    """Where its first element begins."""
    constructors: list[Span] = field(default_factory=list)
    """Whether a class has one matters for all of it."""

    def outwards(self) -> "Iterator[Open]":
        """This list and those around it."""
        each: Open | None = self
        while each is not None:
            yield each
            each = each.around


class Cut(NamedTuple):
    """A place between two elements of a list; a comma between them is left out."""

    end: Place
    start: Place
    inside: Open | None
    """The list; None is the file itself."""


_Between = tuple[Node, Node, Open | None]
"""What a cut is before, what is behind it, and the list."""


class Outline:
    """Reads the right edge of a tree.

    Of `f(a, {b: 1, c`, all in one error, the parts are `f` `(` `a` `,` `{` `b: 1` `,` `c`:

    - `f` begins an element of the file, and the `(` in it may open a list.
    - `a` follows: so it does, and `a` begins the list's first element.
    - `,` ends that, if it was nothing but `a`; `{` follows and begins the next: a cut at depth 1,
      `f(a` before it and `{b: 1, c` behind it, inside of a list that `f(` opens.
    - `b: 1` is the first element of what `{` opens, and `c` the second: a cut at depth 2, inside of
      a list that `{` opens, in the one that `f(` opens.

    A `}` would end the inner list: what is being read is then the outer one's element again.
    """

    def __init__(self, tree: Tree, start: int) -> None:
        """`start`: the byte before which nothing is to be cut."""
        self._cuts: dict[int, _Between] = {}
        self._doubtful: dict[int, _Between] = {}
        self.is_in_text = False
        """The text was cut off within a template or a comment."""
        self._into: dict[int, _Between] | None = self._cuts
        self._start = start
        self._inside: Open | None = None
        self._depth = 0
        self._element: Node | None = None
        """What the element begins with that is being read."""
        self._elements: list[Node] = []
        """Those of the lists around."""
        self._part: int | None = None
        """Where the element, or what follows its last comma, begins; None within an element that
        must not be cut."""
        self._type = ""
        self._opening: Node | None = None
        self._comma: Node | None = None
        self._is_of_members = False
        node: Node | None = tree.root_node
        while node is not None:
            last = self._read(node)
            node = last if last is not None and last.has_error else None

    @property
    def cuts(self) -> Mapping[int, Cut]:
        """The last one in each list, by the number of lists around it.

        Those behind an error only if there are no others, and if it can't come of a template or a
        comment that was cut off: what is behind such an error is no program.
        """
        return {
            depth: Cut(start_of(end), start_of(start), inside)
            for depth, (end, start, inside) in (self._cuts or self._doubtful).items()
        }

    def _read(self, node: Node) -> Node | None:
        last = None
        for child in node.children:
            if child.is_missing or child.type == "comment":
                continue
            if last is not None and last.has_error and self._into is self._cuts:
                self.is_in_text = _begins_a_text(last)
                self._into = None if self.is_in_text else self._doubtful
            self._between(last, child)
            self._meet(child)
            last = child
        return last

    def _between(self, last: Node | None, child: Node) -> None:
        if self._opening is not None:
            self._open(self._opening, child)
        elif self._element is None or (last is not None and last.type == "ERROR"):
            self._begin(child)
        elif last is None:
            if child.start_byte == self._element.start_byte:
                self._type = child.type
        elif child.type == ",":
            self._comma = child if last.start_byte == self._part else None
            self._is_of_members = last.type in _MEMBERS
            self._part = None
        elif last.type == ",":
            self._behind_comma(child)
        elif last.start_byte == self._element.start_byte and last.type.endswith(_ELEMENTS):
            self._behind_element(last, child)

    def _behind_element(self, last: Node, child: Node) -> None:
        if self._has_statements and _begins_an_element(last, child):
            if self._inside is not None and is_constructor(last):
                self._inside.constructors.append(Span(start_of(last), end_of(last)))
            self._cut(child, child)
            self._begin(child)

    def _behind_comma(self, child: Node) -> None:
        if self._comma is None:
            return
        comma, self._comma = self._comma, None
        self._part = child.start_byte
        if not self._has_statements or self._is_of_members or _first(child).type not in _OTHERWISE:
            self._cut(comma, child)
            self._begin(child)

    def _meet(self, child: Node) -> None:
        kind = child.type
        inside = self._inside
        if inside is not None and inside.type == "`" and kind not in _IN_TEMPLATES:
            self.is_in_text, self._into = True, None
        if inside is not None and kind == CLOSING.get(inside.type):
            self._element, self._part, self._type = self._elements.pop(), None, ""
            self._inside, self._depth = inside.around, self._depth - 1
        elif kind in _OPENING or (kind == ":" and self._type in _LABELS):
            self._opening = child

    @property
    def _has_statements(self) -> bool:
        return self._inside is None or self._inside.type in ("{", "case")

    def _open(self, opening: Node, child: Node) -> None:
        self._opening = None
        if opening.type.isalpha() and opening.end_byte == child.start_byte:
            return  # `const{a}=…,b=…`: what opens the list would become one word with `b`
        kind = "case" if opening.type == ":" else opening.type
        element = self._element or opening
        self._elements.append(element)
        self._inside = Open(
            self._inside, start_of(element), kind, opening.start_byte, start_of(child)
        )
        self._depth += 1
        self._begin(child)

    def _begin(self, child: Node) -> None:
        self._element, self._part, self._type = child, child.start_byte, child.type

    def _cut(self, end: Node, child: Node) -> None:
        if self._into is not None and end.start_byte > self._start:
            self._into[self._depth] = (end, child, self._inside)


def _first(node: Node) -> Node:
    while node.child_count:
        node = node.children[0]
    return node


def _begins_an_element(last: Node, child: Node) -> bool:
    """Whether what follows an element can't belong to it: a parser that finds no end may take `else`
    for an error behind a statement. A comment without its end looks like a regular expression."""
    if child.child_count and not child.has_error:
        return True
    first = _first(child)
    if first.type in CLOSING.values() or first.type in _GOES_ON:
        return False
    return first.is_named or first.type[0].isalpha() or first.type in _BEGINS or _ends(last)


def _ends(node: Node) -> bool:
    while node.child_count:
        node = node.children[-1]
    return node.type == ";" and not node.is_missing


def _begins_a_text(node: Node) -> bool:
    """Whether the first error in a node may be the beginning of a template or a comment."""
    while node.type != "ERROR" and node.child_count:
        node = next((child for child in node.children if child.has_error), node.children[0])
    return node.type in _TEXTS or any(child.type in _TEXTS for child in node.children)
