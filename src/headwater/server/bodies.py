"""From a request's body to an envelope: one way for each kind of address that takes any."""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct
from starlette.requests import Request

from headwater.protocol import item_type
from headwater.protocol.envelope import (
    Envelope,
    MalformedEnvelope,
    dsn_of,
    envelope_of,
    item_of,
    parse_envelope,
)
from headwater.protocol.event import Json
from headwater.protocol.event_id import new_event_id, parse_event_id
from headwater.protocol.json_text import MalformedJson, decode_json
from headwater.protocol.security_report import Sender, envelope_of_report
from headwater.protocol.user_report import MalformedUserReport, envelope_of_user_report
from headwater.server.event_refused import EventRefused

MAX_FORM_FIELDS: Final = 20
"""Fields of a form; the crash dialog's has three, Sentry's has as many."""

MAX_FORM: Final = 64 * 1024
"""Bytes of a form, and of a script's user report: all that is kept of one is 5 KB."""


class Door(Struct, frozen=True):
    """How bodies are read: at most `limit` bytes, as `setting` says. `has_dsn`: may say whose they are.

    `take_apart` raises EventRefused.
    """

    take_apart: Callable[[Request, bytes], Envelope]
    limit: int
    setting: str
    has_dsn: bool = False


def key_within(start: bytes) -> str | None:
    """The key in the DSN of an envelope that begins like this. Raises EventRefused."""
    try:
        dsn = dsn_of(start)
    except MalformedEnvelope as error:
        raise EventRefused(400, "malformed_envelope", str(error)) from None
    return dsn.public_key if dsn else None


def event_id_within(envelope: Envelope) -> str | None:
    """What the first item says that it, or what it is about, is called."""
    for item in envelope.items[:1]:
        try:
            return parse_event_id(msgspec.json.decode(item.payload, type=_EventHead).event_id)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
    return None


def read_envelope(_request: Request, body: bytes) -> Envelope:
    """Any items."""
    try:
        return parse_envelope(body)
    except MalformedEnvelope as error:
        raise EventRefused(400, "malformed_envelope", str(error)) from None


def read_event(_request: Request, body: bytes) -> Envelope:
    """An event alone."""
    event_id = parse_event_id(_event_id_of(body)) or new_event_id()
    return envelope_of(item_of(item_type.EVENT, body), event_id)


def read_report(request: Request, body: bytes) -> Envelope:
    """A browser's report, or a list of them; the address may say of which release."""
    said = request.query_params
    sender = Sender(
        said.get("sentry_release", ""),
        said.get("sentry_environment", ""),
        request.headers.get("user-agent", ""),
    )
    return envelope_of_report(body, sender)


def read_user_report(_request: Request, body: bytes) -> Envelope:
    """`{"event_id", "name", "email", "comments"}`."""
    try:
        fields = decode_json(body)
    except MalformedJson as error:
        raise _malformed(f"the report is {error}") from None
    if not isinstance(fields, dict):
        raise _malformed("the report is not a JSON object")
    return _of_user(fields)


def read_form(request: Request, body: bytes) -> Envelope:
    """The crash dialog's form; the address says which event it is about."""
    try:
        fields = parse_qsl(body.decode(errors="replace"), max_num_fields=MAX_FORM_FIELDS)
    except ValueError:
        raise _malformed(f"the form has more than {MAX_FORM_FIELDS} fields") from None
    return _of_user({**dict(fields), "event_id": request.query_params.get("eventId")})


def _of_user(fields: Mapping[str, Json]) -> Envelope:
    try:
        return envelope_of_user_report(fields)
    except MalformedUserReport as error:
        raise _malformed(str(error)) from None


def _malformed(sentence: str) -> EventRefused:
    return EventRefused(400, "malformed_user_report", sentence)


def _event_id_of(body: bytes) -> object:
    try:
        return msgspec.json.decode(body, type=_EventHead).event_id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # perhaps it can be repaired
    try:
        event = decode_json(body)
    except MalformedJson as error:
        raise EventRefused(400, "malformed_event", f"the event is {error}") from None
    if not isinstance(event, dict):
        raise EventRefused(400, "malformed_event", "the event is not a JSON object")
    return event.get("event_id")


class _EventHead(msgspec.Struct):
    # Typed, so that the rest of the event is skipped and not built.
    event_id: object = None
