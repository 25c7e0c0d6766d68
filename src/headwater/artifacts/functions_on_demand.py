"""Function names of a map whose functions were not named in the background yet."""

from collections.abc import Sequence

from headwater.artifacts.opened import OpenedMap
from headwater.artifacts.workshop import Patience, Workshop
from headwater.sourcemaps.compiling.generated_functions import named_at
from headwater.sourcemaps.map_functions import (
    ORIGINAL_SOURCE,
    FunctionName,
    InlinedCall,
    NamedFunctions,
    names_at,
    sources_of,
)
from headwater.sourcemaps.mapping import SourcePlace


class FunctionsOnDemand:
    """Has single sources parsed in the workshop's child, as `map_functions.MapFunctions`."""

    def __init__(
        self, opened: OpenedMap, script: str | None, workshop: Workshop, patience: Patience
    ) -> None:
        """`script`: the minified file that the map belongs to, by SHA-256."""
        self._opened = opened
        self._script = script
        self._workshop = workshop
        self._patience = patience

    def of_places(self, places: Sequence[SourcePlace]) -> Sequence[FunctionName | None]:
        """By the sources' own texts."""
        return names_at(places, {each: self._of_source(each) for each in sources_of(places)})

    def _of_source(self, source: int) -> NamedFunctions | None:
        table = self._workshop.functions(self._opened, source, self._patience)
        return None if table is None else NamedFunctions(table, ORIGINAL_SOURCE)

    def announce(self, sources: Sequence[int]) -> None:
        """The sources' texts are read by others too."""

    def generated_at(self, line: int, column: int) -> FunctionName | None:
        """By the minified file."""
        if self._script is None:
            return None
        found = self._workshop.generated(self._opened, self._script, self._patience)
        return None if found is None else named_at(found.scopes, found.calls, line, column)

    def inlined_at(self, _line: int, _column: int, _place: InlinedCall) -> Sequence[InlinedCall]:
        """Sources alone don't tell."""
        return ()
