"""What would become of frames in a file, without any: the resolver's own search, before the event."""

from collections.abc import Sequence

import msgspec

from headwater.protocol.debug_id import DebugId
from headwater.protocol.event import DebugImage
from headwater.sourcemaps.compiled.parts import CompiledFileDamaged
from headwater.symbolicate.candidates import Candidates
from headwater.symbolicate.images import DebugImages
from headwater.symbolicate.source_maps import SourceMaps
from headwater.symbolicate.verdicts import Verdict


class RunningFile(msgspec.Struct, frozen=True):
    """A minified file as it runs: its address, and the debug ids that it tells the SDK."""

    url: str
    debug_ids: tuple[DebugId, ...] = ()


class Rehearsed(msgspec.Struct, frozen=True):
    """What would become of its frames. `verdict` is `resolved` when a map was found and opened."""

    url: str
    verdict: Verdict
    debug_id: DebugId | None = None
    source_map: str | None = None
    """Address of the uploaded map."""
    detail: str | None = None


def rehearse(
    files: Sequence[RunningFile], maps: SourceMaps, release: str | None, dist: str | None
) -> tuple[Rehearsed, ...]:
    """One answer for each file, in order. Raises what `maps` does."""
    candidates = Candidates(maps, release, dist)
    return tuple(_one(file, candidates) for file in files)


def _one(file: RunningFile, candidates: Candidates) -> Rehearsed:
    images = DebugImages([DebugImage(file.url, each) for each in file.debug_ids]).of(file.url)
    debug_id = images[0].debug_id if images else None
    try:
        found = candidates.of(file.url, images)
    except CompiledFileDamaged as error:
        # The next event that needs it has it made anew.
        return Rehearsed(file.url, Verdict.STORAGE_READ_FAILED, debug_id, detail=str(error))
    if found.candidates:
        best = found.candidates[0]
        return Rehearsed(file.url, Verdict.RESOLVED, debug_id, best.address, found.detail)
    verdict = found.verdict or Verdict.URL_NOT_UPLOADED
    return Rehearsed(file.url, verdict, debug_id, None, found.detail)
