"""Minified stack traces in, a resolution out: the step list of symbolication."""

from typing import Final

from headwater.protocol.event import Event, Frame, Stacktrace
from headwater.sourcemaps.sourcemap import Mapping
from headwater.symbolicate.candidates import Candidates
from headwater.symbolicate.eligibility import path_of
from headwater.symbolicate.frame import Files, Step
from headwater.symbolicate.images import DebugImages
from headwater.symbolicate.resolution import (
    RESOLUTION_VERSION,
    Resolution,
    ResolvedFrame,
    ResolvedStacktrace,
)
from headwater.symbolicate.scripts import Scripts
from headwater.symbolicate.source_maps import SourceMaps
from headwater.symbolicate.source_texts import SourceTexts
from headwater.symbolicate.work import Work

NO_RELEASE: Final = "undefined"
"""What build plugins that found no version put into the code that they inject."""


def symbolicate(event: Event, maps: SourceMaps, work: Work | None = None) -> Resolution:
    """Resolve every frame of every stack trace of an event, with a verdict for each.

    `maps` holds what the event's project may see; `work` follows and bounds what is done. The
    event itself is left as it is.
    """
    work = work or Work()
    release = None if event.release == NO_RELEASE else event.release
    files = Files(
        event.platform,
        DebugImages(event.images),
        Candidates(maps, release, event.dist, work),
        lambda: SourceTexts(maps, release, event.dist),
        lambda: Scripts(maps),
        work,
    )
    steps: dict[Frame, Step] = {}
    for path, frames in _by_file(event).items():
        steps.update(files.resolve(path, frames))
    traces = tuple(_resolved(trace, steps) for trace in event.stacktraces)
    return Resolution(RESOLUTION_VERSION, traces)


def _by_file(event: Event) -> dict[str, list[Frame]]:
    """Every different frame by its file, so that one file's maps can go before the next one's come."""
    files: dict[str, list[Frame]] = {}
    for frame in dict.fromkeys(each for trace in event.stacktraces for each in trace.frames):
        files.setdefault(path_of(frame), []).append(frame)
    return files


def _resolved(trace: Stacktrace, steps: dict[Frame, Step]) -> ResolvedStacktrace:
    """From the oldest call to the newest: a caller's mapping may name the function it called."""
    resolved: list[ResolvedFrame] = []
    caller: Mapping | None = None
    for frame in trace.frames:
        step = steps[frame]
        resolved.append(step.called_from(caller))
        caller = step.mapping
    return ResolvedStacktrace(trace.path, tuple(resolved))
