"""The minified files that candidates were made for, each opened once for an event."""

from headwater.sourcemaps.reading.document import MalformedSourceMap, SourceMapTooLarge
from headwater.sourcemaps.source_map import Script
from headwater.symbolicate.candidates import Candidate
from headwater.symbolicate.source_maps import ArtifactUnreadable, SourceMaps


class Scripts:
    """Opens minified files."""

    def __init__(self, maps: SourceMaps) -> None:
        self._maps = maps
        self._known: dict[str, Script | None] = {}

    def of(self, candidate: Candidate) -> Script | None:
        """The candidate's minified file, if it was uploaded and can be read."""
        script = candidate.script
        if script is None:
            return None
        if script.key not in self._known:
            try:
                self._known[script.key] = self._maps.open_script(script)
            except (ArtifactUnreadable, MalformedSourceMap, SourceMapTooLarge):
                self._known[script.key] = None  # it only helps; the map alone gives the place
        return self._known[script.key]
