"""What happens to an envelope, in order. Each line is a step in another file."""

from headwater.digest.digested import Digested
from headwater.digest.normalize import Arrival, Malformed, normalize
from headwater.grouping.fingerprint import hashes
from headwater.grouping.title import culprit, title
from headwater.storage.queue import QueuedEnvelope
from headwater.symbolicate.source_maps import SourceMaps
from headwater.symbolicate.stacktrace import symbolicate


def digest(queued: QueuedEnvelope, maps: SourceMaps) -> tuple[Digested | Malformed, ...]:
    """Everything that is to be known of an envelope's events before they are saved."""
    return tuple(
        _digest(arrival, maps) if isinstance(arrival, Arrival) else arrival
        for arrival in normalize(queued)
    )


def _digest(arrival: Arrival, maps: SourceMaps) -> Digested:
    event = arrival.event
    resolution = symbolicate(event, maps)
    return Digested(
        event=event,
        payload=arrival.payload,
        resolution=resolution,
        hashes=hashes(event, resolution),
        title=title(event),
        culprit=culprit(event, resolution),
    )
