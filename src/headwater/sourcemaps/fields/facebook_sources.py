"""The `x_facebook_sources` field: Metro's names of the functions of each source.

An entry per source of the map (of the section, in an index map): null, or a list whose first item
has `names` and `mappings`. Those are segments of base64 VLQ, from `,` to `,` on a line and from `;`
to `;` on a later one: columns and a name further, and for the first on a line, lines further. From
each place on, the name is that of the innermost function or class. Hermes' maps have it too.
https://github.com/facebook/metro/blob/main/packages/metro-source-map/src/generateFunctionMap.js
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from headwater.sourcemaps.fields.metro_names import spelled_as_elsewhere
from headwater.sourcemaps.functions.function import Point
from headwater.sourcemaps.functions.function_table import Change, FunctionTable, table_of_changes
from headwater.sourcemaps.reading.document import is_absent
from headwater.sourcemaps.reading.field_faults import FieldFaults
from headwater.sourcemaps.reading.scope_items import LARGEST, signed, unsigned_numbers

MAX_LENGTH: Final = 16 * 1024**2
"""Bytes of the field. Metro writes 0.4 MB for a map of 10 MB."""
MAX_CHANGES: Final = 1024**2
"""Places of one source at which another function begins or goes on, two a function."""
_SEGMENT: Final = re.compile(rb"([^,;]+)([,;]?)")
_NUMBERS: Final = (2, 3)


class _FunctionMap(msgspec.Struct, frozen=True):
    names: list[str]
    mappings: str


class FacebookSources(Struct, frozen=True):
    """The field, still undecoded: one entry per source that it speaks of."""

    entries: Sequence[msgspec.Raw]

    def function_table(
        self, source: int, faults: FieldFaults | None = None
    ) -> FunctionTable | None:
        """Which function encloses a place of a source; None where the field doesn't say.

        What can be used is used; what is wrong is noted.
        """
        noted = faults or FieldFaults("x_facebook_sources")
        noted.place = f"source {source:,}"
        written = _function_map(self.entries[source], noted) if source < len(self.entries) else None
        if written is None:
            return None
        return table_of_changes(_changes(written, noted))


def read_facebook_sources(
    raw: msgspec.Raw, sources: int, faults: FieldFaults
) -> FacebookSources | None:
    """The field of a map with that many sources; None where it is absent or unusable."""
    if is_absent(raw):
        return None
    if len(memoryview(raw)) > MAX_LENGTH:
        faults.note(f"the field is over {MAX_LENGTH:,} bytes and is not read")
        return None
    try:
        entries = msgspec.json.decode(raw, type=list[msgspec.Raw] | None)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        faults.note("the field must be a list")
        return None
    if entries is None:
        return None
    if len(entries) != sources:
        faults.note(f"the field has {len(entries):,} entries for {sources:,} sources")
    return FacebookSources(entries[:sources])


def _function_map(raw: msgspec.Raw, faults: FieldFaults) -> _FunctionMap | None:
    """Entries are lists so that other things can be said of a source: only the first is ours."""
    try:
        entry = msgspec.json.decode(raw, type=list[msgspec.Raw] | None)
        return msgspec.json.decode(entry[0], type=_FunctionMap | None) if entry else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        faults.note("an entry must be null, or a list that begins with `names` and `mappings`")
        return None


def _changes(written: _FunctionMap, faults: FieldFaults) -> Iterator[Change[str]]:
    """In the order of their places; one that is not behind the one before it is left out."""
    known: dict[int, str | None] = {}
    last: Point = (0, -1)
    for number, (place, name) in enumerate(_entries(written.mappings, faults)):
        if number == MAX_CHANGES:
            faults.note(f"there are more than {MAX_CHANGES:,} places in one source")
            return
        if place <= last or min(place) < 0 or max(place) > LARGEST:
            faults.note("a place is not behind the one before it, or needs more than 31 bits")
        elif not 0 <= name < len(written.names):
            faults.note("the name of a function is not an index of `names`")
        else:
            last = place
            if name not in known:
                known[name] = spelled_as_elsewhere(written.names[name])
            yield place, known[name]


def _entries(mappings: str, faults: FieldFaults) -> Iterator[tuple[Point, int]]:
    """Each segment's place and index of a name."""
    line = column = name = 0
    for found in _SEGMENT.finditer(mappings.encode("ascii", "replace")):
        numbers = unsigned_numbers(found[1])
        if numbers is None or len(numbers) not in _NUMBERS:
            faults.note("a segment is not two or three numbers in base64 VLQ")
        else:
            column += signed(numbers[0])
            name += signed(numbers[1])
            line += sum(map(signed, numbers[2:]))
            yield (line, column), name
        if found[2] == b";":
            column = 0
