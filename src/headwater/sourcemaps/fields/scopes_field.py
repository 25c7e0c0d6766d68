"""The `scopes` field of a source map: functions of the sources, and which were inlined where.

https://tc39.es/ecma426/branch/proposal-scopes/ (stage 3). The field is in use in two shapes: one
string with the scopes of all sources and the ranges of the generated file (swc), and since June
2026 a list of strings, one a source, beside a string `ranges`. Both are read.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from headwater.sourcemaps.fields.generated_ranges import GeneratedRanges, GeneratedRangesReader
from headwater.sourcemaps.fields.inlining import InliningTable, inlining_table
from headwater.sourcemaps.fields.original_scopes import OriginalScopes, OriginalScopesReader
from headwater.sourcemaps.functions.function_table import FunctionTable
from headwater.sourcemaps.reading.document import Document, is_absent, text_of
from headwater.sourcemaps.reading.field_faults import FieldFaults
from headwater.sourcemaps.reading.scope_items import Tag, items_of

MAX_LENGTH: Final = 8 * 1024**2
"""Bytes of `scopes` and of `ranges`, some two seconds for each MB of the worst there can be. swc
writes 0.8 MB for a map of 12 MB."""


class ScopesField(Struct, frozen=True):
    """What the field says, for all sources of one map without sections."""

    scopes: OriginalScopes
    ranges: GeneratedRanges
    inlining: InliningTable
    _names: Sequence[str]

    def function_table(self, source: int) -> FunctionTable | None:
        """Which function encloses a place of a source; None where the field has no scopes for it."""
        return self.scopes.function_table(source, self._names)


def read_scopes_field(
    document: Document, sources: int, names: Sequence[str], faults: list[str]
) -> ScopesField | None:
    """Decode the field of a map with that many sources; None where it is absent or unusable.

    What can be used is used; everything else is named in `faults`.
    """
    if is_absent(document.scopes) and is_absent(document.ranges):
        return None
    noted = FieldFaults("scopes")
    field = None
    if max(map(len, (memoryview(document.scopes), memoryview(document.ranges)))) > MAX_LENGTH:
        noted.note(f"the field is over {MAX_LENGTH:,} bytes and is not read")
    else:
        field = _read(document, sources, names, noted)
    faults.extend(noted.sentences())
    return field


def _read(
    document: Document, sources: int, names: Sequence[str], noted: FieldFaults
) -> ScopesField | None:
    joined = text_of(document.scopes)
    if joined is not None:
        if not is_absent(document.ranges):
            noted.note("a field `ranges` goes with a list, there is a string")
        scopes, ranges = _read_joined(_ascii(joined), sources, len(names), noted)
    else:
        split = _strings(document.scopes)
        if split is None:
            noted.note("the field must be a string, or a list of strings and nulls")
            return None
        scopes = _read_split(split, sources, len(names), noted)
        ranges = _read_ranges(document, scopes, sources, noted)
    if 0 < len(scopes.firsts) < sources:
        noted.place = ""
        noted.note("there are scopes for fewer sources than `sources` has")
    return ScopesField(scopes, ranges, inlining_table(ranges, scopes, names, noted), names)


def _read_joined(
    text: bytes, sources: int, names: int, noted: FieldFaults
) -> tuple[OriginalScopes, GeneratedRanges]:
    """A tree of scopes, or an empty item, for each source, and the trees of ranges after them."""
    scopes = OriginalScopesReader(sources, names, noted)
    ranges = GeneratedRangesReader(scopes.scopes, sources, noted, by_source=False)
    for item in items_of(text, noted):
        if item[0] > Tag.SCOPE_VARIABLES:
            ranges.take(item)
            continue
        outermost = not scopes.inside
        if outermost and item[0] in (Tag.EMPTY, Tag.SCOPE_START):
            scopes.begin_source(forget_names=False)
        if not (outermost and item[0] == Tag.EMPTY):
            scopes.take(item)
    scopes.close()
    ranges.close()
    return scopes.scopes, ranges.ranges


def _read_split(
    split: list[str | None], sources: int, names: int, noted: FieldFaults
) -> OriginalScopes:
    """All trees of scopes of a source in one string; nothing goes on from source to source."""
    scopes = OriginalScopesReader(sources, names, noted)
    for text in split:
        scopes.begin_source(forget_names=True)
        for item in items_of(_ascii(text or ""), noted):
            scopes.take(item)
        scopes.close()
    return scopes.scopes


def _read_ranges(
    document: Document, scopes: OriginalScopes, sources: int, noted: FieldFaults
) -> GeneratedRanges:
    ranges = GeneratedRangesReader(scopes, sources, noted, by_source=True)
    text = text_of(document.ranges)
    if text is None and not is_absent(document.ranges):
        noted.note("the field `ranges` must be a string")
    for item in items_of(_ascii(text or ""), noted):
        ranges.take(item)
    ranges.close()
    return ranges.ranges


def _strings(raw: msgspec.Raw) -> list[str | None] | None:
    if is_absent(raw):
        return []
    try:
        return msgspec.json.decode(raw, type=list[str | None])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _ascii(text: str) -> bytes:
    """Characters that base64 does not have become one of them that it has not either."""
    return text.encode("ascii", "replace")
