"""Which of several maps that claim a file is the right one: decided by evidence, or not at all."""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from headwater.protocol.event import Frame
from headwater.sourcemaps.compiled.texts import units
from headwater.sourcemaps.source_map import Script
from headwater.symbolicate.addresses import fit
from headwater.symbolicate.answers import Answer, Place
from headwater.symbolicate.candidates import Candidate
from headwater.symbolicate.verdicts import Verdict

ReadScript = Callable[[Candidate], Script | None]
"""The minified file that a candidate was made for, if it was uploaded."""

_CONFIRMED, _UNKNOWN, _REFUTED = 1, 0, -1
_SNIP = "{snip}"


class Choice(Struct, frozen=True):
    """Chooses between the candidates of one file, for each of an event's frames in it."""

    path: str
    """The file, as the frames name it."""
    read_script: ReadScript
    doubted: frozenset[str] = frozenset()
    """Artifacts of candidates that have a doubtful mapping for any of the frames: all of an event's
    frames in one file are of one build, so what does not fit one of them fits none."""

    def between(self, answers: Sequence[Answer], frame: Frame, place: Place) -> Answer | None:
        """The best answer; None if the evidence doesn't tell.

        In this order: the file's name fits; the minified text at the frame's line is what the SDK
        saw; the position exists; nothing speaks against the candidate's mappings; nothing against
        this one; more of the address fits. Answers that agree need no choice.
        """
        if len(answers) == 1:
            return answers[0]
        weighed = [(self._weight(each, frame, place), each) for each in answers]
        best = max(weight for weight, _ in weighed)
        left = [each for weight, each in weighed if weight == best]
        agreed = len({(each.leads_to, each.verdict) for each in left}) == 1
        return left[0] if agreed else None

    def _weight(
        self, answer: Answer, frame: Frame, place: Place
    ) -> tuple[bool, int, bool, bool, bool, int]:
        candidate = answer.candidate
        script = candidate.script.url if candidate.script is not None else ""
        address = candidate.address.removesuffix(".map")
        parts = max(fit(script, self.path), fit(address, self.path))
        return (
            parts > 0,
            _script_agrees(self.read_script(candidate), frame, place),
            answer.leads_to is not None,
            candidate.artifact.key not in self.doubted,
            not _is_doubted(answer),
            parts,
        )


def doubted(answers: Iterable[Sequence[Answer]]) -> frozenset[str]:
    """Which candidates have a doubtful mapping, by their artifacts' keys; nothing to choose: none."""
    return frozenset(
        each.candidate.artifact.key
        for of_place in answers
        if len(of_place) > 1
        for each in of_place
        if _is_doubted(each)
    )


def _is_doubted(answer: Answer) -> bool:
    return answer.verdict is Verdict.SUSPICIOUS_MAPPING


def _script_agrees(script: Script | None, frame: Frame, place: Place) -> int:
    """Whether the minified file has that position, and there the text that the SDK sent along."""
    if script is None:
        return _UNKNOWN
    line = script.text.line(place.line, place.column or 0)
    if line is None:
        return _REFUTED
    ends = None if line.is_cut else line.start + units(line.text)
    if place.column is not None and ends is not None and ends < place.column:
        return _REFUTED
    sent = (frame.context_line or "").removeprefix(_SNIP).removesuffix(_SNIP).strip()
    if not sent:
        return _UNKNOWN
    if sent in line.text:
        return _CONFIRMED
    return _UNKNOWN if line.is_cut and place.column is None else _REFUTED
