"""The files that an event's frames are in, each with the maps that were found for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headwater.protocol.event import Frame
from headwater.symbolicate.candidates import Candidates, Found
from headwater.symbolicate.eligibility import verdict_without_map
from headwater.symbolicate.images import DebugImages
from headwater.symbolicate.resolution import ResolvedFrame
from headwater.symbolicate.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class File:
    """One file's frames: those that no map is asked for, and those that want one."""

    path: str
    settled: Mapping[int, ResolvedFrame]
    """By the frame's number."""
    wanting: Mapping[int, Frame]
    found: Found


class Files:
    """Finds the maps of one event's files."""

    def __init__(self, platform: str, images: DebugImages, candidates: Candidates) -> None:
        self._platform = platform
        self._images = images
        self._candidates = candidates

    def find(self, path: str, frames: Sequence[tuple[int, Frame]]) -> File:
        """The file at `path`, in which all of the numbered frames are."""
        images = self._images.of(path)
        settled: dict[int, ResolvedFrame] = {}
        wanting: dict[int, Frame] = {}
        for number, frame in frames:
            verdict = verdict_without_map(frame, self._platform, has_image=bool(images))
            if verdict is None:
                wanting[number] = frame
            else:
                own = False if verdict is Verdict.BUILT_IN else frame.in_app
                settled[number] = ResolvedFrame(verdict, in_app=own)
        found = self._candidates.of(path, images) if wanting else Found()
        return File(path, settled, wanting, found)
