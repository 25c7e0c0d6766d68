"""Names of functions out of a compiled file."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from sys import getsizeof
from typing import Final

from headwater.sourcemaps.compiled.functions_file import FunctionsFile
from headwater.sourcemaps.compiled.layout import Named
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.compiling.compile_functions import table_digest
from headwater.sourcemaps.compiling.generated_functions import named_at
from headwater.sourcemaps.fields.inlining import MAX_INLINED
from headwater.sourcemaps.map_functions import (
    FACEBOOK_SOURCES,
    ORIGINAL_SOURCE,
    SCOPES_FIELD,
    FunctionName,
    InlinedCall,
    NamedFunctions,
    names_at,
    sources_of,
)
from headwater.sourcemaps.mapping import SourcePlace

_NAME_BYTES: Final = 400
"""Of what is kept of a place beside its name."""
_WORDS: Final = {
    Named.SCOPES_FIELD: SCOPES_FIELD,
    Named.FACEBOOK_SOURCES: FACEBOOK_SOURCES,
    Named.ORIGINAL_SOURCE: ORIGINAL_SOURCE,
}


class StoredFunctions:
    """The functions of one map, as `map_functions.MapFunctions`: written by `compile_functions`."""

    def __init__(self, file: FunctionsFile, compiled: CompiledMap) -> None:
        self._file = file
        self._compiled = compiled

    def of_places(self, places: Sequence[SourcePlace]) -> Sequence[FunctionName | None]:
        """By what the file holds. Those of a stack trace that comes again are kept as one answer."""
        cache, key = self._compiled.cache, (self._file.parts, tuple(places))
        found: Sequence[FunctionName | None] | None = cache.get(key)
        if found is None:
            found = names_at(places, self._of_sources(sources_of(places)))
            names = "".join([each.name for each in found if each is not None and each.name])
            cache.put(key, found, getsizeof(names) + _NAME_BYTES * (1 + len(places)))
        return found

    def _of_sources(self, sources: Iterable[int]) -> Mapping[int, NamedFunctions]:
        found = self._file.of_sources({each: partial(self._digest, each) for each in sources})
        return {
            source: NamedFunctions(functions, _WORDS[named])
            for source, (functions, named) in found.items()
        }

    def _digest(self, source: int) -> bytes:
        its = self._compiled.source(source)
        return table_digest(its.digest, its.name or "")

    def announce(self, sources: Sequence[int]) -> None:
        """By the tables in the file, and in those that it refers to."""
        self._file.announce(sources)

    def generated_at(self, line: int, column: int) -> FunctionName | None:
        """By the tables over the minified file, if there are any."""
        tables = self._file.generated()
        return None if tables is None else named_at(*tables, line, column)

    def inlined_at(self, line: int, column: int, place: InlinedCall) -> Sequence[InlinedCall]:
        """By the `scopes` field; functions that a tool made of what was none are left out."""
        calls: list[InlinedCall] = []
        number = self._file.body_at(line, column)
        inlined = 0
        while number and inlined < MAX_INLINED:
            body = self._file.body(number)
            if not body.is_hidden:
                calls.append(place._replace(name=body.name))
            if not body.call_source:
                return tuple(calls) if inlined else ()
            inlined += 1
            place = InlinedCall(None, body.call_source - 1, body.call_line, body.call_column)
            number = body.around
        return (*calls, place) if inlined else ()
