"""A digested event in the shapes that storage has."""

from datetime import datetime

from headwater.digest.digested import Digested
from headwater.grouping.fingerprint import Hashes
from headwater.storage.alerts.counts import Counted
from headwater.storage.events.events import NewEvent, SharedResolution
from headwater.storage.issues.hashes import EventHashes, Home
from headwater.storage.issues.sighting import Sighting
from headwater.storage.queue.queue import QueuedEnvelope


def event_hashes(hashes: Hashes) -> EventHashes:
    """As storage has them."""
    return EventHashes(
        provisional=hashes.provisional,
        final=hashes.final,
        is_final=hashes.is_final,
        without_source=hashes.without_source,
        earlier=event_hashes(hashes.earlier) if hashes.earlier else None,
    )


def sighting_of(one: Digested, received_at: datetime | None = None) -> Sighting:
    """What an event tells about its issue; `received_at`: when it came, if not just now."""
    return Sighting(
        event_id=one.event.event_id,
        timestamp=one.event.timestamp,
        title=one.title,
        culprit=one.culprit,
        level=one.event.level,
        platform=one.event.platform,
        is_settled=one.hashes.is_final,
        received_at=received_at,
        release=one.event.release,
    )


def counted_of(queued: QueuedEnvelope, one: Digested, issue_id: int) -> Counted:
    """What alerts count of it."""
    event = one.event
    return Counted(issue_id, queued.received_at, event.environment or "", event.user)


def new_of(
    queued: QueuedEnvelope, one: Digested, home: Home, resolution: SharedResolution
) -> NewEvent:
    """Its row."""
    return NewEvent(
        id=0,
        project_id=queued.project_id,
        event_id=one.event.event_id,
        issue_id=home.issue_id,
        timestamp=one.event.timestamp,
        received_at=queued.received_at,
        title=one.title,
        level=one.event.level,
        platform=one.event.platform,
        release=one.event.release,
        dist=one.event.dist,
        environment=one.event.environment,
        provisional_hash=one.hashes.provisional,
        final_hash=one.hashes.final,
        payload=one.payload,
        resolution=resolution,
        merged_from=home.merged_from,
    )
