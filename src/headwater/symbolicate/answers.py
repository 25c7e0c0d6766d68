"""Where a frame's position leads in one candidate map."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from headwater.sourcemaps.compiled.origins import Excerpt, Origin, Source, excerpt_of
from headwater.sourcemaps.compiled.spots import Spot, spot, spot_in
from headwater.sourcemaps.compiled.texts import Text
from headwater.sourcemaps.mapping import Mapping, SourcePlace
from headwater.sourcemaps.source_map import Script
from headwater.symbolicate.candidates import Candidate
from headwater.symbolicate.doubts import doubt_of
from headwater.symbolicate.scripts import Scripts
from headwater.symbolicate.source_texts import SourceTexts
from headwater.symbolicate.verdicts import Verdict


class Place(NamedTuple):
    """A position in a minified file, from 0, in UTF-16 units; `column` is None if it isn't known."""

    line: int
    column: int | None


Point = tuple[int, int]
"""A place whose column is known."""


class Answer(msgspec.Struct, frozen=True):
    """What a candidate says of a place. `mapping` and `source` are there if it is resolved."""

    candidate: Candidate
    verdict: Verdict
    mapping: Mapping | None = None
    source: Source | None = None
    excerpt: Excerpt | None = None
    """Of the source, around the place that the mapping leads to."""
    original: Spot | None = None
    """Where the mapping leads to."""
    generated: Spot | None = None
    """The place that was asked for, if the minified file is there."""
    detail: str | None = None
    by_bundler: bool = False
    """The map covers what is around the place, but not the place: code that the bundler added."""
    through: tuple["Answer", ...] = ()
    """The answers that led to this one, where sources are generated files with maps of their own."""

    @property
    def first(self) -> "Answer":
        """What the map of the frame's own file says."""
        return self.through[0] if self.through else self

    @property
    def place_in_source(self) -> SourcePlace | None:
        """Where the mapping leads to."""
        return None if self.mapping is None else self.mapping.place_in_source

    @property
    def leads_to(self) -> tuple[str | None, int] | None:
        """Source and line, to compare answers by."""
        if self.mapping is None or self.source is None:
            return None
        return self.source.name, self.mapping.source_line


