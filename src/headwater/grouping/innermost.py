"""The frame that people look at first: the innermost of their own code."""

from collections.abc import Iterator

from headwater.grouping.frames import components
from headwater.protocol.component_stack import errors_and_components, is_element
from headwater.protocol.event import Event, Frame, Stacktrace
from headwater.symbolicate.resolution import Resolution, ResolvedFrame
from headwater.symbolicate.verdicts import Verdict

Place = tuple[Frame, ResolvedFrame | None]


def thrown_trace(event: Event) -> Stacktrace | None:
    """The stack trace of the thrown exception, else of a cause, else any."""
    for exception in reversed(event.exceptions):
        if exception.stacktrace is not None:
            return exception.stacktrace
    return event.stacktrace or next(iter(event.threads), None)


def innermost(event: Event, resolution: Resolution) -> Place | None:
    """The innermost frame of the user's own that says anything; else the innermost that does."""
    trace = thrown_trace(event)
    return None if trace is None else _innermost_of(trace, event.platform, resolution)


def culprit_place(event: Event, resolution: Resolution) -> Place | None:
    """What an issue names as its place: the innermost own frame that is known as it was written.

    Else the innermost one; but where the frames are all React's, the component that it rendered.
    """
    trace = thrown_trace(event)
    place = None if trace is None else _best_of(trace, event.platform, resolution)
    _, components = errors_and_components(event)
    if components is None or (place is not None and _is_own(event.platform, *place)):
        return place
    component = _best_of(components, event.platform, resolution)
    return component if component and _is_own(event.platform, *component) else place


def _innermost_of(trace: Stacktrace, platform: str, resolution: Resolution) -> Place | None:
    telling = list(_telling(trace, resolution))
    own = (place for place in telling if _is_own(platform, *place))
    return next(own, telling[0] if telling else None)


def _best_of(trace: Stacktrace, platform: str, resolution: Resolution) -> Place | None:
    own = (place for place in _telling(trace, resolution) if _is_own(platform, *place))
    known = (place for place in own if not _is_unknown(place[1]))
    return next(known, None) or _innermost_of(trace, platform, resolution)


def _telling(trace: Stacktrace, resolution: Resolution) -> Iterator[Place]:
    """The frames that say anything, the throwing one first."""
    found = next((each.frames for each in resolution.stacktraces if each.path == trace.path), ())
    for index in range(len(trace.frames) - 1, -1, -1):
        frame = trace.frames[index]
        if (frame.abs_path or frame.module or frame.function) and not is_element(trace, frame):
            yield frame, found[index] if index < len(found) else None


def _is_unknown(resolved: ResolvedFrame | None) -> bool:
    """Also what is as good as that: a script that may be another company's."""
    if resolved is None:
        return False
    return resolved.verdict.is_failure or resolved.verdict is Verdict.THIRD_PARTY


def _is_own(platform: str, frame: Frame, resolved: ResolvedFrame | None) -> bool:
    if resolved is not None and resolved.in_app is not None:
        return resolved.in_app
    return components(platform, (frame,))[0].is_in_app
