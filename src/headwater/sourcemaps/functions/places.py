"""Places of a text in UTF-16 as the parser counts them."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tree_sitter import Node


class Place(NamedTuple):
    """A byte of the text, with its row and its column in bytes."""

    byte: int
    row: int
    column: int


class Span(NamedTuple):
    """A part of the text."""

    start: Place
    end: Place

    @property
    def length(self) -> int:
        """Bytes."""
        return self.end.byte - self.start.byte


def start_of(node: Node) -> Place:
    """Where a node begins."""
    return Place(node.start_byte, *node.start_point)


def end_of(node: Node) -> Place:
    """Where the last token of a node ends; a comment behind it may be in the node."""
    while parts := [child for child in node.children[-3:] if child.type != "comment"]:
        node = parts[-1]
    return Place(node.end_byte, *node.end_point)


def common(spans: Sequence[Span], part: Span) -> Iterator[Span]:
    """What of a part is in the spans, which are in order and apart from one another."""
    for index in range(bisect_right(spans, part.start, key=_end), len(spans)):
        start, end = max(spans[index].start, part.start), min(spans[index].end, part.end)
        if start >= end:
            return
        yield Span(start, end)


def _end(span: Span) -> Place:
    return span.end


def joined(spans: Iterable[Span]) -> list[Span]:
    """In order, those that meet or overlap as one."""
    found: list[Span] = []
    for each in sorted(spans):
        if found and each.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(each.end, found[-1].end))
        else:
            found.append(each)
    return found
