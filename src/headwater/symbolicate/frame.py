"""One minified frame to its original, or to the verdict that says why not.

The only place where positions that count from 1 (the SDK's, and those shown to people) meet those
that count from 0 (the source map's).
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from headwater.protocol.event import Frame
from headwater.sourcemaps.sourcemap import Mapping
from headwater.symbolicate.addresses import joined
from headwater.symbolicate.answers import Answer, Place, ask
from headwater.symbolicate.awaits import awaited
from headwater.symbolicate.candidates import Candidates, Found
from headwater.symbolicate.choice import choose
from headwater.symbolicate.context import characters_before, context_of
from headwater.symbolicate.eligibility import is_as_written, path_of, verdict_without_map
from headwater.symbolicate.evidence import evidence_of, evidence_of_answer
from headwater.symbolicate.images import DebugImages
from headwater.symbolicate.in_app import in_app
from headwater.symbolicate.naming import (
    Named,
    name_at_call_site,
    name_in_minified,
    name_in_original,
    raw_name,
)
from headwater.symbolicate.paths import filename_of, module_of
from headwater.symbolicate.resolution import Evidence, Original, ResolvedFrame
from headwater.symbolicate.scripts import Scripts
from headwater.symbolicate.source_texts import SourceTexts
from headwater.symbolicate.verdicts import Verdict
from headwater.symbolicate.work import Task, Work, WorkRefused


@dataclass(frozen=True, slots=True)
class Step:
    """A frame's result, with the mapping that its callee may be named by."""

    frame: ResolvedFrame
    mapping: Mapping | None = None
    is_named: bool = True
    """False where neither source nor minified file gave the function's name."""

    def called_from(self, caller: Mapping | None) -> ResolvedFrame:
        """The result where `caller` is the mapping of the frame that called this one, if resolved."""
        original = self.frame.original
        named = None if self.is_named else name_at_call_site(caller)
        if named is None or original is None:
            return self.frame
        evidence = replace(self.frame.evidence, named_by=named.by)
        return replace(
            self.frame, original=replace(original, function=named.name), evidence=evidence
        )


class Files:
    """Resolves the frames of one event, file by file: what one file needs is gone before the next."""

    def __init__(
        self,
        platform: str,
        images: DebugImages,
        candidates: Candidates,
        texts: Callable[[], SourceTexts],
        scripts: Callable[[], Scripts],
        work: Work,
    ) -> None:
        self._platform = platform
        self._images = images
        self._candidates = candidates
        self._texts = texts
        self._scripts = scripts
        self._work = work

    def resolve(self, path: str, frames: Sequence[Frame]) -> dict[Frame, Step]:
        """Resolve frames that are all in the file at `path`."""
        images = self._images.of(path)
        steps: dict[Frame, Step] = {}
        wanting: list[Frame] = []
        for frame in frames:
            verdict = verdict_without_map(frame, self._platform, has_image=bool(images))
            if verdict is None:
                wanting.append(frame)
            else:
                own = False if verdict is Verdict.BUILT_IN else frame.in_app
                steps[frame] = Step(ResolvedFrame(verdict, in_app=own))
        if wanting:
            found = self._candidates.of(path, images)
            one = OneFile(found, self._texts(), self._scripts(), self._work)
            steps.update((frame, one.resolve(frame)) for frame in wanting)
        return steps


