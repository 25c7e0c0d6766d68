"""What a batch of events tells of the releases that they came from."""

from collections.abc import Iterable
from typing import Final

from headwater.protocol.event import Event
from headwater.sourcemaps.compiled.cache import Cache
from headwater.storage.queue import QueuedEnvelope
from headwater.storage.sightings import MAX_SEEN_IDS, ReleaseSighting, SeenRelease
from headwater.symbolicate.resolution import Resolution

COUNTED_BYTES: Final = 1024**2
"""Memory of the counts of resolutions that came lately: some thousands."""

_COUNT_BYTES: Final = 300


class Sighted:
    """Counts; events that are alike share their resolution, which is looked through once."""

    def __init__(self) -> None:
        self._counted = Cache(COUNTED_BYTES)

    def of(
        self, arrived: Iterable[tuple[QueuedEnvelope, Event, Resolution]]
    ) -> dict[SeenRelease, ReleaseSighting]:
        """By project and release; what came without a release is not counted."""
        seen: dict[SeenRelease, ReleaseSighting] = {}
        for queued, event, resolution in arrived:
            if not event.release:
                continue
            release = (queued.project_id, event.release)
            moment = queued.received_at
            sighting = seen.get(release)
            if sighting is None:
                sighting = seen[release] = ReleaseSighting(moment, moment)
            sighting.saw(moment, self._counts(resolution))
            for image in event.images[:MAX_SEEN_IDS]:
                sighting.files.setdefault(image.debug_id, image.code_file)
        return seen

    def _counts(self, resolution: Resolution) -> tuple[int, int]:
        known, counts = self._counted.get(id(resolution)) or (None, (0, 0))
        if known is None:
            counts = frame_counts(resolution)
            # With the resolution itself, so that no other can have its identity.
            self._counted.put(id(resolution), (resolution, counts), _COUNT_BYTES)
        return counts


def frame_counts(resolution: Resolution) -> tuple[int, int]:
    """How many frames of the project's own code are shown as they were written, and how many should
    be and are not. What is library code, or was never minified, counts as neither."""
    resolved = failed = 0
    for trace in resolution.stacktraces:
        for frame in trace.frames:
            if frame.in_app is not False:
                resolved += frame.verdict.is_resolved
                failed += frame.verdict.is_failure
    return resolved, failed
