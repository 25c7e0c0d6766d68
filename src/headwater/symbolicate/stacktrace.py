"""Minified stack traces in, a resolution out: the step list of symbolication."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from headwater.protocol.event import Event, Frame, Stacktrace
from headwater.symbolicate.answers import Asking
from headwater.symbolicate.candidates import Candidates
from headwater.symbolicate.chains import Chains
from headwater.symbolicate.eligibility import path_of
from headwater.symbolicate.files import Files
from headwater.symbolicate.frame import FrameResolver, Step
from headwater.symbolicate.images import DebugImages
from headwater.symbolicate.misses import Misses
from headwater.symbolicate.resolution import (
    RESOLUTION_VERSION,
    Resolution,
    ResolvedFrame,
    ResolvedStacktrace,
)
from headwater.symbolicate.scripts import Scripts
from headwater.symbolicate.source_maps import SourceMaps
from headwater.symbolicate.source_texts import SourceTexts
from headwater.symbolicate.surroundings import NoSurroundings, Surroundings

NO_RELEASE: Final = "undefined"
"""What build plugins that found no version put into the code that they inject."""


def symbolicate(event: Event, maps: SourceMaps, around: Surroundings | None = None) -> Resolution:
    """Resolve every frame of every stack trace of an event, with a verdict for each.

    `maps` holds what the event's project may see, and `around` what lies beside that. The event itself is left as it is. A stored file
    that turns out to be damaged while it is read raises CompiledFileDamaged, or OSError: then
    nothing was resolved, and the caller, who can have the file made anew, asks again.
    """
    release = None if event.release == NO_RELEASE else event.release
    frames = Numbered(event.stacktraces)
    candidates = Candidates(maps, release, event.dist)
    finder = Files(event, DebugImages(event.images), candidates)
    files = [finder.find(path, of_file) for path, of_file in frames.by_file()]
    asking = Asking(SourceTexts(maps, release, event.dist), Scripts(maps))
    misses = Misses(event, release, around or NoSurroundings())
    resolver = FrameResolver(asking, Chains(candidates, asking), misses)
    resolver.read_ahead(files)
    steps: dict[int, Step] = {}
    for file in files:
        steps.update((number, Step(each)) for number, each in file.settled.items())
        steps.update(resolver.resolve(file))
    return Resolution(RESOLUTION_VERSION, tuple(frames.traces(steps)))


class Numbered:
    """The different frames of an event, numbered: one that occurs often is resolved once."""

    def __init__(self, stacktraces: Sequence[Stacktrace]) -> None:
        numbers: dict[Frame, int] = {}
        self._traces = [
            (trace, [numbers.setdefault(each, len(numbers)) for each in trace.frames])
            for trace in stacktraces
        ]
        self._frames = tuple(numbers)

    def by_file(self) -> Iterable[tuple[str, Sequence[tuple[int, Frame]]]]:
        """Frames with their numbers, by the path of the file that they are in."""
        files: dict[str, list[tuple[int, Frame]]] = {}
        for number, frame in enumerate(self._frames):
            files.setdefault(path_of(frame), []).append((number, frame))
        return files.items()

    def traces(self, steps: Mapping[int, Step]) -> Iterable[ResolvedStacktrace]:
        """The stack traces, each frame with its result.

        From the oldest call to the newest: a caller's mapping may name the function it called.
        A component did not call those within it.
        """
        for trace, numbers in self._traces:
            resolved: list[ResolvedFrame] = []
            caller: Step | None = None
            for number in numbers:
                step = steps[number]
                if trace.are_components:
                    resolved.append(step.as_component())
                else:
                    resolved.append(step.called_from(caller))
                    caller = step
            yield ResolvedStacktrace(trace.path, tuple(resolved))
