"""Which of several maps that claim a file is the right one: decided by evidence, or not at all."""

from collections.abc import Callable, Sequence

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


def choose(
    answers: Sequence[Answer], frame: Frame, path: str, place: Place, read_script: ReadScript
) -> Answer | None:
    """The best answer; None if the evidence doesn't tell.

    In this order: the file's name fits; the minified text at the frame's line is what the SDK saw;
    the position exists; nothing speaks against its mapping; more of the address fits. Answers that agree need no choice.
    """
    if len(answers) == 1:
        return answers[0]
    weighed = [(_weight(each, frame, path, place, read_script), each) for each in answers]
    best = max(weight for weight, _ in weighed)
    left = [each for weight, each in weighed if weight == best]
    agreed = len({(each.leads_to, each.verdict) for each in left}) == 1
    return left[0] if agreed else None


def _weight(
    answer: Answer, frame: Frame, path: str, place: Place, read_script: ReadScript
) -> tuple[bool, int, bool, bool, int]:
    candidate = answer.candidate
    script = candidate.script.url if candidate.script is not None else ""
    parts = max(fit(script, path), fit(candidate.address.removesuffix(".map"), path))
    seen = _script_agrees(read_script(candidate), frame, place)
    is_sound = answer.verdict is not Verdict.SUSPICIOUS_MAPPING
    return parts > 0, seen, answer.leads_to is not None, is_sound, parts


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
