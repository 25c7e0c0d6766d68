"""The JSON of a source map to a compiled map, in little memory however large it is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from headwater.sourcemaps.compiled.write import MapWriter, TextPlace
from headwater.sourcemaps.compiling.stored_texts import Known, SourceText, StoredTexts
from headwater.sourcemaps.reading.document import (
    MAX_ENTRIES,
    MENDED,
    Document,
    MalformedSourceMap,
    SourceMapTooLarge,
    is_absent,
    open_document,
    text_of,
)
from headwater.sourcemaps.reading.mappings import MAX_MAPPINGS, NONE
from headwater.sourcemaps.reading.order import Rows
from headwater.sourcemaps.reading.piece import Piece
from headwater.sourcemaps.reading.sections import LARGEST, Offset, maps_of, placed_fault

MAX_FAULTS: Final = 100
"""Sentences kept about what is wrong with one map; a person reads the first few."""
MAX_SOURCES: Final = 256 * 1024
"""Sources of one map, each a part of its compiled file. The largest application known has 12,000."""
MAX_DEBUG_ID: Final = 64
"""Characters of a map's debug id; a UUID has 36. It is in memory with every map that is open."""

_ROWS: Final = 32 * 1024
"""Mappings written at a time, so that what is made of them stays in the processor's cache."""
_START: Final = Offset(0, 0)
_END: Final = Offset(LARGEST, LARGEST)


class CompiledSummary(Struct, frozen=True):
    """What was written. `size` in bytes."""

    size: int
    debug_id: str | None
    """As the map has it, in whatever spelling."""
    faults: Sequence[str]
    mappings: int
    sources: int
    texts: Sequence[TextPlace]
    """What this file holds that other maps may refer to."""
    holders: Sequence[str]
    """Keys of the files that it refers to."""


def nothing_known(_digests: Sequence[bytes]) -> Mapping[bytes, TextPlace]:
    """For maps that share nothing with others."""
    return {}


def compile_map(
    content: bytes | memoryview,
    write: Callable[[bytes], object],
    key: str,
    known: Known = nothing_known,
    *,
    is_repaired: bool = False,
) -> CompiledSummary:
    """Compile a source map or index map, appending to a file by `write`.

    `key` is the file's name. `known` tells which texts other compiled maps hold; it is asked for
    some hundred at a time. `is_repaired` says that `content` comes from `without_half_surrogates`.
    Reads each byte of `content` a few times, in order, so that it may be a mapped file. Lenient:
    what can be used is used, every departure from the standard is named in `faults`.

    Raises HalfSurrogates (mend it and come again), MalformedSourceMap when nothing can be used, and
    SourceMapTooLarge; what was written then is of no use. Any exception of `write` and `known`.
    """
    faults = [MENDED] if is_repaired else []
    document = open_document(memoryview(content))
    debug_id = _debug_id(document, faults)
    compilation = _Compilation(write, key, known)
    return compilation.finish(debug_id, shortened(compilation.read(document, faults)))


def shortened(faults: Sequence[str]) -> tuple[str, ...]:
    """The first of them, and how many more there are."""
    more = len(faults) - MAX_FAULTS
    return (*faults[:MAX_FAULTS], f"and {more:,} more") if more > 0 else tuple(faults)


def faults_of(document: Document) -> list[str]:
    """Every fault that compiling would come upon. Raises MalformedSourceMap, SourceMapTooLarge."""
    return _Compilation(lambda _written: None, "", nothing_known).read(document, [])


def _debug_id(document: Document, faults: list[str]) -> str | None:
    found = text_of(document.debugId) or text_of(document.debug_id)
    if found is None or len(found) <= MAX_DEBUG_ID:
        return found
    faults.append(f"`debugId` has more than {MAX_DEBUG_ID} characters; it was left out")
    return None


class _Placed(Struct, frozen=True):
    """One map of an index map's tree: where it begins, and after how many faults of the tree."""

    offset: Offset
    piece: Piece
    faults_before: int


