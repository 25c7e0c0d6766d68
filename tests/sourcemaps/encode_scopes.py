"""The inverse of decoding, for tests: `scopes` and `ranges` from trees, in both shapes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from headwater.sourcemaps.functions.function import Point
from tests.sourcemaps.encode import ALPHABET


def unsigned(number: int) -> str:
    """One unsigned number."""
    digits = ""
    while True:
        digit, number = number & 31, number >> 5
        digits += ALPHABET[digit | (32 if number else 0)]
        if not number:
            return digits


def signed(number: int) -> str:
    """One signed number."""
    return unsigned(abs(number) << 1 | (number < 0))


@dataclass
class Scope:
    """An original scope; name and kind are indices."""

    start: Point
    end: Point
    name: int | None = None
    kind: int | None = None
    is_function: bool = False
    children: list["Scope"] = field(default_factory=list)


@dataclass
class Range:
    """A generated range; `definition` is a source and the number of a scope in it."""

    start: Point
    end: Point
    definition: tuple[int, int] | None = None
    is_function: bool = False
    is_hidden: bool = False
    call_site: tuple[int, int, int] | None = None
    children: list["Range"] = field(default_factory=list)


def preorder(scopes: Sequence[Scope]) -> Iterator[Scope]:
    """A scope before those inside of it."""
    for scope in scopes:
        yield scope
        yield from preorder(scope.children)


class _Encoder:
    def __init__(self) -> None:
        self.at = (0, 0)
        self.last = {"name": 0, "kind": 0, "source": 0, "definition": 0}

    def position(self, to: Point) -> tuple[int, int]:
        lines = to[0] - self.at[0]
        columns = to[1] if lines else to[1] - self.at[1]
        self.at = to
        return lines, columns

    def relative(self, what: str, value: int) -> str:
        delta = value - self.last[what]
        self.last[what] = value
        return signed(delta)

    def scope(self, scope: Scope) -> Iterator[str]:
        flags = (scope.name is not None) | (scope.kind is not None) << 1 | scope.is_function << 2
        lines, columns = self.position(scope.start)
        item = "B" + unsigned(flags) + unsigned(lines) + unsigned(columns)
        item += "" if scope.name is None else self.relative("name", scope.name)
        item += "" if scope.kind is None else self.relative("kind", scope.kind)
        yield item
        yield "D" + signed(1) + signed(-1)
        for child in scope.children:
            yield from self.scope(child)
        yield "C" + "".join(map(unsigned, self.position(scope.end)))

    def range(self, each: Range, firsts: Sequence[int] | None) -> Iterator[str]:
        lines, columns = self.position(each.start)
        defined = each.definition is not None
        flags = bool(lines) | defined << 1 | each.is_function << 2 | each.is_hidden << 3
        item = "E" + unsigned(flags) + (unsigned(lines) if lines else "") + unsigned(columns)
        if each.definition is not None:
            item += self.definition(*each.definition, firsts)
        yield item
        yield "G" + unsigned(0)
        if each.call_site is not None:
            yield "I" + "".join(map(unsigned, each.call_site))
        for child in each.children:
            yield from self.range(child, firsts)
        lines, columns = self.position(each.end)
        yield "F" + (unsigned(lines) if lines else "") + unsigned(columns)

    def definition(self, source: int, scope: int, firsts: Sequence[int] | None) -> str:
        if firsts is not None:
            return self.relative("definition", firsts[source] + scope)
        if source == self.last["source"]:
            return signed(0) + self.relative("definition", scope)
        self.last["definition"] = scope
        return self.relative("source", source) + unsigned(scope)


def encode_joined(sources: Sequence[Scope | None], ranges: Sequence[Range] = ()) -> str:
    """One string for all."""
    encoder, items, firsts = _Encoder(), [], [0]
    for scope in sources:
        encoder.at = (0, 0)
        items += ["A"] if scope is None else [*encoder.scope(scope)]
        firsts.append(firsts[-1] + len([*preorder([scope] if scope else [])]))
    encoder.at = (0, 0)
    return ",".join([*items, *(item for each in ranges for item in encoder.range(each, firsts))])


def encode_split(
    sources: Sequence[Sequence[Scope] | None], ranges: Sequence[Range] = ()
) -> tuple[list[str | None], str]:
    """A list of strings, one a source, and a string of ranges."""
    written: list[str | None] = []
    for scopes in sources:
        encoder = _Encoder()
        items = None if scopes is None else [i for each in scopes for i in encoder.scope(each)]
        written.append(None if items is None else ",".join(items))
    encoder = _Encoder()
    return written, ",".join(item for each in ranges for item in encoder.range(each, None))
