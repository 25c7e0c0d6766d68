"""What would become of frames in a file, without any: the resolver's own search, before the event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec

from headwater.protocol.debug_id import DebugId
from headwater.protocol.event import DebugImage, Event
from headwater.sourcemaps.compiled.parts import CompiledFileDamaged
from headwater.symbolicate.candidates import Candidates
from headwater.symbolicate.evidence import BY_ID, other_build
from headwater.symbolicate.misses import Misses
from headwater.symbolicate.near_misses import NearMiss
from headwater.symbolicate.resolution import Evidence, ResolvedFrame
from headwater.symbolicate.source_maps import SourceMaps
from headwater.symbolicate.surroundings import Surroundings
from headwater.symbolicate.told import near_of
from headwater.symbolicate.verdicts import Verdict

_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Nothing is waited for: a build asks what is there."""


class RunningFile(msgspec.Struct, frozen=True):
    """A minified file as it runs: its address, and the debug ids that it tells the SDK."""

    url: str
    debug_ids: tuple[DebugId, ...] = ()


class Rehearsed(msgspec.Struct, frozen=True):
    """What would become of its frames. `verdict` is `resolved` when a map was found and opened, and
    `suspicious_mapping` when it is that of another build at the same address."""

    url: str
    verdict: Verdict
    debug_id: DebugId | None = None
    source_map: str | None = None
    """Address of the uploaded map."""
    resolved_with: str | None = None
    """`debug-id`, `release` or `inline`: how the map was found."""
    near: tuple[str, ...] = ()
    """What was uploaded beside what was looked for, each in a sentence."""
    detail: str | None = None

    @property
    def is_certain(self) -> bool:
        """Whether a map is there, and of this very build as far as ids tell."""
        return self.verdict is Verdict.RESOLVED


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Of one release and dist, with what one project may see."""

    maps: SourceMaps
    around: Surroundings
    release: str | None
    dist: str | None

    def of(self, files: Sequence[RunningFile]) -> tuple[Rehearsed, ...]:
        """One answer for each file, in order. Raises what its parts do."""
        images = [DebugImage(file.url, each) for file in files for each in file.debug_ids]
        event = Event(
            "0" * 32,
            "javascript",
            _LONG_AGO,
            release=self.release,
            dist=self.dist,
            images=tuple(images),
        )
        misses = Misses(event, self.release, self.around)
        candidates = Candidates(self.maps, self.release, self.dist)
        return tuple(_one(file, candidates, misses) for file in files)


def _one(file: RunningFile, candidates: Candidates, misses: Misses) -> Rehearsed:
    # Its own only, the last first as of an event: two builds of a release have the same addresses.
    images = [DebugImage(file.url, each) for each in reversed(file.debug_ids)]
    debug_id = images[0].debug_id if images else None
    try:
        found = candidates.of(file.url, images)
    except CompiledFileDamaged as error:
        # The next event that needs it has it made anew.
        return Rehearsed(file.url, Verdict.STORAGE_READ_FAILED, debug_id, detail=str(error))
    if found.candidates:
        best = found.candidates[0]
        near = () if best.resolved_with == BY_ID else other_build(found, best)
        return Rehearsed(
            file.url,
            Verdict.SUSPICIOUS_MAPPING if near else Verdict.RESOLVED,
            debug_id,
            best.address,
            best.resolved_with,
            near=_told(near),
            detail=found.detail,
        )
    miss = misses.of(file.url, found)
    return Rehearsed(file.url, miss.verdict, debug_id, near=_told(miss.near), detail=miss.detail)


def _told(near: tuple[NearMiss, ...]) -> tuple[str, ...]:
    return near_of(ResolvedFrame(Verdict.SUSPICIOUS_MAPPING, evidence=Evidence(near=near)))
