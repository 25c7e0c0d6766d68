"""What would become of frames in a file, without any: the resolver's own search, before the event."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec import Struct

from headwater.protocol.debug_id import DebugId
from headwater.protocol.event import DebugImage, Event
from headwater.sourcemaps.compiled.parts import CompiledFileDamaged
from headwater.symbolicate.candidates import Candidates, Found
from headwater.symbolicate.comparing import Comparing, best_of
from headwater.symbolicate.evidence import BY_ID, other_build
from headwater.symbolicate.misses import Misses
from headwater.symbolicate.source_maps import Artifact, SourceMaps
from headwater.symbolicate.surroundings import Surroundings
from headwater.symbolicate.told import near_of
from headwater.symbolicate.verdicts import Verdict

MisfitOf = Callable[[Artifact], str | None]

_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Nothing is waited for: a build asks what is there."""


class RunningFile(msgspec.Struct, frozen=True):
    """A minified file as it runs: its address, and the debug ids that it tells the SDK."""

    url: str
    debug_ids: tuple[DebugId, ...] = ()
    code: str | None = None
    """Its `code_digest`, where it was read."""


class Rehearsed(msgspec.Struct, frozen=True):
    """What would become of its frames. `verdict` is `resolved` when one map was found and opened, and
    nothing speaks against it."""

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


class Rehearsal(Struct, frozen=True):
    """Of one release and dist, with what one project may see. `misfit_of` says why the map of an
    uploaded minified file does not fit it, if that was found when it was looked through."""

    maps: SourceMaps
    around: Surroundings
    release: str | None
    dist: str | None
    misfit_of: MisfitOf

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
        comparing = Comparing(self.maps)
        return tuple(self._one(file, candidates, misses, comparing) for file in files)

    def _one(
        self, file: RunningFile, candidates: Candidates, misses: Misses, comparing: Comparing
    ) -> Rehearsed:
        # Its own only: two builds of a release have the same addresses. Of several that a file says
        # one after another, an event carries the last.
        images = [DebugImage(file.url, each) for each in file.debug_ids[-1:]]
        debug_id = images[0].debug_id if images else None
        try:
            found = candidates.of(file.url, images)
            if found.candidates:
                return self._found(file, found, comparing)
        except CompiledFileDamaged as error:
            # The next event that needs it has it made anew.
            return Rehearsed(file.url, Verdict.STORAGE_READ_FAILED, debug_id, detail=str(error))
        miss = misses.of(file.url, found)
        detail = miss.detail
        if len(file.debug_ids) > 1:
            several = (
                f"the file has {len(file.debug_ids)} debug ids, of which events carry the last"
            )
            detail = f"{detail}; {several}" if detail else several
        return Rehearsed(file.url, miss.verdict, debug_id, near=near_of(miss.near), detail=detail)

    def _found(self, file: RunningFile, found: Found, comparing: Comparing) -> Rehearsed:
        left = comparing.of_the_same_code(best_of(found.candidates, file.url), file.code)
        best = (left or found.candidates)[0]
        near = () if best.resolved_with == BY_ID else other_build(found, best)
        misfit = self.misfit_of(best.script) if best.script else None
        verdict, detail = Verdict.RESOLVED, found.detail
        if near:
            verdict = Verdict.SUSPICIOUS_MAPPING
        elif not left:
            verdict = Verdict.POSITION_OUT_OF_RANGE
            detail = "the deployed file's code is not that of the uploaded one"
        elif not comparing.agree(left):
            by_id = best.resolved_with == BY_ID
            verdict = Verdict.ID_CONFLICT if by_id else Verdict.AMBIGUOUS_BY_URL
            detail = f"{len(left)} maps, which lead to different places"
        elif misfit is not None:
            verdict, detail = Verdict.SUSPICIOUS_MAPPING, misfit
        return Rehearsed(
            file.url,
            verdict,
            found.image.debug_id if found.image else None,
            best.address,
            best.resolved_with,
            near=near_of(near),
            detail=detail,
        )
