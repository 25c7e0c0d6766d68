"""The frame that people look at first: the innermost of their own code."""

from headwater.grouping.frames import components
from headwater.protocol.component_stack import errors_and_components
from headwater.protocol.event import Event, Frame, Stacktrace
from headwater.symbolicate.resolution import Resolution, ResolvedFrame

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
    """The same; but where the frames are all React's, the component that it was rendering."""
    place = innermost(event, resolution)
    _, components = errors_and_components(event)
    if components is None or (place is not None and _is_own(event.platform, *place)):
        return place
    component = _innermost_of(components, event.platform, resolution)
    return component if component and _is_own(event.platform, *component) else place


def _innermost_of(trace: Stacktrace, platform: str, resolution: Resolution) -> Place | None:
    found = next((each.frames for each in resolution.stacktraces if each.path == trace.path), ())
    fallback: Place | None = None
    for index in range(len(trace.frames) - 1, -1, -1):
        frame = trace.frames[index]
        resolved = found[index] if index < len(found) else None
        if not (frame.abs_path or frame.module or frame.function):
            continue
        if _is_own(platform, frame, resolved):
            return frame, resolved
        fallback = fallback or (frame, resolved)
    return fallback


def _is_own(platform: str, frame: Frame, resolved: ResolvedFrame | None) -> bool:
    if resolved is not None and resolved.in_app is not None:
        return resolved.in_app
    return components(platform, (frame,))[0].is_in_app