class Asking:
    """Asks candidates; sources and minified files are opened once for an event."""

    def __init__(self, texts: SourceTexts, scripts: Scripts) -> None:
        self._texts = texts
        self._scripts = scripts
        self._looked_up: dict[tuple[str, Point], Origin | None] = {}
        """By the map's key and the place: what was looked up at once for many frames."""
        self._spots: dict[tuple[str, Point], Spot | None] = {}
        """By the minified file's key and the place."""

    def script_of(self, candidate: Candidate) -> Script | None:
        """The candidate's minified file, if it was uploaded and can be read."""
        return self._scripts.of(candidate)

    def text_of(self, candidate: Candidate, source: Source) -> Text | None:
        """The text of a source of the candidate's map; None if it is nowhere."""
        return self._texts.of(candidate, source)

    def read_ahead(self, asked: Sequence[tuple[Candidate, Sequence[Point]]]) -> None:
        """Let the system fetch at once what answering for these places will read.

        In rounds, since what is read in one tells what is wanted in the next. Without it each
        piece would be waited for before the next is asked for.
        """
        questions = [(each, points, each.map.ask(points)) for each, points in asked]
        unread = [each for each in questions if each[2].announce()]
        for candidate, points, _ in unread:
            script = self._scripts.of(candidate)
            if script is not None:
                script.text.announce(points)
        for candidate, _, question in unread:
            candidate.map.announce_sources(question.led_to)
        for candidate, _, question in unread:
            candidate.map.announce_texts(question.led_to)
        for candidate, points, question in questions:
            key, origins = candidate.artifact.key, question.origins()
            self._looked_up.update(zip(((key, each) for each in points), origins, strict=True))
            self._read_spots(candidate, points)

    def _read_spots(self, candidate: Candidate, points: Sequence[Point]) -> None:
        script = self._scripts.of(candidate)
        if script is not None and candidate.script is not None:
            key = candidate.script.key
            self._spots.update(
                zip(((key, each) for each in points), script.spots(points), strict=True)
            )

    def ask(self, candidate: Candidate, place: Place) -> Answer:
        """Look the place up in one map. A missing column is never taken for the first one."""
        if place.column is None:
            return self._ask_line(candidate, place.line)
        origin = self._origin(candidate, (place.line, place.column))
        if origin is None:
            return _nothing(candidate, place.line)
        if origin.source is None:
            sentence = "the map says that this piece has no original"
            return Answer(candidate, Verdict.POSITION_UNMAPPED, detail=sentence, by_bundler=True)
        return self._answer(candidate, place, origin, origin.source)

    def _origin(self, candidate: Candidate, point: Point) -> Origin | None:
        try:
            return self._looked_up[candidate.artifact.key, point]
        except KeyError:
            mapping = candidate.map.lookup(*point)
            return None if mapping is None else candidate.map.origin(mapping)

    def _ask_line(self, candidate: Candidate, line: int) -> Answer:
        origins = candidate.map.origins_of_line(line)
        first = None if origins.first is None else candidate.map.origin(origins.first)
        if first is None or first.source is None:
            return _nothing(candidate, line)
        if origins.has_others:
            sentence = "the line holds code of several lines of your sources"
            return Answer(candidate, Verdict.NO_COLUMN, detail=sentence)
        sentence = "without a column: all of the minified line comes from this one line"
        answer = self._answer(candidate, Place(line, None), first, first.source, sentence)
        text = None if answer.excerpt is None else self._texts.of(candidate, first.source)
        if text is None:
            return answer
        return replace(answer, excerpt=excerpt_of(text, first.mapping.source_line, 0))

    def _answer(
        self,
        candidate: Candidate,
        place: Place,
        origin: Origin,
        source: Source,
        detail: str | None = None,
    ) -> Answer:
        mapping, excerpt = origin.mapping, origin.excerpt
        generated = self._generated(candidate, place)
        if generated is not None and _is_behind(place, generated):
            sentence = (
                f"line {place.line + 1} of the minified file has {generated.length} characters"
            )
            return Answer(candidate, Verdict.POSITION_OUT_OF_RANGE, detail=sentence)
        if excerpt is None:
            text = self._texts.of(candidate, source)
            if text is None:
                verdict = Verdict.NO_SOURCE_CONTENT
                return Answer(
                    candidate, verdict, mapping, source, detail=detail, generated=generated
                )
            excerpt = excerpt_of(text, mapping.source_line, mapping.source_column)
            if excerpt is None:
                sentence = (
                    f"the map leads to line {mapping.source_line + 1} of a source that has"
                    f" {text.lines}"
                )
                return Answer(candidate, Verdict.POSITION_OUT_OF_RANGE, detail=sentence)
        original = spot_in(excerpt.line, mapping.source_column)
        begins = generated
        if generated is not None and mapping.column != place.column:
            begins = self._generated(candidate, Place(mapping.line, mapping.column))
        doubt = doubt_of(mapping, begins, original, excerpt)
        verdict = Verdict.RESOLVED if doubt is None else Verdict.SUSPICIOUS_MAPPING
        return Answer(
            candidate, verdict, mapping, source, excerpt, original, generated, doubt or detail
        )

    def _generated(self, candidate: Candidate, place: Place) -> Spot | None:
        """The place in the minified file; None also where only the line is known."""
        line, column = place
        if column is None or candidate.script is None:
            return None
        try:
            return self._spots[candidate.script.key, (line, column)]
        except KeyError:
            script = self._scripts.of(candidate)
            return None if script is None else spot(script.text, line, column)


def _is_behind(place: Place, generated: Spot) -> bool:
    """Whether the place is behind the end of its line of the minified file."""
    return (
        place.column is not None
        and generated.length is not None
        and place.column > generated.length
    )


def _nothing(candidate: Candidate, line: int) -> Answer:
    last = candidate.map.last_line
    if last is None:
        return Answer(candidate, Verdict.POSITION_UNMAPPED, detail="the map has no mappings at all")
    if line > last:
        sentence = f"the map ends at line {last + 1}"
        return Answer(candidate, Verdict.POSITION_OUT_OF_RANGE, detail=sentence)
    first = candidate.map.has_mappings_on(line)
    sentence = f"the map has no mapping {'so early ' if first else ''}on line {line + 1}"
    return Answer(candidate, Verdict.POSITION_UNMAPPED, detail=sentence, by_bundler=first)
