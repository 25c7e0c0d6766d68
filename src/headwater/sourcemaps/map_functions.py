"""Where a source map's function names come from: stored tables, or sources parsed when asked."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

import msgspec

from headwater.sourcemaps.compiled.texts import Text
from headwater.sourcemaps.functions.function import ANONYMOUS, PASSED_TO, Point
from headwater.sourcemaps.functions.function_table import FunctionTable, table_of
from headwater.sourcemaps.functions.grammar import MAX_SOURCE
from headwater.sourcemaps.functions.scopes import read_scopes
from headwater.sourcemaps.mapping import SourcePlace

SCOPES_FIELD: Final = "scopes field"
FACEBOOK_SOURCES: Final = "x_facebook_sources"
ORIGINAL_SOURCE: Final = "original source"
MINIFIED_SCOPE: Final = "minified scope"
CALL_SITE: Final = "call site"


class FunctionName(msgspec.Struct, frozen=True, gc=False):
    """A function's name; None at the top level of a file, `<anonymous>` where it has none."""

    name: str | None
    by: str
    """How it is known: one of the words above."""
    passed_to: str | None = None
    """What is called with a function that has no name: `app.get`."""


class InlinedCall(NamedTuple):
    """One of the functions that a place of the generated file is in. All from 0."""

    name: str | None
    source: int
    line: int
    column: int


class Functions(Protocol):
    """A function table, wherever it is kept."""

    def of(self, places: Sequence[Point]) -> Sequence[str | None]:
        """The name of the innermost function around each place; None at the top level, `<anonymous>`
        for a function without a name."""
        ...


class NamedFunctions(NamedTuple):
    """The functions of one source, and how they came to their names."""

    functions: Functions
    by: str

    def of(self, places: Sequence[Point]) -> list[FunctionName]:
        """The function around each place."""
        by = self.by
        return [
            FunctionName(name, by)
            if name is None or not name.startswith(PASSED_TO)
            else FunctionName(ANONYMOUS, by, name.removeprefix(PASSED_TO))
            for name in self.functions.of(places)
        ]


class MapFunctions(Protocol):
    """The functions of all sources of one map. Stored ones raise CompiledFileDamaged and OSError."""

    def of_places(self, places: Sequence[SourcePlace]) -> Sequence[FunctionName | None]:
        """The function around each place; None where nothing is known of the source's functions."""
        ...

    def announce(self, sources: Sequence[int]) -> None:
        """Let the system fetch what telling of these sources' functions will read."""
        ...

    def generated_at(self, line: int, column: int) -> FunctionName | None:
        """The function around a place of the generated file; None if it can't be said."""
        ...

    def inlined_at(self, line: int, column: int, place: InlinedCall) -> Sequence[InlinedCall]:
        """What `SourceMap.inlined_at` gives; `place` is where the mapping leads."""
        ...


def sources_of(places: Iterable[SourcePlace]) -> set[int]:
    """Those that the places are in."""
    return {source for source, _, _ in places}


def names_at(
    places: Sequence[SourcePlace], tables: Mapping[int, NamedFunctions | None]
) -> Sequence[FunctionName | None]:
    """What `MapFunctions.of_places` gives, by what is known of each source's functions."""
    in_source: dict[int, list[Point]] = {}
    for source, line, column in places:
        in_source.setdefault(source, []).append((line, column))
    names: dict[int, Iterator[FunctionName | None]] = {}
    for source, its in in_source.items():
        named = tables.get(source)
        names[source] = itertools.repeat(None) if named is None else iter(named.of(its))
    return [next(names[source]) for source, _, _ in places]


def functions_of(text: Text, filename: str) -> FunctionTable | None:
    """The functions of one source, parsed now: seconds for the largest, and a hostile one may take
    the process with it. None if its language can't be parsed, or over a limit."""
    if text.length > 4 * MAX_SOURCE:
        return None
    scopes = read_scopes("".join(text.pieces()), filename, names_only=True)
    return table_of(scopes) if scopes.parsed else None
