"""What a batch of events tells of the releases that they came from."""

from collections.abc import Iterable

from headwater.protocol.event import Event
from headwater.storage.queue.queue import QueuedEnvelope
from headwater.storage.uploads.sightings import MAX_SEEN_IDS, ReleaseSighting, SeenRelease
from headwater.symbolicate.resolution import Resolution


def releases_seen(
    arrived: Iterable[tuple[QueuedEnvelope, Event, tuple[int, int]]],
) -> dict[SeenRelease, ReleaseSighting]:
    """By project and release; what came without a release is not counted. Each event with its
    `frame_counts`."""
    seen: dict[SeenRelease, ReleaseSighting] = {}
    for queued, event, counts in arrived:
        if not event.release:
            continue
        release = (queued.project_id, event.release)
        moment = queued.received_at
        sighting = seen.get(release)
        if sighting is None:
            sighting = seen[release] = ReleaseSighting(moment, moment)
        sighting.saw(moment, counts)
        for image in event.images[:MAX_SEEN_IDS]:
            sighting.files.setdefault(image.debug_id, image.code_file)
    return seen


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
