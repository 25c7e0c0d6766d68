"""From a queued envelope to the events in it."""

from dataclasses import dataclass

from headwater.protocol import item_type
from headwater.protocol.envelope import Envelope, Item, parse_envelope
from headwater.protocol.event import Event
from headwater.protocol.event_json import MalformedEvent, parse_event
from headwater.storage.queue import QueuedEnvelope


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event, and its JSON as it came."""

    event: Event
    payload: bytes


@dataclass(frozen=True, slots=True)
class Malformed:
    """An item that called itself an event and isn't one."""

    reason: str


def normalize(queued: QueuedEnvelope) -> tuple[Arrival | Malformed, ...]:
    """The envelope's events, each in one shape. One that can't be read doesn't cost the others.

    Raises MalformedEnvelope, though the door lets none pass.
    """
    envelope = parse_envelope(queued.envelope)
    items = [item for item in envelope.items if item.type == item_type.EVENT]
    # The envelope's own event id can be that of one event only.
    event_id = envelope.event_id if len(items) == 1 else None
    return tuple(_arrival(queued, envelope, item, event_id) for item in items)


def _arrival(
    queued: QueuedEnvelope, envelope: Envelope, item: Item, event_id: str | None
) -> Arrival | Malformed:
    try:
        event = parse_event(item.payload, queued.received_at, envelope.sent_at, event_id)
    except MalformedEvent as error:
        return Malformed(str(error))
    return Arrival(event, item.payload)
