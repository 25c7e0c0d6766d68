"""One minified frame to its original, or to the verdict that says why not."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Mapped
from typing import Final

import msgspec
from msgspec.structs import replace

from headwater.protocol.event import Frame
from headwater.sourcemaps.compiled.origins import excerpt_of
from headwater.sourcemaps.map_functions import FunctionName, InlinedCall
from headwater.sourcemaps.mapping import Mapping, SourcePlace
from headwater.sourcemaps.source_map import SourceMap
from headwater.symbolicate.answers import Answer, Asking, Place
from headwater.symbolicate.chains import Chains
from headwater.symbolicate.choice import Choice, doubted
from headwater.symbolicate.constructed import Constructed, constructed_at
from headwater.symbolicate.eligibility import is_as_written
from headwater.symbolicate.evidence import BY_ID, evidence_of, evidence_of_answer, evidence_of_miss
from headwater.symbolicate.files import File, Wanting
from headwater.symbolicate.misses import Misses
from headwater.symbolicate.naming import name_at_call_site, raw_name
from headwater.symbolicate.originals import Originals
from headwater.symbolicate.resolution import Original, ResolvedFrame
from headwater.symbolicate.verdicts import Verdict

MAX_INLINED: Final = 8
"""Callers shown of one frame, the nearest; minifiers put functions into one another a few deep."""
_AWAIT: Final = "await"
_NEW: Final = "new "


class Step(msgspec.Struct, frozen=True):
    """A frame's result, with the answer that its callee may be named by."""

    frame: ResolvedFrame
    answer: Answer | None = None
    is_named: bool = True
    """False where neither source nor minified file gave the function's name."""

    def called_from(self, caller: "Step | None") -> ResolvedFrame:
        """The result where `caller` is the frame that called this one."""
        original = self.frame.original
        if self.is_named or caller is None or original is None:
            return self.frame
        named = name_at_call_site(caller.called)
        if named is None:
            return self.frame
        evidence = replace(self.frame.evidence, named_by=named.by)
        return replace(
            self.frame, original=replace(original, function=named.name), evidence=evidence
        )

    def as_component(self) -> ResolvedFrame:
        """The result where the frame is a component: of a class, its constructor is not meant."""
        original = self.frame.original
        if original is None or not (original.function or "").startswith(_NEW):
            return self.frame
        named = replace(original, function=(original.function or "").removeprefix(_NEW))
        return replace(self.frame, original=named)

    @property
    def called(self) -> str | None:
        """The name that the map has at the place of the call."""
        last = self.answer
        for answer in () if last is None else (last, *reversed(last.through)):
            name = None if answer.mapping is None else answer.candidate.map.name(answer.mapping)
            if name is not None:
                return name
        return None


