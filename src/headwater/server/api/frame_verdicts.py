"""Why each frame of an event is, or isn't, what the user wrote: the resolver's own record."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Self

import msgspec

from headwater.protocol.component_stack import is_element
from headwater.protocol.event import Event, Frame, Stacktrace
from headwater.symbolicate.exceptions import as_written
from headwater.symbolicate.remedies.bundlers import Bundler, bundler_of
from headwater.symbolicate.remedies.lines import Lines, lines_of
from headwater.symbolicate.remedies.place import Place
from headwater.symbolicate.resolution import Evidence, Original, Resolution, ResolvedFrame
from headwater.symbolicate.told import cause_of, lateness
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
    late: str = ""
    """`3 minutes`: how long after the event the file was uploaded that resolved it."""


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
    bundler: str | None = None
    """What built the files, as far as that can be told."""
    remedies: dict[Verdict, tuple[Lines, ...]] = {}
    """Lines to paste, by verdict; the bundler's own first, if it is known."""


def verdicts_of(event: Event, resolution: Resolution, place: Place | None = None) -> EventVerdicts:
    """Put the resolver's record beside the frames that it is about, with what to do.

    `place` is where the event's project has its uploads sent.
    """
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
            tuple(_frames(trace, resolved.get(trace.path, ()), event.timestamp)),
        )
        for trace in event.stacktraces
    )
    summary = Counter(frame.verdict for trace in traces for frame in trace.frames)
    guess = bundler_of(event, resolution)
    return EventVerdicts(
        event.event_id,
        event.release,
        event.dist,
        len(event.images),
        dict(summary),
        traces,
        guess,
        _remedies(event, traces, place or Place(), guess),
    )


def _remedies(
    event: Event, traces: tuple[StacktraceVerdicts, ...], place: Place, guess: Bundler | None
) -> dict[Verdict, tuple[Lines, ...]]:
    found: dict[Verdict, tuple[Lines, ...]] = {}
    for frame in (frame for trace in traces for frame in trace.frames):
        if frame.remedy and frame.verdict not in found:
            path = frame.raw.abs_path or frame.raw.filename or ""
            at = place.with_event(event.release, event.dist, path, frame.evidence.near)
            found[frame.verdict] = lines_of(frame.verdict, at, guess)
    return {verdict: lines for verdict, lines in found.items() if lines}


def _frames(
    trace: Stacktrace, resolved: tuple[ResolvedFrame, ...], happened: datetime
) -> Iterator[FrameVerdict]:
    for index, (frame, found) in enumerate(zip(trace.frames, resolved, strict=False)):
        if is_element(trace, frame):
            continue
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
            late=lateness(found, happened),
        )
