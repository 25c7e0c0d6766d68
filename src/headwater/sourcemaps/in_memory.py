"""Maps and minified files compiled into memory: those inside scripts, of folders, of tests."""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.functions_file import FunctionsFile
from headwater.sourcemaps.compiled.layout import Kind
from headwater.sourcemaps.compiled.memory import MemoryBytes
from headwater.sourcemaps.compiled.parts import Bytes, CompiledFileDamaged, Parts, PartWriter
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.compiled.script_file import ScriptFile
from headwater.sourcemaps.compiled.texts import Text, text_at, write_text
from headwater.sourcemaps.compiling.compile import compile_map, nothing_known
from headwater.sourcemaps.compiling.compile_functions import Originals, compile_functions
from headwater.sourcemaps.compiling.compile_script import compile_script
from headwater.sourcemaps.compiling.generated_functions import (
    GeneratedFunctions,
    generated_functions,
    name_of_token,
    named_at,
)
from headwater.sourcemaps.compiling.map_fields import FIELDS
from headwater.sourcemaps.functions.function_table import FunctionTable
from headwater.sourcemaps.map_functions import (
    ORIGINAL_SOURCE,
    FunctionName,
    InlinedCall,
    MapFunctions,
    NamedFunctions,
    functions_of,
    names_at,
    sources_of,
)
from headwater.sourcemaps.mapping import SourcePlace
from headwater.sourcemaps.reading.document import HalfSurrogates
from headwater.sourcemaps.reading.literals import without_half_surrogates
from headwater.sourcemaps.source_map import Script, SourceMap
from headwater.sourcemaps.stored_functions import StoredFunctions

_KEY: Final = "memory"


def source_map_in_memory(data: bytes, script: str | None = None) -> SourceMap:
    """Compile a source map or index map and keep it; functions are found when asked for.

    `script` is the minified file, for names where the map lacks sources. Lenient: what can be used
    is used, and every departure from the standard is named in `faults`. Raises MalformedSourceMap
    when nothing can be used, SourceMapTooLarge.
    """
    written: list[bytes] = []
    try:
        compile_map(data, written.append, _KEY)
    except HalfSurrogates:
        written = []
        data = b"".join(without_half_surrogates(memoryview(data)))
        compile_map(data, written.append, _KEY, is_repaired=True)
    compiled = CompiledMap(MemoryBytes(_KEY, b"".join(written)), _no_other_file, Cache())
    by_fields = _by_fields(data, compiled)
    return SourceMap(compiled, (ParsedWhenAsked(compiled, script), *by_fields))


def _by_fields(data: bytes, compiled: CompiledMap) -> Sequence[MapFunctions]:
    """What the map's own fields say of functions, if they say anything."""
    if not any(field in data for field in FIELDS):
        return ()
    written: list[bytes] = []
    compile_functions(compiled, Originals(data), written.append, _KEY, nothing_known, _LEAVE_ALL)
    file = FunctionsFile(MemoryBytes(_KEY, b"".join(written)), _no_other_file, Cache())
    return (StoredFunctions(file, compiled),)


class _Everything:
    def __contains__(self, _each: object) -> bool:
        return True


_LEAVE_ALL: Final = _Everything()


def script_in_memory(text: str) -> Script:
    """Compile a minified file and keep it."""
    written: list[bytes] = []
    compile_script(text.encode("utf-8", "replace"), written.append, _KEY)
    return Script(ScriptFile(MemoryBytes(_KEY, b"".join(written)), Cache()))


def text_in_memory(text: str) -> Text:
    """A text that can be asked as those of compiled maps."""
    written: list[bytes] = []
    parts = PartWriter(written.append, _KEY, Kind.SCRIPT)
    _, ref = write_text(parts, [text])
    reader = Parts(MemoryBytes(_KEY, b"".join(written)), Kind.SCRIPT, Cache())
    return text_at(reader, ref.address)


class ParsedWhenAsked:
    """Functions of a map's sources, each source parsed when it is asked for, and kept."""

    def __init__(self, compiled: CompiledMap, script: str | None = None) -> None:
        self._compiled = compiled
        self._script = script
        self._tables: dict[int, FunctionTable | None] = {}

    def of_places(self, places: Sequence[SourcePlace]) -> Sequence[FunctionName | None]:
        """By the sources' own texts."""
        return names_at(places, {each: self._of_source(each) for each in sources_of(places)})

    def _of_source(self, source: int) -> NamedFunctions | None:
        if source not in self._tables:
            text = self._compiled.text(source)
            name = self._compiled.source(source).name or ""
            self._tables[source] = None if text is None else functions_of(text, name)
        table = self._tables[source]
        return None if table is None else NamedFunctions(table, ORIGINAL_SOURCE)

    def announce(self, sources: Sequence[int]) -> None:
        """Nothing has to be fetched."""

    def generated_at(self, line: int, column: int) -> FunctionName | None:
        """By the minified file."""
        tables = self._generated
        return None if tables is None else named_at(tables.scopes, tables.calls, line, column)

    def inlined_at(self, _line: int, _column: int, _place: InlinedCall) -> Sequence[InlinedCall]:
        """Sources alone don't tell what was inlined."""
        return ()

    @cached_property
    def _generated(self) -> GeneratedFunctions | None:
        if self._script is None:
            return None
        return generated_functions(self._script, self._name_at)

    def _name_at(self, line: int, column: int) -> str | None:
        return name_of_token(self._compiled, line, column)


def _no_other_file(key: str) -> Bytes:
    raise CompiledFileDamaged(f"{key} is in no file: maps in memory refer to no other")