class FrameResolver:
    """Resolves frames of one event by what was found for their files."""

    def __init__(self, asking: Asking, chains: Chains, misses: Misses) -> None:
        self._asking = asking
        self._chains = chains
        self._misses = misses

    def read_ahead(self, files: Iterable[File]) -> None:
        """Let the system fetch what resolving all frames of these files will read."""
        asked = []
        for file in files:
            places = (each.place for each in file.wanting.values())
            points = [(line, column) for line, column in places if column is not None]
            asked += [(candidate, points) for candidate in file.found.candidates]
        self._asking.read_ahead(asked)

    def resolve(self, file: File) -> dict[int, Step]:
        """Resolve the frames of a file that want a map, by their numbers."""
        places = dict.fromkeys(each.place for each in file.wanting.values())
        asked = {
            place: [self._asking.ask(each, place) for each in file.found.candidates]
            for place in places
        }
        choice = Choice(file.path, self._asking.script_of, doubted(asked.values()))
        answers = {
            number: self._answer(choice, asked[each.place], each)
            for number, each in file.wanting.items()
        }
        self._chains.look_for(each for each in answers.values() if each is not None)
        ends = {
            number: answer
            if answer is None or file.wanting[number].place.column is None
            else self._chains.end_of(answer)
            for number, answer in answers.items()
        }
        functions = _functions(ends)
        return {
            number: self._step(file, each, ends[number], functions.get(number))
            for number, each in file.wanting.items()
        }

    def _answer(self, choice: Choice, answers: Sequence[Answer], wanting: Wanting) -> Answer | None:
        """What is believed of a frame; None if there is no map, or none of several is believed."""
        if not answers:
            return None
        answer = choice.between(answers, *wanting)
        return None if answer is None else self._beyond_await(answer, wanting.place)

    def _step(
        self, file: File, wanting: Wanting, answer: Answer | None, function: FunctionName | None
    ) -> Step:
        (frame, place), found = wanting, file.found
        if not found.candidates:
            return Step(self._without_map(frame, file))
        if answer is None:
            by_id = found.candidates[0].resolved_with == BY_ID
            conflict = Verdict.ID_CONFLICT if by_id else Verdict.AMBIGUOUS_BY_URL
            evidence = evidence_of(found, frame)
            return Step(ResolvedFrame(conflict, evidence=evidence, in_app=frame.in_app))
        mapping, source = answer.mapping, answer.source
        if mapping is None or source is None:
            said = False if answer.by_bundler else frame.in_app
            evidence = evidence_of_answer(found, frame, answer)
            return Step(ResolvedFrame(answer.verdict, None, evidence, said))
        given = function or _name(answer, place)
        named = given or raw_name(frame.function)
        originals = Originals(frame, file.path, answer)
        original = originals.of_mapping(mapping, source, named)
        evidence = evidence_of_answer(found, frame, answer, named.by)
        callers = _callers(answer, place, mapping)
        inlined_into = self._inlined_into(originals, callers[:MAX_INLINED]) if callers else ()
        if len(callers) > MAX_INLINED:
            more = f"{len(callers) - MAX_INLINED} more callers were inlined"
            evidence = replace(evidence, detail="; ".join(filter(None, (evidence.detail, more))))
        verdict = answer.verdict
        if evidence.near and verdict is Verdict.RESOLVED:
            verdict = Verdict.SUSPICIOUS_MAPPING
        made = _made(answer, place, mapping)
        resolved = ResolvedFrame(verdict, original, evidence, original.in_app, inlined_into, made)
        return Step(resolved, answer, is_named=given is not None)

    def _without_map(self, frame: Frame, file: File) -> ResolvedFrame:
        found = file.found
        nothing_claims_it = found.image is None and found.artifact is None
        if nothing_claims_it and is_as_written(frame):
            return ResolvedFrame(Verdict.ALREADY_ORIGINAL, in_app=frame.in_app)
        miss = self._misses.of(file.path, found)
        in_app = frame.in_app if miss.is_own is None else miss.is_own
        return ResolvedFrame(miss.verdict, None, evidence_of_miss(miss, found, frame), in_app)

    def _inlined_into(
        self, originals: Originals, calls: Sequence[InlinedCall]
    ) -> tuple[Original, ...]:
        """The callers that have no frame of their own, since a minifier put the callee there."""
        candidate = originals.answer.candidate
        sources = [candidate.map.source(each.source) for each in calls]
        texts = [self._asking.text_of(candidate, each) for each in sources]
        excerpts = [
            None if text is None else excerpt_of(text, call.line, call.column)
            for call, text in zip(calls, texts, strict=True)
        ]
        return tuple(
            originals.at(source, excerpt, call.line, call.column, call.name)
            for call, source, excerpt in zip(calls, sources, excerpts, strict=True)
        )

    def _beyond_await(self, answer: Answer, place: Place) -> Answer:
        """The answer for what is awaited, if only that is mapped and not the `await` before it."""
        if place.column is None or not _stands_at_unmapped_await(answer, place):
            return answer
        script = self._asking.script_of(answer.candidate)
        behind = script.awaited(place.line, place.column) if script else None
        if behind is None:
            return answer
        better = self._asking.ask(answer.candidate, Place(*behind))
        if better.mapping is None or better.source is None or better.mapping.column != behind[1]:
            return answer
        detail = "the `await` has no mapping; what it awaits has"
        return replace(better, detail="; ".join(each for each in (detail, better.detail) if each))


def _stands_at_unmapped_await(answer: Answer, place: Place) -> bool:
    """Whether an `await` stands at the place, and the map leads elsewhere.

    That is told by the source, or else by the position: rollup repeats the mapping before an
    `await` at the word itself, so that a position alone proves nothing.
    """
    if answer.mapping is None or answer.generated is None or not answer.generated.begins(_AWAIT):
        return False
    if answer.original is None:
        return answer.mapping.column != place.column
    return not answer.original.begins(_AWAIT)


def _functions(answers: Mapped[int, Answer | None]) -> dict[int, FunctionName | None]:
    """The functions that answers lead into, by their numbers; those of one map are asked at once."""
    asked: dict[str, tuple[SourceMap, dict[int, SourcePlace]]] = {}
    for number, answer in answers.items():
        place = None if answer is None else answer.place_in_source
        if answer is not None and place is not None:
            candidate = answer.candidate
            _, places = asked.setdefault(candidate.artifact.key, (candidate.map, {}))
            places[number] = place
    named: dict[int, FunctionName | None] = {}
    for source_map, places in asked.values():
        found = source_map.functions_at(tuple(places.values()))
        named.update(zip(places, found, strict=True))
    return named


def _name(answer: Answer, place: Place) -> FunctionName | None:
    """The function's name by what led to the answer, else by the minified file."""
    for each in reversed(answer.through):
        in_source = each.place_in_source
        named = None if in_source is None else each.candidate.map.function_at(*in_source)
        if named is not None:
            return named
    if place.column is None:
        return None
    return answer.first.candidate.map.generated_function_at(place.line, place.column)


def _made(answer: Answer, place: Place, mapping: Mapping) -> Constructed | None:
    """What the frame makes an object of; on the way through another file nothing is certain."""
    if answer.through:
        return None
    return constructed_at(place.column, mapping, answer.generated, answer.original)


def _callers(answer: Answer, place: Place, mapping: Mapping) -> Sequence[InlinedCall]:
    """The calls around what the mapping leads to that one minified frame stands for, nearest first."""
    if place.column is None or answer.through:
        return ()
    return answer.candidate.map.inlined_at(place.line, place.column, mapping)[1:]
