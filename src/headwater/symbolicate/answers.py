"""Where a frame's position leads in one candidate map."""

from collections.abc import Sequence
from dataclasses import dataclass

from headwater.sourcemaps.sourcemap import Mapping
from headwater.symbolicate.candidates import Candidate
from headwater.symbolicate.source_texts import SourceTexts
from headwater.symbolicate.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a minified file, from 0, in UTF-16 units; `column` is None if it isn't known."""

    line: int
    column: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a candidate says of a place. `mapping` is there if, and only if, it is resolved."""

    candidate: Candidate
    verdict: Verdict
    mapping: Mapping | None = None
    lines: Sequence[str] | None = None
    """The source's text, by lines."""
    detail: str | None = None
    by_bundler: bool = False
    """The map covers what is around the place, but not the place: code that the bundler added."""

    @property
    def original(self) -> tuple[str | None, int] | None:
        """Source and line, to compare answers by."""
        if self.mapping is None or self.mapping.source is None:
            return None
        return self.candidate.map.sources[self.mapping.source], self.mapping.source_line


def ask(candidate: Candidate, place: Place, texts: SourceTexts) -> Answer:
    """Look the place up in one map. A missing column is never taken for the first one."""
    if place.column is None:
        return _ask_line(candidate, place.line, texts)
    mapping = candidate.map.lookup(place.line, place.column)
    if mapping is None:
        return _nothing(candidate, place.line)
    if mapping.source is None:
        sentence = "the map says that this piece has no original"
        return Answer(candidate, Verdict.POSITION_UNMAPPED, detail=sentence, by_bundler=True)
    return _answer(candidate, mapping, texts)


def _ask_line(candidate: Candidate, line: int, texts: SourceTexts) -> Answer:
    origins = candidate.map.origins_of_line(line)
    if origins.first is None:
        return _nothing(candidate, line)
    if origins.lines > 1:
        sentence = f"the line holds code of {origins.lines} lines of your sources"
        return Answer(candidate, Verdict.NO_COLUMN, detail=sentence)
    sentence = "without a column: all of the minified line comes from this one line"
    return _answer(candidate, origins.first, texts, sentence)


def _answer(
    candidate: Candidate, mapping: Mapping, texts: SourceTexts, detail: str | None = None
) -> Answer:
    lines = None if mapping.source is None else texts.lines(candidate, mapping.source)
    if lines is None:
        return Answer(candidate, Verdict.NO_SOURCE_CONTENT, mapping, None, detail)
    if mapping.source_line >= len(lines):
        sentence = (
            f"the map leads to line {mapping.source_line + 1} of a source that has {len(lines)}"
        )
        return Answer(candidate, Verdict.POSITION_OUT_OF_RANGE, detail=sentence)
    return Answer(candidate, Verdict.RESOLVED, mapping, lines, detail)


def _nothing(candidate: Candidate, line: int) -> Answer:
    last = candidate.map.last_line
    if last is None:
        return Answer(candidate, Verdict.POSITION_UNMAPPED, detail="the map has no mappings at all")
    if line > last:
        sentence = f"the map ends at line {last + 1}"
        return Answer(candidate, Verdict.POSITION_OUT_OF_RANGE, detail=sentence)
    first = len(candidate.map.mappings.on_line(line)) > 0
    sentence = f"the map has no mapping {'so early ' if first else ''}on line {line + 1}"
    return Answer(candidate, Verdict.POSITION_UNMAPPED, detail=sentence, by_bundler=first)
