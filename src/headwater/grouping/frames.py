"""What of a stack trace tells one error from another: its own frames, never a line or column."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import Final

from headwater.grouping.in_app import is_in_app
from headwater.grouping.minified import stable_function, stable_path
from headwater.protocol.event import Event, Frame, Stacktrace
from headwater.symbolicate.resolution import Original, Resolution, ResolvedFrame

MAX_CONTEXT: Final = 120
"""Characters of a line of source that count; Sentry's number. Longer ones are generated."""

Path = tuple[str | int, ...]
Resolved = dict[Path, tuple[ResolvedFrame, ...]]


class Quality(Enum):
    """What a frame's part of a hash rests on."""

    RESOLVED = "resolved"
    AS_WRITTEN = "as written"
    MINIFIED = "minified"


@dataclass(frozen=True, slots=True)
class Component:
    """One frame's part of a hash. `is_telling`: it says more than which file."""

    parts: tuple[str, ...]
    is_in_app: bool
    quality: Quality
    is_telling: bool


def by_path(resolution: Resolution | None) -> Resolved:
    """A resolution's stack traces, to be found by where they are in the event."""
    return {trace.path: trace.frames for trace in resolution.stacktraces} if resolution else {}


def components(event: Event, trace: Stacktrace, resolved: Resolved) -> tuple[Component, ...]:
    """The frames that count, outermost first: in-app ones if there are any, and each recursion once."""
    verdicts = resolved.get(trace.path, ())
    every = [
        _component(event, frame, verdicts[index] if index < len(verdicts) else None)
        for index, frame in enumerate(trace.frames)
    ]
    own = [component for component in every if component.is_in_app]
    telling = [component for component in own or every if any(component.parts)]
    return tuple(_once(telling))


def _once(found: list[Component]) -> Iterator[Component]:
    for _, same in groupby(found, key=lambda component: (component.parts, component.quality)):
        yield next(same)


def _component(event: Event, frame: Frame, resolved: ResolvedFrame | None) -> Component:
    in_app = is_in_app(frame)
    if resolved and resolved.in_app is not None:
        in_app = resolved.in_app
    if resolved and resolved.original:
        return Component(_original(resolved.original), in_app, Quality.RESOLVED, is_telling=True)
    is_minified = resolved is not None and resolved.verdict.is_failure
    quality = Quality.MINIFIED if is_minified else Quality.AS_WRITTEN
    return Component(_raw(event, frame), in_app, quality, _tells(event, frame))


def _original(original: Original) -> tuple[str, ...]:
    path = "/".join(part for part in original.filename.split("/") if part not in ("", ".", ".."))
    context = " ".join((original.context_line or "").split())[:MAX_CONTEXT]
    return (path, original.function or "", context)


def _raw(event: Event, frame: Frame) -> tuple[str, ...]:
    if _is_javascript(event, frame):
        path = stable_path(frame.abs_path or frame.filename or "")
        return (path, stable_function(frame.function) or "")
    # Other platforms name modules and functions as they were written.
    path = frame.module or frame.filename or frame.abs_path or ""
    context = "" if frame.function else " ".join((frame.context_line or "").split())[:MAX_CONTEXT]
    return (path, frame.function or "", context)


def _tells(event: Event, frame: Frame) -> bool:
    return not _is_javascript(event, frame) or stable_function(frame.function) is not None


def _is_javascript(event: Event, frame: Frame) -> bool:
    return (frame.platform or event.platform) in ("javascript", "node")
