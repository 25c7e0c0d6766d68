"""Index maps: the maps of the pieces that a generated file was put together from, made into one."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from headwater.sourcemaps.basic import BasicMap, check_header, read_basic
from headwater.sourcemaps.document import (
    Document,
    MalformedSourceMap,
    Section,
    SourceMapTooLarge,
    is_absent,
    read_document,
    value_of,
)
from headwater.sourcemaps.mappings import MAX_MAPPINGS, NONE, in_order
from headwater.sourcemaps.range_mappings import no_flags

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


@dataclass(frozen=True, slots=True)
class Piece:
    """One basic map, where it begins, and what it was read from."""

    offset: Offset
    basic: BasicMap
    document: Document

    def place(self, fault: str) -> str:
        """A sentence about this piece that says which piece."""
        return placed_fault(self.offset, fault)


def read_map(document: Document, faults: list[str]) -> BasicMap:
    """A map with or without sections as one.

    Raises MalformedSourceMap when neither is usable, SourceMapTooLarge.
    """
    if is_absent(document.sections):
        return read_basic(document, faults)
    pieces = list(pieces_of(document, faults))
    if not pieces and bytes(document.sections).strip(b"[] \t\r\n"):
        raise MalformedSourceMap(f"no section can be used: {'; '.join(faults[:3])}")
    return flatten(pieces, faults)


def pieces_of(document: Document, faults: list[str]) -> Iterator[Piece]:
    """Every basic map of an index map's tree, in the order it is written.

    Raises MalformedSourceMap, SourceMapTooLarge.
    """
    for offset, each in maps_of(document, faults):
        yield from _piece(offset, each, faults)


def maps_of(document: Document, faults: list[str]) -> Iterator[tuple[Offset, Document]]:
    """Every map without sections in the tree, unread, in the order it is written. Raises likewise."""
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


def _piece(offset: Offset, document: Document, faults: list[str]) -> Iterator[Piece]:
    own: list[str] = []
    try:
        yield Piece(offset, read_basic(document, own), document)
    except MalformedSourceMap as wrong:
        faults.append(f"a section without a usable `map` was left out: {wrong}")
    faults.extend(placed_fault(offset, fault) for fault in own)


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


def flatten(pieces: Sequence[Piece], faults: list[str]) -> BasicMap:
    """One map that answers as its pieces do, each as far as the next one's beginning.

    Sources stay apart even where their names are equal: each keeps its own content.
    Raises SourceMapTooLarge.
    """
    ordered = sorted(pieces, key=lambda piece: piece.offset)
    if [piece.offset for piece in pieces] != [piece.offset for piece in ordered]:
        faults.append("sections must be in the order of their offsets")
    if sum(len(piece.basic.mappings) for piece in pieces) > MAX_MAPPINGS:
        raise SourceMapTooLarge(f"more than {MAX_MAPPINGS:,} mappings in one source map")
    basics = [piece.basic for piece in ordered]
    first_source = [0, *accumulate(len(basic.sources) for basic in basics)]
    first_name = [0, *accumulate(len(basic.names) for basic in basics)]
    ends = [*(piece.offset for piece in ordered[1:]), Offset(LARGEST, LARGEST)]
    placed = [
        _placed(piece, end, source, name, faults)
        for piece, end, source, name in zip(ordered, ends, first_source, first_name, strict=False)
    ] or [np.empty((7, 0), dtype=np.int32)]
    ranges = np.concatenate([part[6] for part in placed]).astype(np.bool_)
    return BasicMap(
        in_order([np.concatenate([part[row] for part in placed]) for row in range(6)]),
        tuple(chain.from_iterable(basic.sources for basic in basics)),
        tuple(chain.from_iterable(basic.contents for basic in basics)),
        tuple(chain.from_iterable(basic.names for basic in basics)),
        frozenset(
            first + index
            for first, basic in zip(first_source, basics, strict=False)
            for index in basic.ignored
        ),
        ranges if ranges.any() else no_flags(),
    )


def _placed(
    piece: Piece, end: Offset, first_source: int, first_name: int, faults: list[str]
) -> NDArray[np.int32]:
    """A piece's mappings, 7 x n, in the whole file's lines, columns, sources and names.

    The last row marks ranges. One that would go on into the next piece ends with this piece, at a
    mapping without an original.
    """
    own = piece.basic.mappings
    lines = own.lines + np.int64(piece.offset.line)
    columns = own.columns + np.where(own.lines == 0, np.int64(piece.offset.column), 0)
    before_end = (lines < end.line) | ((lines == end.line) & (columns < end.column))
    inside = before_end & (lines <= LARGEST) & (columns <= LARGEST)
    if not inside.all():
        faults.append(
            f"a section reaches into the next: {int((~inside).sum())} mapping(s) left out"
        )
    rows = (
        lines,
        columns,
        np.where(own.sources == NONE, NONE, own.sources + first_source),
        own.source_lines,
        own.source_columns,
        np.where(own.names == NONE, NONE, own.names + first_name),
        piece.basic.ranges if piece.basic.ranges.size else np.zeros(len(own), dtype=np.bool_),
    )
    placed = np.stack([row[inside].astype(np.int32) for row in rows])
    if placed.size and placed[6, -1] and end.line < LARGEST:
        stop = np.array([end.line, end.column, NONE, NONE, NONE, NONE, 0], dtype=np.int32)
        placed = np.column_stack((placed, stop))
    return placed
