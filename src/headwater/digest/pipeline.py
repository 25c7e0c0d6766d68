"""What happens to an envelope, in order. Each line is a step in another file."""

from collections.abc import Callable
from typing import TypeAlias

from headwater.digest.digested import Digested
from headwater.digest.normalize import Arrival, Malformed, normalize
from headwater.grouping.fingerprint import hashes
from headwater.grouping.title import culprit, title
from headwater.protocol.event import Event
from headwater.storage.queue import QueuedEnvelope
from headwater.symbolicate.resolution import Resolution

Resolve: TypeAlias = Callable[[int, Event], Resolution]
"""Symbolicates an event of a project; raises ResolverUnavailable."""


def digest(queued: QueuedEnvelope, resolve: Resolve) -> tuple[Digested | Malformed, ...]:
    """Everything that is to be known of an envelope's events before they are saved."""
    return tuple(
        _digest(queued.project_id, arrival, resolve) if isinstance(arrival, Arrival) else arrival
        for arrival in normalize(queued)
    )


def _digest(project_id: int, arrival: Arrival, resolve: Resolve) -> Digested:
    event = arrival.event
    resolution = resolve(project_id, event)
    return Digested(
        event=event,
        payload=arrival.payload,
        resolution=resolution,
        hashes=hashes(event, resolution),
        title=title(event),
        culprit=culprit(event, resolution),
    )