class OneFile:
    """Resolves frames of one file by what was found for it; sources and scripts are read once."""

    def __init__(self, found: Found, texts: SourceTexts, scripts: Scripts, work: Work) -> None:
        self._found = found
        self._texts = texts
        self._scripts = scripts
        self._work = work

    def resolve(self, frame: Frame) -> Step:
        """Resolve one frame that wants a map."""
        found = self._found
        evidence = evidence_of(found, _shown(frame.lineno, frame.colno))
        if not found.candidates:
            return Step(_without_map(frame, found, evidence))
        place = _place(frame)
        answers = [ask(each, place, self._texts) for each in found.candidates]
        answer = choose(answers, frame, path_of(frame), place, self._scripts.of)
        if answer is None:
            by_id = found.candidates[0].resolved_with == "debug-id"
            conflict = Verdict.ID_CONFLICT if by_id else Verdict.AMBIGUOUS_BY_URL
            return Step(ResolvedFrame(conflict, evidence=evidence, in_app=frame.in_app))
        answer = self._beyond_await(answer, place)
        return self._answered(frame, place, answer, evidence_of_answer(evidence, answer))

    def _beyond_await(self, answer: Answer, place: Place) -> Answer:
        """The answer for what is awaited, if only that is mapped and not the `await` before it."""
        mapping, candidate = answer.mapping, answer.candidate
        if mapping is None or _leads_to_await(mapping, place, answer.lines):
            return answer
        behind = awaited(self._scripts.of(candidate), place)
        better = ask(candidate, behind, self._texts) if behind else None
        if better is None or behind is None or better.mapping is None:
            return answer
        if better.mapping.column != behind.column or better.mapping.source is None:
            return answer
        return dataclasses.replace(better, detail="the `await` has no mapping; what it awaits has")

    def _answered(self, frame: Frame, place: Place, answer: Answer, evidence: Evidence) -> Step:
        mapping, source_map = answer.mapping, answer.candidate.map
        if mapping is None or mapping.source is None:
            said = False if answer.by_bundler else frame.in_app
            return Step(ResolvedFrame(answer.verdict, None, evidence, said))
        source = source_map.sources[mapping.source] or ""
        found, refusal = self._named(place, answer, mapping)
        named = found or raw_name(frame.function)
        filename = filename_of(source) if source else frame.filename or path_of(frame)
        base = path_of(frame) if evidence.source_map is None else answer.candidate.address
        address = joined(base, source) if source else path_of(frame)
        ignored = mapping.source in source_map.ignored
        own = in_app(filename, source, ignored=ignored, said_by_sdk=frame.in_app)
        column = 0 if place.column is None else mapping.source_column
        context = context_of(answer.lines, mapping.source_line, column) if answer.lines else None
        original = Original(
            filename=filename,
            abs_path=address,
            function=named.name,
            lineno=mapping.source_line + 1,
            colno=column + 1,
            module=module_of(filename),
            in_app=own,
            context_line=None if context is None else context.line,
            pre_context=() if context is None else context.pre,
            post_context=() if context is None else context.post,
        )
        evidence = replace(
            evidence,
            source=source or None,
            named_by=named.by,
            mapping=f"{_shown(mapping.line + 1, mapping.column + 1)} → {source}:"
            f"{_shown(mapping.source_line + 1, mapping.source_column + 1)}",
            detail="; ".join(each for each in (evidence.detail, refusal) if each) or None,
        )
        resolved = ResolvedFrame(answer.verdict, original, evidence, own)
        return Step(resolved, mapping, is_named=found is not None)

    def _named(
        self, place: Place, answer: Answer, mapping: Mapping
    ) -> tuple[Named | None, str | None]:
        """The function's name by its source or its minified file, and why one was left unread."""
        candidate = answer.candidate
        refusal = None
        try:
            self._work.begin(Task.NAME_BY_SOURCES, candidate.artifact.key)
            named = name_in_original(candidate.map, mapping)
            if named is not None:
                return named, None
        except WorkRefused as error:
            refusal = f"functions are not named from their sources: {error}"
        script = self._scripts.of(candidate) if place.column is not None else None
        if candidate.script is None or script is None or place.column is None:
            return None, refusal
        try:
            self._work.begin(Task.NAME_BY_SCRIPT, candidate.script.key)
        except WorkRefused as error:
            return None, refusal or f"functions are not named from the minified file: {error}"
        return name_in_minified(candidate.map, script.text, place.line, place.column), refusal


def _leads_to_await(mapping: Mapping, place: Place, lines: Sequence[str] | None) -> bool:
    """Whether an `await` at the place would be mapped: by the source, or else by the position.

    Rollup repeats the mapping before it at each word, so that a position alone proves nothing.
    """
    if lines is None:
        return mapping.column == place.column
    line = lines[mapping.source_line]
    start = characters_before(line, mapping.source_column)
    return line.startswith("await", start)


def _without_map(frame: Frame, found: Found, evidence: Evidence) -> ResolvedFrame:
    nothing_claims_it = found.image is None and found.artifact is None
    if nothing_claims_it and is_as_written(frame):
        return ResolvedFrame(Verdict.ALREADY_ORIGINAL, in_app=frame.in_app)
    verdict = found.verdict or Verdict.NO_IMAGE_FOR_FRAME
    return ResolvedFrame(verdict, None, evidence, frame.in_app)


def _place(frame: Frame) -> Place:
    """The SDK's position in the map's counting. Column 0 does not exist where columns count from 1:
    it is how some SDKs say that they don't know."""
    return Place((frame.lineno or 1) - 1, frame.colno - 1 if frame.colno else None)


def _shown(lineno: int | None, colno: int | None) -> str:
    return f"{lineno}" if colno is None else f"{lineno}:{colno}"
