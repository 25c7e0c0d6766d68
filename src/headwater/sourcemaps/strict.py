"""What a validator would say of a source map: for those who upload one, never for its use.

ECMA-426, and of its proposals "scopes", "range mappings" and "debug id". Reading is lenient: a map
of which this finds faults may still answer well.
"""

from contextlib import suppress
from itertools import chain
from typing import Final

from headwater.sourcemaps.compiling.compile import faults_of, shortened
from headwater.sourcemaps.fields.facebook_sources import read_facebook_sources
from headwater.sourcemaps.fields.scopes_field import read_scopes_field
from headwater.sourcemaps.reading.document import (
    Document,
    MalformedSourceMap,
    SourceMapTooLarge,
    beginning_of,
    is_absent,
    read_document,
    text_of,
)
from headwater.sourcemaps.reading.field_faults import FieldFaults
from headwater.sourcemaps.reading.piece import Piece
from headwater.sourcemaps.reading.sections import maps_of, placed_fault

_DIGITS: Final = frozenset("0123456789abcdefABCDEF")
_DIGITS_OF_ID: Final = 32


def strict(data: bytes) -> tuple[str, ...]:
    """Everything that departs from the standard, a sentence each: what was expected, and where.

    Empty for a valid map. The last sentence is the reason where a map can't be used at all.
    """
    faults: list[str] = []
    try:
        _check(data, faults)
    except (MalformedSourceMap, SourceMapTooLarge) as wrong:
        return (*shortened(faults), str(wrong))
    return shortened(faults)


def _check(data: bytes, faults: list[str]) -> None:
    document = read_document(data, faults)
    _check_debug_id(document, faults)
    faults.extend(faults_of(document))
    if is_absent(document.sections):
        faults.extend(_faults_of_functions(Piece(document)))
        return
    for offset, each in maps_of(document, []):
        with suppress(MalformedSourceMap):  # is among the faults already
            its = _faults_of_functions(Piece(each))
            faults.extend(placed_fault(offset, fault) for fault in its)


def _faults_of_functions(piece: Piece) -> list[str]:
    """The fields that name functions are read when they are asked for, not with the map."""
    faults: list[str] = []
    sources, document = piece.count_sources(), piece.document
    names = list(chain.from_iterable(piece.names()))
    read_scopes_field(document, sources, names, faults)
    noted = FieldFaults("x_facebook_sources")
    named = read_facebook_sources(document.x_facebook_sources, sources, noted)
    for source in range(len(named.entries) if named else 0):
        if named is not None:
            named.function_table(source, noted)
    return [*faults, *noted.sentences()]


def _check_debug_id(document: Document, faults: list[str]) -> None:
    """A UUID, with or without hyphens: `debugId` by the proposal, `debug_id` by older tools."""
    for field, raw in (("debugId", document.debugId), ("debug_id", document.debug_id)):
        if is_absent(raw):
            continue
        digits = (text_of(raw) or "").replace("-", "")
        if len(digits) != _DIGITS_OF_ID or not _DIGITS.issuperset(digits):
            faults.append(f"`{field}` must be a UUID, there is {beginning_of(raw)}")
