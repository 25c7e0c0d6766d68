"""An event that was digested elsewhere, as far as this server has to understand it."""

from datetime import datetime

import msgspec

from headwater.digest.own_places import own_places
from headwater.digest.wanting import keys_of
from headwater.protocol.event_json import MalformedEvent, parse_event
from headwater.storage.exchange.events import Read
from headwater.symbolicate.resolution import Resolution, bundles_used, read_resolution


def read_arriving(
    payload: bytes, resolution: bytes, received_at: datetime, event_id: str, max_bytes: int
) -> Read | None:
    """None if it is no event, or too large for one. A resolution that can't be read is none: the event is
    resolved again in any case."""
    if len(payload) > max_bytes:
        return None
    try:
        event = parse_event(payload, received_at, event_id=event_id)
    except MalformedEvent:
        return None
    try:
        found = read_resolution(resolution)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = Resolution(version=0)
    text = msgspec.json.encode(found)
    return Read(text, bundles_used(found), own_places(found), frozenset(keys_of(event, found)))
