"""The minified files that the maps of one frame's file were made for, each read and split once."""

from headwater.symbolicate.candidates import Candidate
from headwater.symbolicate.source_maps import ArtifactUnreadable, SourceMaps


class Script:
    """A minified file's text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines: list[str] | None = None

    def line(self, line: int) -> str | None:
        """One line, from 0; None behind the last."""
        if self._lines is None:
            self._lines = self.text.split("\n")
        return self._lines[line] if line < len(self._lines) else None


class Scripts:
    """Reads minified files."""

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
                self._known[script.key] = Script(self._maps.read_text(script))
            except ArtifactUnreadable:
                self._known[script.key] = None  # it only helps; the map alone gives the place
        return self._known[script.key]
