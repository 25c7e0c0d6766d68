"""From a queued envelope to the events in it: read once, brought to one shape, trimmed, scrubbed."""

from typing import Final

import msgspec
from msgspec import Struct

from headwater.digest.known_exceptions import KnownExceptions
from headwater.digest.reported import Reported, reported
from headwater.digest.scrub import Scrubber, scrubber
from headwater.digest.trim import MAX_TRIMMED, trim
from headwater.protocol import item_type
from headwater.protocol.encoding import decode
from headwater.protocol.envelope import parse_envelope
from headwater.protocol.event import Event, ExceptionValue
from headwater.protocol.event_json import MalformedEvent, read_event
from headwater.protocol.event_parts import open_part, take_apart
from headwater.protocol.json_text import MalformedJson, measure
from headwater.protocol.old_forms import modernize
from headwater.storage.projects import Choices
from headwater.storage.queue.queue import QueuedEnvelope

MAX_UNPACKED: Final = 256 * 1024**2
"""Bytes of an envelope, unpacked. The door has checked its own, lower limit (20 MiB by default)."""


class Arrival(Struct, frozen=True):
    """An event, and its JSON: as it came, unless something was mended, trimmed or scrubbed."""

    event: Event
    payload: bytes


class Malformed(Struct, frozen=True):
    """An item that called itself an event and isn't one."""

    reason: str


def normalize(
    queued: QueuedEnvelope, choices: Choices, known: KnownExceptions | None = None
) -> tuple[Arrival | Malformed | Reported, ...]:
    """The envelope's events, each in one shape, and what users said. One that can't be read doesn't cost the others.

    `known` saves time, and makes no difference.

    Raises MalformedEnvelope or UndecodableBody, though the door lets none pass.
    """
    body = queued.envelope
    if queued.encoding:
        body = decode(body, queued.encoding, MAX_UNPACKED)
    envelope = parse_envelope(body)
    payloads = [item.payload for item in envelope.items if item.type == item_type.EVENT]
    # The envelope's own event id, and what its sender was told, can be that of one event only.
    event_id = (envelope.event_id or queued.event_id or None) if len(payloads) == 1 else None

    scrubs = scrubber(choices.scrubs_secrets, choices.sensitive_fields)
    known = known or KnownExceptions()

    def arrival(payload: bytes) -> Arrival | Malformed:
        found: tuple[ExceptionValue, ...] | None = None

        def knows(text: bytes) -> bool:
            nonlocal found
            # What is larger may lose local variables, and is looked through whole.
            found = known.get(scrubs, text) if len(payload) <= MAX_TRIMMED else None
            return found is not None

        try:
            raw, is_mended, text = take_apart(payload, knows)
            found = None if text is None else found
            cleaned = _cleaned(raw, payload, scrubs, is_mended=is_mended)
            event = read_event(raw, queued.received_at, envelope.sent_at, event_id, found)
        except (MalformedEvent, MalformedJson) as error:
            return Malformed(str(error))
        if text is not None and found is None and cleaned is payload:
            known.saw(scrubs, text, raw["exception"], event.exceptions)
        return Arrival(event, cleaned)

    return (*[arrival(payload) for payload in payloads], *reported(envelope, queued, scrubs))


def _cleaned(raw: object, payload: bytes, scrubs: Scrubber | None, *, is_mended: bool) -> bytes:
    """The JSON of what is left of an event, which is changed in place."""
    if not isinstance(raw, dict):
        return payload
    has_changed = modernize(raw) or is_mended
    # What is not UTF-8 triples when it is mended, and control characters become six.
    has_changed |= trim(raw, measure(raw) if is_mended else len(payload))
    has_changed |= scrubs is not None and scrubs.scrub(raw)
    if has_changed:
        open_part(raw, "exception")  # so that it is spelled like all the rest
        return msgspec.json.encode(raw)
    return payload
