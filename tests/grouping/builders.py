"""Events and resolutions in few words."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from headwater.grouping.fingerprint import hashes
from headwater.protocol.event import Event, ExceptionValue, Frame, Stacktrace
from headwater.symbolicate.resolution import (
    RESOLUTION_VERSION,
    Evidence,
    Original,
    Resolution,
    ResolvedFrame,
    ResolvedStacktrace,
)
from headwater.symbolicate.verdicts import Verdict

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def error(
    *frames: Frame,
    type: str | None = "TypeError",  # noqa: A002 # as in an event
    value: str = "x is undefined",
    **more: Any,
) -> Event:
    """An event of one exception with these frames, outermost first."""
    path = ("exception", "values", 0, "stacktrace")
    synthetic = more.pop("synthetic", False)
    trace = Stacktrace(path, frames) if frames else None
    exception = ExceptionValue(type=type, value=value, synthetic=synthetic, stacktrace=trace)
    return Event(
        "0" * 32, more.pop("platform", "javascript"), NOON, exceptions=(exception,), **more
    )


def minified(file: str, function: str | None = "t", lineno: int = 1, colno: int = 5) -> Frame:
    """A frame of a bundle."""
    return Frame(abs_path=file, filename=file, function=function, lineno=lineno, colno=colno)


def original(
    filename: str,
    function: str | None = "f",
    lineno: int = 1,
    context: str | None = "f();",
    *,
    in_app: bool = True,
) -> ResolvedFrame:
    """A resolved frame."""
    place = Original(filename, filename, function, lineno, 1, context_line=context)
    return ResolvedFrame(Verdict.RESOLVED, place, in_app=in_app)


def named_by(frame: ResolvedFrame, where: str) -> ResolvedFrame:
    """A resolved frame whose function's name was taken from there."""
    return msgspec.structs.replace(frame, evidence=Evidence(named_by=where))


MISSING = ResolvedFrame(Verdict.DEBUG_ID_NOT_UPLOADED)
BUILT_IN = ResolvedFrame(Verdict.BUILT_IN, in_app=False)


def resolved(event: Event, *frames: ResolvedFrame) -> Resolution:
    """A resolution of the event's first stack trace."""
    traces = event.stacktraces
    found = (ResolvedStacktrace(traces[0].path, frames),) if traces else ()
    return Resolution(RESOLUTION_VERSION, found)


def fingerprint(event: Event, resolution: Resolution | None) -> str:
    """The final hash, by the resolution or without any."""
    return hashes(event, resolution or Resolution(RESOLUTION_VERSION)).final
