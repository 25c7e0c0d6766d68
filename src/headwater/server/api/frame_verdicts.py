"""Why each frame of an event is, or isn't, what the user wrote: the resolver's own record."""

from collections import Counter
from collections.abc import Iterator
from typing import Self

import msgspec

from headwater.protocol.event import Event, Frame, Stacktrace
from headwater.symbolicate.exceptions import as_written
from headwater.symbolicate.resolution import Evidence, Original, Resolution, ResolvedFrame
from headwater.symbolicate.told import cause_of
from headwater.symbolicate.verdicts import EXPLANATIONS, Verdict


class RawFrame(msgspec.Struct, frozen=True):
    """A frame as the SDK sent it; line and column count from 1."""

    abs_path: str | None
    filename: str | None
    function: str | None
    lineno: int | None
    colno: int | None

    @classmethod
    def of(cls, frame: Frame) -> Self:
        """What places a frame."""
        return cls(frame.abs_path, frame.filename, frame.function, frame.lineno, frame.colno)


class FrameVerdict(msgspec.Struct, frozen=True):
    """One frame: as sent, as it was written, and how that was found or why it wasn't.

    `index` is its place in the event's JSON, oldest call first.
    """

    index: int
    verdict: Verdict
    is_resolved: bool
    in_app: bool | None
    cause: str
    remedy: str
    raw: RawFrame
    original: Original | None
    inlined_into: tuple[Original, ...]
    evidence: Evidence


class StacktraceVerdicts(msgspec.Struct, frozen=True):
    """One stack trace. `path` is where in the event's JSON it is; `exception` as in its title."""

    path: tuple[str | int, ...]
    exception: str | None
    frames: tuple[FrameVerdict, ...]


class EventVerdicts(msgspec.Struct, frozen=True):
    """An event's stack traces, and how many frames came to each verdict."""

    event_id: str
    release: str | None
    dist: str | None
    debug_images: int
    summary: dict[Verdict, int]
    stacktraces: tuple[StacktraceVerdicts, ...]


def verdicts_of(event: Event, resolution: Resolution) -> EventVerdicts:
    """Put the resolver's record beside the frames that it is about."""
    resolved = {trace.path: trace.frames for trace in resolution.stacktraces}
    names = {
        value.stacktrace.path: as_written(value, resolved.get(value.stacktrace.path, ())).type
        for value in event.exceptions
        if value.stacktrace
    }
    traces = tuple(
        StacktraceVerdicts(
            trace.path,
            names.get(trace.path) or None,
            tuple(_frames(trace, resolved.get(trace.path, ()))),
        )
        for trace in event.stacktraces
    )
    summary = Counter(frame.verdict for trace in traces for frame in trace.frames)
    return EventVerdicts(
        event.event_id, event.release, event.dist, len(event.images), dict(summary), traces
    )


def _frames(trace: Stacktrace, resolved: tuple[ResolvedFrame, ...]) -> Iterator[FrameVerdict]:
    for index, (frame, found) in enumerate(zip(trace.frames, resolved, strict=False)):
        explanation = EXPLANATIONS[found.verdict]
        yield FrameVerdict(
            index=trace.index_in_json(index),
            verdict=found.verdict,
            is_resolved=found.verdict.is_resolved,
            in_app=found.in_app,
            cause=cause_of(found),
            remedy=explanation.remedy,
            raw=RawFrame.of(frame),
            original=found.original,
            inlined_into=found.inlined_into,
            evidence=found.evidence,
        )
