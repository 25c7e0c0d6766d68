"""One minified frame to its original, or to the verdict that says why not.

The only place where positions that count from 1 (the SDK's, and those shown to people) meet those
that count from 0 (the source map's).
"""

from dataclasses import dataclass

from msgspec.structs import replace

from headwater.protocol.event import Frame
from headwater.sourcemaps.sourcemap import Mapping
from headwater.symbolicate.addresses import joined
from headwater.symbolicate.answers import Answer, Place, ask
from headwater.symbolicate.candidates import Candidate, Candidates, Found
from headwater.symbolicate.choice import choose
from headwater.symbolicate.context import context_of
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
from headwater.symbolicate.source_maps import ArtifactUnreadable, SourceMaps
from headwater.symbolicate.source_texts import SourceTexts
from headwater.symbolicate.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Step:
    """A frame's result, with the mapping that its callee may be named by."""

    frame: ResolvedFrame
    mapping: Mapping | None = None


class Frames:
    """Resolves the frames of one event; files and sources are looked up once for all of them."""

    def __init__(
        self,
        platform: str,
        images: DebugImages,
        candidates: Candidates,
        texts: SourceTexts,
        maps: SourceMaps,
    ) -> None:
        self._platform = platform
        self._images = images
        self._candidates = candidates
        self._texts = texts
        self._maps = maps
        self._scripts: dict[str, str | None] = {}

    def resolve(self, frame: Frame, caller: Mapping | None) -> Step:
        """Resolve one frame. `caller` is the mapping of the frame that called it, if resolved."""
        path = path_of(frame)
        images = self._images.of(path)
        verdict = verdict_without_map(frame, self._platform, has_image=bool(images))
        if verdict is not None:
            own = False if verdict is Verdict.BUILT_IN else frame.in_app
            return Step(ResolvedFrame(verdict, in_app=own))
        found = self._candidates.of(path, images)
        evidence = evidence_of(found, _shown(frame.lineno, frame.colno))
        if not found.candidates:
            return Step(_without_map(frame, found, evidence))
        place = _place(frame)
        answers = [ask(each, place, self._texts) for each in found.candidates]
        answer = choose(answers, frame, path, place, self._script)
        if answer is None:
            by_id = found.candidates[0].resolved_with == "debug-id"
            conflict = Verdict.ID_CONFLICT if by_id else Verdict.AMBIGUOUS_BY_URL
            return Step(ResolvedFrame(conflict, evidence=evidence, in_app=frame.in_app))
        return self._answered(frame, place, answer, evidence, caller)

    def _answered(
        self, frame: Frame, place: Place, answer: Answer, before: Evidence, caller: Mapping | None
    ) -> Step:
        evidence = evidence_of_answer(before, answer)
        mapping, source_map = answer.mapping, answer.candidate.map
        if mapping is None or mapping.source is None:
            said = False if answer.by_bundler else frame.in_app
            return Step(ResolvedFrame(answer.verdict, None, evidence, said))
        source = source_map.sources[mapping.source] or ""
        named = self._named(frame, place, answer, mapping, caller)
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
        )
        return Step(ResolvedFrame(answer.verdict, original, evidence, own), mapping)

    def _named(
        self, frame: Frame, place: Place, answer: Answer, mapping: Mapping, caller: Mapping | None
    ) -> Named:
        """The best evidence for the function's name that there is."""
        candidate = answer.candidate
        named = name_in_original(candidate.map, mapping)
        if named is not None:
            return named
        script = self._script(candidate) if place.column is not None else None
        if script is not None and place.column is not None:
            named = name_in_minified(candidate.map, script, place.line, place.column)
        return named or name_at_call_site(caller) or raw_name(frame.function)

    def _script(self, candidate: Candidate) -> str | None:
        """The minified file's text, if it was uploaded and can be read."""
        script = candidate.script
        if script is None:
            return None
        if script.key not in self._scripts:
            try:
                self._scripts[script.key] = self._maps.read_text(script)
            except ArtifactUnreadable:
                self._scripts[script.key] = None  # it only helps; the map alone gives the place
        return self._scripts[script.key]


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
