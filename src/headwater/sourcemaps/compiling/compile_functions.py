"""The functions of a compiled map's sources, written beside it: the second stage of compiling."""

from collections.abc import Callable, Container, Mapping, Sequence
from hashlib import sha256
from typing import Final

from msgspec import Struct

from headwater.sourcemaps.compiled.functions_file import OF_THIS_MAP, FunctionsWriter
from headwater.sourcemaps.compiled.layout import Named
from headwater.sourcemaps.compiled.origins import Source
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.compiled.write import TextPlace
from headwater.sourcemaps.compiling.generated_functions import (
    MAX_MINIFIED,
    GeneratedFunctions,
    generated_functions,
    name_of_token,
)
from headwater.sourcemaps.compiling.map_fields import ByField, MapFields
from headwater.sourcemaps.compiling.stored_texts import Known
from headwater.sourcemaps.functions.function_table import FunctionTable
from headwater.sourcemaps.functions.grammar import MAX_SOURCE, reading_of
from headwater.sourcemaps.functions.plausible_names import is_plausible
from headwater.sourcemaps.map_functions import functions_of

SCRIPT: Final = "script"
"""What `note` is told before the minified file is parsed."""
MIN_SHARED: Final = 4096
"""UTF-8 bytes of the shortest source whose functions are looked for in other files: a shorter one
is parsed in a millisecond."""
MAX_SHARED: Final = 50_000
"""Tables of one map that are noted to be found again, some 300 bytes of memory each."""
_BATCH: Final = 256
"""Sources that are looked for in other files at once."""


Note = Callable[[str], None]


class Originals(Struct, frozen=True):
    """What was uploaded, as far as there is need and it is there."""

    json: bytes | memoryview | None = None
    """Of the map, for its fields `scopes` and `x_facebook_sources`; mended if it had half
    surrogates."""
    script: bytes | memoryview | None = None
    """The minified file, for sources without a text."""


class FunctionsSummary(Struct, frozen=True):
    """What was written. `size` in bytes."""

    size: int
    named: int
    """Sources whose functions are known."""
    tables: Sequence[TextPlace]
    """What this file holds that others may refer to; their digests are those of `table_digest`."""
    holders: Sequence[str]
    """Keys of the files that it refers to."""


def _nobody(_work: str) -> None:
    return None


def table_digest(digest: bytes, filename: str) -> bytes:
    """32 bytes that stand for the functions of a text: the same text under another name may be
    read by another grammar."""
    return sha256(digest + reading_of(filename).encode()).digest()


def compile_functions(
    compiled: CompiledMap,
    originals: Originals,
    write: Callable[[bytes], object],
    key: str,
    known: Known,
    left_out: Container[str] = frozenset(),
    note: Note = _nobody,
) -> FunctionsSummary:
    """Find the functions of every source, and append a file of kind FUNCTIONS by `write`.

    `known` tells which tables other files of the kind hold, by `table_digest`. Parsing foreign
    text may crash or never end: `note` is told what is about to be parsed, the hexadecimal digest
    of a source's text or SCRIPT, and what is in `left_out` is not parsed.

    Raises CompiledFileDamaged and OSError of the map, and any exception of `write` and `known`.
    """
    writer = FunctionsWriter(write, key)
    fields = MapFields.of(originals.json, compiled)
    one = _Compilation(compiled, fields, writer, left_out, note)
    for start in range(0, compiled.sources, _BATCH):
        stop = min(start + _BATCH, compiled.sources)
        one.add([compiled.source(index) for index in range(start, stop)], known)
    if originals.script is not None and one.unnamed and SCRIPT not in left_out:
        note(SCRIPT)
        generated = _generated(compiled, originals.script)
        if generated is not None:
            script = sha256(originals.script).digest()
            writer.add_generated(generated.scopes, generated.calls, script)
    writer.add_inlining(fields.inlining())
    return FunctionsSummary(writer.finish(), one.named, one.new, writer.holders)


class _Compilation:
    """One file being written."""

    def __init__(
        self,
        compiled: CompiledMap,
        fields: MapFields,
        writer: FunctionsWriter,
        left_out: Container[str],
        note: Note,
    ) -> None:
        self._compiled = compiled
        self._fields = fields
        self._writer = writer
        self._left_out = left_out
        self._note = note
        self._places: dict[bytes, TextPlace | None] = {}
        self.new: list[TextPlace] = []
        self.named = self.unnamed = 0

    def add(self, sources: Sequence[Source], known: Known) -> None:
        """Find and write the functions of some sources."""
        digests = {table_digest(each.digest, each.name or "") for each in sources if each.digest}
        wanted = tuple(digests - self._places.keys())
        found = known(wanted) if wanted else {}
        for source in sources:
            self._add(source, found)

    def _add(self, source: Source, found: Mapping[bytes, TextPlace]) -> None:
        named: Named = Named.ORIGINAL_SOURCE
        place = self._by_text(source, found) if source.digest else None
        by_field = self._by_field(source) if place is None else None
        if by_field is not None:
            named = by_field.named
            place = self._writer.add_table(OF_THIS_MAP, by_field.table)
        self.named += place is not None
        self.unnamed += place is None and source.name is not None
        if not self._writer.add_source(named, place):
            place = self._parsed(source, table_digest(source.digest, source.name or ""))
            self._writer.add_source(named, place)

    def _by_field(self, source: Source) -> ByField | None:
        """What the map says, unless the source's text shows that it can't be right."""
        text = self._compiled.text(source.index)
        for found in self._fields.of_source(source.index):
            if text is None or text.length > 4 * MAX_SOURCE:
                return found
            if is_plausible(found.table, "".join(text.pieces())):
                return found
        return None

    def _by_text(self, source: Source, found: Mapping[bytes, TextPlace]) -> TextPlace | None:
        digest = table_digest(source.digest, source.name or "")
        if digest in self._places:
            return self._places[digest]
        place = found.get(digest) or self._parsed(source, digest)
        if len(self._places) < MAX_SHARED:
            self._places[digest] = place
        return place

    def _parsed(self, source: Source, digest: bytes) -> TextPlace | None:
        name = source.digest.hex()
        text = self._compiled.text(source.index)
        if text is None or name in self._left_out:
            return None
        self._note(name)
        table = functions_of(text, source.name or "")
        if table is None:
            return None
        place = self._writer.add_table(digest, table)
        if text.length >= MIN_SHARED and len(self.new) < MAX_SHARED:
            self.new.append(place)
        return place


def _generated(compiled: CompiledMap, script: bytes | memoryview) -> GeneratedFunctions | None:
    if len(script) > 4 * MAX_MINIFIED:
        return None
    text = bytes(script).decode("utf-8", "replace")
    return generated_functions(text, lambda line, column: name_of_token(compiled, line, column))


def functions_now(compiled: CompiledMap, source: int) -> FunctionTable | None:
    """The functions of one source, parsed because somebody asks before the second stage is done."""
    text = compiled.text(source)
    return None if text is None else functions_of(text, compiled.source(source).name or "")