class _Compilation:
    """One map being written; its pieces follow one another."""

    def __init__(self, write: Callable[[bytes], object], key: str, known: Known) -> None:
        self._writer = MapWriter(write, key)
        self._texts = StoredTexts(self._writer, known)
        self._names = self._sources = self._mappings = self._written = 0
        self._clipped: list[str] = []

    def read(self, document: Document, faults: list[str]) -> list[str]:
        """Write everything but the head; all faults, those given first."""
        if not is_absent(document.sections):
            return self._add_sections(document, faults)
        piece = Piece(document)
        self._add(_START, _END, piece)
        return [*faults, *piece.faults]

    def finish(self, debug_id: str | None, faults: Sequence[str]) -> CompiledSummary:
        """Write what is left."""
        self._texts.flush()
        return CompiledSummary(
            self._writer.finish(debug_id, faults),
            debug_id,
            faults,
            self._written,
            self._sources,
            self._texts.new,
            self._writer.holders,
        )

    def _add_sections(self, document: Document, faults: list[str]) -> list[str]:
        """Every section as far as the next one's beginning; the faults in the order of the file."""
        found = list(_pieces(document, faults))
        if not found and bytes(memoryview(document.sections)[:1024]).strip(b"[] \t\r\n"):
            raise MalformedSourceMap(f"no section can be used: {'; '.join(faults[:3])}")
        ordered = sorted(found, key=lambda each: each.offset)
        ends = [*(each.offset for each in ordered[1:]), _END]
        for each, end in zip(ordered, ends, strict=False):
            self._add(each.offset, end, each.piece)
        every: list[str] = []
        for before, each in zip([0, *(one.faults_before for one in found)], found, strict=False):
            every += faults[before : each.faults_before]
            every += (placed_fault(each.offset, fault) for fault in each.piece.faults)
        every += faults[found[-1].faults_before if found else 0 :]
        if [each.offset for each in found] != [each.offset for each in ordered]:
            every.append("sections must be in the order of their offsets")
        return every + self._clipped

    def _add(self, offset: Offset, end: Offset, piece: Piece) -> None:
        first_source, first_name = self._sources, self._names
        for batch in piece.names():
            self._names = _at_most(MAX_ENTRIES, self._names + len(batch), "entries in `names`")
            self._writer.add_names(batch)
        sources = piece.count_sources()
        self._sources = _at_most(MAX_SOURCES, self._sources + sources, "entries in `sources`")
        rows = piece.mappings(sources, self._names - first_name, self._take)
        self._add_mappings(_moved(rows, offset, (first_source, first_name)), end)
        ignored = piece.ignored(sources)
        named = zip(piece.sources(), piece.contents(sources), ignored.tolist(), strict=False)
        for name, literal, is_ignored in named:
            self._texts.add(SourceText(name, is_ignored, literal))

    def _take(self, mappings: int) -> None:
        self._mappings = _at_most(MAX_MAPPINGS, self._mappings + mappings, "mappings")

    def _add_mappings(self, every: Iterator[Rows | NDArray[np.int64]], end: Offset) -> None:
        """Write what lies before the end. A range that would go on behind it is stopped there."""
        clipped, is_range = 0, False
        for moved in every:
            lines, columns = moved[0], moved[1]
            before_end = (lines < end.line) | ((lines == end.line) & (columns < end.column))
            inside = before_end & (lines <= LARGEST) & (columns <= LARGEST)
            kept = moved if inside.all() else moved[:, inside]
            clipped += moved.shape[1] - kept.shape[1]
            if kept.size:
                self._write(kept.astype(np.int32))
                is_range = bool(kept[6, -1])
        if is_range and end.line < LARGEST:
            stop = (end.line, end.column, NONE, NONE, NONE, NONE, 0)
            self._write(np.array(stop, dtype=np.int32).reshape(7, 1))
        if clipped:
            self._clipped.append(f"a section reaches into the next: {clipped} mapping(s) left out")

    def _write(self, rows: Rows) -> None:
        for start in range(0, rows.shape[1], _ROWS):
            some = rows[:, start : start + _ROWS]
            self._writer.add_mappings(list(some[:6]), some[6])
        self._written += rows.shape[1]


def _pieces(document: Document, faults: list[str]) -> Iterator[_Placed]:
    for offset, each in maps_of(document, faults):
        try:
            yield _Placed(offset, Piece(each), len(faults))
        except MalformedSourceMap as wrong:
            faults.append(f"a section without a usable `map` was left out: {wrong}")


def _moved(
    every: Iterator[Rows], offset: Offset, firsts: tuple[int, int]
) -> Iterator[Rows | NDArray[np.int64]]:
    """A piece's mappings in the whole file's lines, columns, sources and names."""
    if offset == _START and firsts == (0, 0):
        yield from every
        return
    for rows in every:
        moved = rows.astype(np.int64)
        moved[1] += np.where(moved[0] == 0, offset.column, 0)
        moved[0] += offset.line
        for row, first in zip((2, 5), firsts, strict=True):
            moved[row] += np.where(moved[row] == NONE, 0, first)
        yield moved


def _at_most(limit: int, number: int, what: str) -> int:
    if number > limit:
        raise SourceMapTooLarge(f"more than {limit:,} {what} in one source map")
    return number
