"""The files that an event's frames are in, each with the maps that were found for it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from headwater.protocol.event import Event, Frame
from headwater.symbolicate.answers import Place
from headwater.symbolicate.candidates import Candidates, Found
from headwater.symbolicate.eligibility import settled, verdict_without_map
from headwater.symbolicate.images import DebugImages
from headwater.symbolicate.resolution import ResolvedFrame
from headwater.symbolicate.third_party import is_script_error


class Wanting(NamedTuple):
    """A frame that wants a map, and the place that it is at."""

    frame: Frame
    place: Place


class File(Struct, frozen=True):
    """One file's frames: those that no map is asked for, and those that want one."""

    path: str
    settled: Mapping[int, ResolvedFrame]
    """By the frame's number."""
    wanting: Mapping[int, Wanting]
    found: Found


class Files:
    """Finds the maps of one event's files."""

    def __init__(self, event: Event, images: DebugImages, candidates: Candidates) -> None:
        self._platform = event.platform
        self._is_hidden = is_script_error(event)
        self._images = images
        self._candidates = candidates

    def find(self, path: str, frames: Sequence[tuple[int, Frame]]) -> File:
        """The file at `path`, in which all of the numbered frames are."""
        images = self._images.of(path)
        done: dict[int, ResolvedFrame] = {}
        wanting: dict[int, Wanting] = {}
        for number, frame in frames:
            verdict = verdict_without_map(
                frame, self._platform, has_image=bool(images), is_hidden=self._is_hidden
            )
            if verdict is None:
                wanting[number] = Wanting(frame, place_of(frame))
            else:
                done[number] = settled(frame, verdict)
        found = self._candidates.of(path, images) if wanting else Found()
        return File(path, done, wanting, found)


def place_of(frame: Frame) -> Place:
    """The SDK's position in the map's counting. Column 0 does not exist where columns count from 1:
    it is how some SDKs say that they don't know."""
    return Place((frame.lineno or 1) - 1, frame.colno - 1 if frame.colno else None)
