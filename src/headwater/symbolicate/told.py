"""A frame's verdict in words: the sentence of its kind, with what is special about this one."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from headwater.symbolicate.near_misses import NearMiss
from headwater.symbolicate.resolution import Evidence, ResolvedFrame
from headwater.symbolicate.verdicts import EXPLANATIONS, Verdict

_FOUND_BY: Final = {
    "debug-id": "The source map was found by the file's debug id.",
    "release": "The source map was found by the event's release and the file's address.",
    "inline": "The source map is inside of the uploaded file.",
}
_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR


def cause_of(frame: ResolvedFrame) -> str:
    """What led to the verdict, in one sentence or two."""
    evidence = frame.evidence
    if frame.verdict is Verdict.RESOLVED:
        return _way(evidence)
    cause = EXPLANATIONS[frame.verdict].cause
    if evidence.removed_at is not None:
        cause = f"{cause[:-1]}: on {_day(evidence.removed_at)}, by {evidence.removed_by}."
    return cause


def near_of(near: Iterable[NearMiss]) -> tuple[str, ...]:
    """Each near miss as a sentence, with when that file was uploaded."""
    return tuple(
        f"{each.sentence[:1].upper()}{each.sentence[1:]}"
        + (f" (uploaded {_day(each.uploaded_at)})." if each.uploaded_at else ".")
        for each in near
    )


def lateness(frame: ResolvedFrame, happened: datetime) -> str:
    """`3 minutes` from an event to the upload that resolved it; empty if that was there before."""
    uploaded_at = frame.evidence.uploaded_at
    if not frame.verdict.is_resolved or uploaded_at is None or uploaded_at <= happened:
        return ""
    return _span(int((uploaded_at - happened).total_seconds()))


def _way(evidence: Evidence) -> str:
    way = _FOUND_BY.get(evidence.resolved_with or "", EXPLANATIONS[Verdict.RESOLVED].cause)
    if not evidence.chain:
        return way
    return f"{way} It leads to a generated file, whose own map leads on to your source."


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _span(seconds: int) -> str:
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= unit:
            count = seconds // unit
            return f"{count} {name}{'' if count == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
