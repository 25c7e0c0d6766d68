"""Index maps: the maps of the pieces that a generated file was put together from."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from headwater.sourcemaps.reading.document import (
    Document,
    MalformedSourceMap,
    Section,
    SourceMapTooLarge,
    is_absent,
    read_document,
    value_of,
)
from headwater.sourcemaps.reading.members import check_header

MAX_SECTIONS: Final = 10_000
"""Sections in one index map, all levels together, at 0.3 ms each. Turbopack writes one per module:
hundreds in a large chunk."""
MAX_DEPTH: Final = 8
"""Index maps inside index maps. No known tool nests them more than twice."""
LARGEST: Final = 2**31 - 1
"""The highest line or column."""


@dataclass(frozen=True, slots=True, order=True)
class Offset:
    """Where a piece begins in the generated file, both from 0."""

    line: int
    column: int

    def __add__(self, inner: "Offset") -> "Offset":
        """A piece's column counts from the outer one's only as long as they share a line."""
        column = inner.column + (self.column if inner.line == 0 else 0)
        return Offset(self.line + inner.line, column)


_START: Final = Offset(0, 0)


def maps_of(document: Document, faults: list[str]) -> Iterator[tuple[Offset, Document]]:
    """Every map without sections in the tree, unread, in the order it is written.

    Raises MalformedSourceMap, SourceMapTooLarge.
    """
    pending = deque([(_START, document, 0)])
    seen = 0
    while pending:
        offset, each, depth = pending.popleft()
        if is_absent(each.sections):
            yield offset, each
            continue
        if depth == MAX_DEPTH:
            raise SourceMapTooLarge(f"index maps nested more than {MAX_DEPTH} deep")
        sections = _sections(each, faults, MAX_SECTIONS - seen)
        seen += len(sections)
        inner = [(offset + begins, inside, depth + 1) for begins, inside in sections]
        pending.extendleft(reversed(inner))


def placed_fault(offset: Offset, fault: str) -> str:
    """A sentence about a section that says which section."""
    return f"section at line {offset.line + 1:,}, column {offset.column:,}: {fault}"


def _sections(document: Document, faults: list[str], limit: int) -> list[tuple[Offset, Document]]:
    check_header(document, faults)
    if not is_absent(document.mappings):
        faults.append("an index map has no `mappings` of its own")
    try:
        sections = msgspec.json.decode(document.sections, type=list[_counted(limit)])  # type: ignore[misc]
    except (msgspec.DecodeError, RecursionError) as wrong:
        raise MalformedSourceMap(f"`sections` must be a list of objects: {wrong}") from None
    found = (_section(section, faults) for section in sections)
    return [each for each in found if each is not None]


def _counted(limit: int) -> type[Section]:
    """A type of which no more than `limit` are decoded: counting a finished list would be too late,
    as an empty section has two bytes in the file and hundreds in memory."""
    numbers = iter(range(limit))

    class Counted(Section, frozen=True):
        def __post_init__(self) -> None:
            if next(numbers, None) is None:
                raise SourceMapTooLarge(f"more than {MAX_SECTIONS:,} sections in one source map")

    return Counted


def _section(section: Section, faults: list[str]) -> tuple[Offset, Document] | None:
    offset = _offset(value_of(section.offset))
    if offset is None:
        faults.append("a section without a usable `offset` was left out")
        return None
    try:
        return offset, read_document(section.map, faults)
    except MalformedSourceMap as wrong:
        faults.append(f"a section without a usable `map` was left out: {wrong}")
        return None


def _offset(value: Any) -> Offset | None:
    if not isinstance(value, dict):
        return None
    line, column = value.get("line"), value.get("column")
    if type(line) is not int or type(column) is not int:
        return None
    fits = 0 <= line <= LARGEST and 0 <= column <= LARGEST
    return Offset(line, column) if fits else None
