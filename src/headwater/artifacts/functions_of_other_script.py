"""Function names of a map whose tables were made with another minified file than the one at hand."""

from collections.abc import Sequence

from headwater.artifacts.functions_on_demand import FunctionsOnDemand
from headwater.sourcemaps.map_functions import FunctionName, InlinedCall
from headwater.sourcemaps.mapping import SourcePlace
from headwater.sourcemaps.stored_functions import StoredFunctions


class FunctionsOfOtherScript:
    """As `map_functions.MapFunctions`: what the map tells is stored, what the minified file tells
    is asked for.

    The same map may have been uploaded by several builds, and by projects that may not see each
    other's files: names out of one's minified file are wrong, or a secret, for the others.
    """

    def __init__(self, stored: StoredFunctions, asked: FunctionsOnDemand) -> None:
        """`asked` knows the minified file at hand, if there is one."""
        self._stored = stored
        self._asked = asked

    def of_places(self, places: Sequence[SourcePlace]) -> Sequence[FunctionName | None]:
        """By the map and its sources."""
        return self._stored.of_places(places)

    def announce(self, sources: Sequence[int]) -> None:
        """Of what is stored."""
        self._stored.announce(sources)

    def generated_at(self, line: int, column: int) -> FunctionName | None:
        """By the minified file at hand."""
        return self._asked.generated_at(line, column)

    def inlined_at(self, line: int, column: int, place: InlinedCall) -> Sequence[InlinedCall]:
        """By the map."""
        return self._stored.inlined_at(line, column, place)
