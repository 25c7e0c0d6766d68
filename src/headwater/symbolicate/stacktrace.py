"""Minified stack traces in, a resolution out: the step list of symbolication."""

from typing import Final

from headwater.protocol.event import Event, Stacktrace
from headwater.sourcemaps.sourcemap import Mapping
from headwater.symbolicate.candidates import Candidates
from headwater.symbolicate.frame import Frames
from headwater.symbolicate.images import DebugImages
from headwater.symbolicate.resolution import (
    RESOLUTION_VERSION,
    Resolution,
    ResolvedFrame,
    ResolvedStacktrace,
)
from headwater.symbolicate.source_maps import SourceMaps
from headwater.symbolicate.source_texts import SourceTexts

NO_RELEASE: Final = "undefined"
"""What build plugins that found no version put into the code that they inject."""


def symbolicate(event: Event, maps: SourceMaps) -> Resolution:
    """Resolve every frame of every stack trace of an event, with a verdict for each.

    `maps` holds what the event's project may see. The event itself is left as it is.
    """
    release = None if event.release == NO_RELEASE else event.release
    frames = Frames(
        event.platform,
        DebugImages(event.images),
        Candidates(maps, release, event.dist),
        SourceTexts(maps, release, event.dist),
        maps,
    )
    traces = tuple(_resolve(trace, frames) for trace in event.stacktraces)
    return Resolution(RESOLUTION_VERSION, traces)


def _resolve(trace: Stacktrace, frames: Frames) -> ResolvedStacktrace:
    """From the oldest call to the newest: a caller's mapping may name the function it called."""
    resolved: list[ResolvedFrame] = []
    caller: Mapping | None = None
    for frame in trace.frames:
        step = frames.resolve(frame, caller)
        resolved.append(step.frame)
        caller = step.mapping
    return ResolvedStacktrace(trace.path, tuple(resolved))
