"""What a map itself says of functions: its fields `scopes` and `x_facebook_sources`."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from msgspec import Struct

from headwater.sourcemaps.compiled.layout import Named
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.fields.facebook_sources import FacebookSources, read_facebook_sources
from headwater.sourcemaps.fields.inlining import Bodies, InliningTable, PlacedInlining, joined
from headwater.sourcemaps.fields.scopes_field import ScopesField, read_scopes_field
from headwater.sourcemaps.functions.function_table import FunctionTable
from headwater.sourcemaps.reading.document import (
    Document,
    MalformedSourceMap,
    is_absent,
    open_document,
)
from headwater.sourcemaps.reading.field_faults import FieldFaults
from headwater.sourcemaps.reading.piece import Piece
from headwater.sourcemaps.reading.sections import Offset, maps_of

FIELDS: Final = (b'"scopes"', b'"ranges"', b'"x_facebook_sources"')
"""A map without any of these bytes says nothing of functions."""


class ByField(NamedTuple):
    """The functions of one source."""

    table: FunctionTable
    named: Named


class PieceFields(Struct, frozen=True):
    """The fields of one section, or of a whole map without sections."""

    offset: Offset
    first_source: int
    sources: int
    scopes: ScopesField | None
    facebook: FacebookSources | None


class NamesFrom(Sequence[str]):
    """The names of one section among those of the whole map."""

    def __init__(self, names: Sequence[str], first: int, length: int) -> None:
        self._names = names
        self._first = first
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        return self._names[self._first + index]


class MapFields:
    """The fields of all sections."""

    def __init__(self, pieces: Sequence[PieceFields]) -> None:
        """In the order of their sources."""
        self._pieces = pieces
        self._firsts = [piece.first_source for piece in pieces]

    @classmethod
    def of(cls, original: bytes | memoryview | None, compiled: CompiledMap) -> "MapFields":
        """Of a map whose JSON was compiled; nothing if there is none."""
        if original is None:
            return cls(())
        try:
            return cls(tuple(_pieces(open_document(memoryview(original)), compiled)))
        except MalformedSourceMap:
            return cls(())

    def of_source(self, source: int) -> Iterator[ByField]:
        """What the map says of a source's functions, by its index in the whole map: the better first."""
        # Of sections that begin at one source only the last can have any.
        found = bisect_right(self._firsts, source) - 1
        piece = self._pieces[found] if found >= 0 else None
        if piece is None or source >= piece.first_source + piece.sources:
            return
        own = source - piece.first_source
        scopes = None if piece.scopes is None else piece.scopes.function_table(own)
        if scopes is not None:
            yield ByField(scopes, Named.SCOPES_FIELD)
        metro = None if piece.facebook is None else piece.facebook.function_table(own)
        if metro is not None:
            yield ByField(metro, Named.FACEBOOK_SOURCES)

    def inlining(self) -> InliningTable:
        """Which functions of the sources a place of the generated file is in."""
        nothing = InliningTable((), (), (), Bodies())
        return joined(
            [
                PlacedInlining(
                    (piece.offset.line, piece.offset.column),
                    piece.first_source,
                    nothing if piece.scopes is None else piece.scopes.inlining,
                )
                for piece in self._pieces
            ]
        )


def _pieces(document: Document, compiled: CompiledMap) -> Iterator[PieceFields]:
    if is_absent(document.sections):
        names = NamesFrom(compiled.names, 0, len(compiled.names))
        if _has_fields(document):
            yield _fields(document, Offset(0, 0), 0, names, compiled.sources)
        return
    found: list[tuple[Offset, Piece]] = []
    for offset, each in maps_of(document, []):
        try:
            found.append((offset, Piece(each)))
        except MalformedSourceMap:
            continue
    found.sort(key=lambda one: one[0])
    if not any(_has_fields(piece.document) for _, piece in found):
        return
    first_source = first_name = 0
    for offset, piece in found:
        sources, number = piece.count_sources(), sum(map(len, piece.names()))
        own = NamesFrom(compiled.names, first_name, number)
        yield _fields(piece.document, offset, first_source, own, sources)
        first_source += sources
        first_name += number


def _has_fields(document: Document) -> bool:
    members = (document.scopes, document.ranges, document.x_facebook_sources)
    return not all(map(is_absent, members))


def _fields(
    document: Document, offset: Offset, first: int, names: NamesFrom, sources: int
) -> PieceFields:
    scopes = read_scopes_field(document, sources, names, [])
    noted = FieldFaults("x_facebook_sources")
    facebook = read_facebook_sources(document.x_facebook_sources, sources, noted)
    return PieceFields(offset, first, sources, scopes, facebook)
