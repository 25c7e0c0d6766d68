"""What a batch of events tells of the releases and hours that they came from, and of bundles in use."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol, TypeAlias

from headwater.protocol.event import Event
from headwater.storage.events.project_hours import NO_RELEASE, Came, HourKey
from headwater.storage.queue.queue import QueuedEnvelope
from headwater.storage.uploads.sightings import MAX_SEEN_IDS, ReleaseSighting, SeenRelease
from headwater.storage.window import hour_number
from headwater.symbolicate.resolution import Resolution


class FrameFacts(Protocol):
    """What is counted of an event's frames: `digest.written.Written`."""

    @property
    def counts(self) -> tuple[int, int]:
        """Its `frame_counts`."""
        ...

    @property
    def digest(self) -> bytes:
        """Of its resolution."""
        ...

    @property
    def bundles(self) -> frozenset[int]:
        """Its `bundles_used`."""
        ...


Seen: TypeAlias = tuple[QueuedEnvelope, Event, FrameFacts]
"""An event, and what is counted of it."""


def releases_seen(arrived: Iterable[Seen]) -> dict[SeenRelease, ReleaseSighting]:
    """By project and release; what came without a release is not counted."""
    seen: dict[SeenRelease, ReleaseSighting] = {}
    for queued, event, facts in arrived:
        if not event.release:
            continue
        release = (queued.project_id, event.release)
        moment = queued.received_at
        sighting = seen.get(release)
        if sighting is None:
            sighting = seen[release] = ReleaseSighting(moment, moment)
        sighting.saw(moment, facts.counts)
        for image in event.images[:MAX_SEEN_IDS]:
            sighting.files.setdefault(image.debug_id, image.code_file)
    return seen


def hours_seen(arrived: Iterable[Seen]) -> dict[HourKey, Came]:
    """By project, hour, level and release."""
    seen: defaultdict[HourKey, Came] = defaultdict(Came)
    for queued, event, facts in arrived:
        hour = hour_number(queued.received_at)
        release = event.release or NO_RELEASE
        seen[HourKey(queued.project_id, hour, event.level, release)].add(1, *facts.counts)
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
