"""One source map as it can be asked, and one minified file: wherever they are kept."""

import re
from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from typing import Final

from headwater.sourcemaps.compiled.origins import Origin, Source
from headwater.sourcemaps.compiled.read import CompiledMap, MapQuestion
from headwater.sourcemaps.compiled.script_file import ScriptFile
from headwater.sourcemaps.compiled.spots import Spot
from headwater.sourcemaps.compiled.texts import Text, characters_before
from headwater.sourcemaps.map_functions import (
    FunctionName,
    InlinedCall,
    MapFunctions,
)
from headwater.sourcemaps.mapping import LineOrigins, Mapping, SourcePlace

LONGEST_GAP: Final = 200
"""Characters read behind a place: an `await` and the blanks after it."""
_AWAIT: Final = re.compile(r"await(?![\w$])\s*")

Point = tuple[int, int]
"""Line and column from 0, in UTF-16 units."""


class SourceMap:
    """A compiled map and what is known of its functions, for one event.

    Everything is read when asked for: every method may raise CompiledFileDamaged or OSError if the
    files are stored ones.
    """

    def __init__(self, compiled: CompiledMap, functions: Sequence[MapFunctions]) -> None:
        """`functions`: the first that knows a source's functions is believed."""
        self.compiled = compiled
        self._functions = functions

    @property
    def key(self) -> str:
        """The digest of what the map was compiled from."""
        return self.compiled.key

    @property
    def debug_id(self) -> str | None:
        """As the map has it, in whatever spelling."""
        return self.compiled.debug_id

    @property
    def faults(self) -> Sequence[str]:
        """What a strict reader would refuse: empty for a map that is valid by ECMA-426."""
        return self.compiled.faults

    @property
    def last_line(self) -> int | None:
        """The last generated line that has a mapping."""
        return self.compiled.last_line

    @property
    def mappings(self) -> int:
        """How many there are."""
        return self.compiled.mappings

    @property
    def sources(self) -> int:
        """How many there are."""
        return self.compiled.sources

    def lookup(self, line: int, column: int) -> Mapping | None:
        """The greatest mapping at or before a place, on the same generated line only."""
        return self.compiled.lookup(line, column)

    def origin(self, mapping: Mapping) -> Origin:
        """What a mapping leads to."""
        return self.compiled.origin(mapping)

    def name(self, mapping: Mapping) -> str | None:
        """The name that a mapping carries."""
        return self.compiled.name(mapping)

    def has_mappings_on(self, line: int) -> bool:
        """Whether any mapping begins on a generated line."""
        return self.compiled.has_mappings_on(line)

    def origins_of_line(self, line: int) -> LineOrigins:
        """Where a whole generated line comes from."""
        return self.compiled.origins_of_line(line)

    def source(self, index: int) -> Source:
        """A source by its index: two may share a name and differ in text."""
        return self.compiled.source(index)

    def text(self, index: int) -> Text | None:
        """A source's text; None if the map has none."""
        return self.compiled.text(index)

    def function_at(self, source: int, line: int, column: int) -> FunctionName | None:
        """The function around a place of a source; None where that can't be said."""
        return self.functions_at([(source, line, column)])[0]

    def functions_at(self, places: Sequence[SourcePlace]) -> Sequence[FunctionName | None]:
        """As `function_at` of several places: all of a stack trace's cost little more than one."""
        found: Sequence[FunctionName | None] = [None] * len(places)
        for each in self._functions:
            named = each.of_places(places)
            found = [one or other for one, other in zip(found, named, strict=True)]
            if all(found):
                break
        return found

    def generated_function_at(self, line: int, column: int) -> FunctionName | None:
        """The function around a place of the minified file, its name translated by the map.

        None where that can't be said, also where the map does not have the name.
        """
        found = (each.generated_at(line, column) for each in self._functions)
        return next((each for each in found if each is not None), None)

    def inlined_at(
        self, line: int, column: int, mapping: Mapping | None = None
    ) -> Sequence[InlinedCall]:
        """Every call that one frame of the generated file stands for, innermost first.

        The first is where the mapping leads, each other where the one before it was called; the
        last one is the function of the frame itself. Empty where nothing was inlined. `mapping` is
        what a look-up gives there, if the caller has it already.
        """
        mapping = mapping or self.lookup(line, column)
        if mapping is None or mapping.source is None:
            return ()
        place = InlinedCall(None, mapping.source, mapping.source_line, mapping.source_column)
        for each in self._functions:
            found = each.inlined_at(line, column, place)
            if found:
                return found
        return ()

    def ask(self, places: Sequence[Point]) -> MapQuestion:
        """Look several places up at once: what answering will read can be announced before."""
        return self.compiled.ask(places)

    def announce_sources(self, places: Mapped[int, Sequence[Point]]) -> None:
        """Let the system fetch sources that have these places, and tables of their functions."""
        wanted = tuple(places)
        self.compiled.announce_sources(wanted)
        for each in self._functions:
            each.announce(wanted)

    def announce_texts(self, places: Mapped[int, Sequence[Point]]) -> None:
        """Let the system fetch what is around these places of sources; this reads the sources."""
        self.compiled.announce_texts(places)


class Script:
    """A minified file. Its methods may raise as those of SourceMap."""

    def __init__(self, file: ScriptFile) -> None:
        self.text: Text = file.text
        self._file = file

    @property
    def source_mapping_url(self) -> str | None:
        """Where the file says that its map is; of a map inside of it only the beginning."""
        return self._file.source_mapping_url

    @property
    def debug_id(self) -> str | None:
        """As the file has it, in whatever spelling."""
        return self._file.debug_id

    def spots(self, places: Sequence[Point]) -> Sequence[Spot | None]:
        """What is near each place; None behind the last line."""
        return self._file.spots(places)

    def awaited(self, line: int, column: int) -> Point | None:
        """The place of what is awaited, if an `await` stands at a place.

        V8 places a frame of an async function at the `await` it is waiting in. Terser, which
        webpack and many rollup builds minify with, maps what is awaited but not the `await` before
        it; so a plain look-up finds whatever was mapped before, mostly a line too early. And where
        it has put a function into the place of its only call, what follows the `await` is that
        function's own text, from elsewhere in the sources; the call is mapped at its arguments.
        """
        found = self.text.line(line, column)
        if found is None:
            return None
        start = characters_before(found.text, column - found.start)
        word = _AWAIT.match(found.text[start : start + LONGEST_GAP])
        if word is None:
            return None
        return self._file.target(line, column + word.end())  # all of it one unit a character
