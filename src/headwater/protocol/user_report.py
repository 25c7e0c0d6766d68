"""What a user wrote about an error: `user_report` items, and `feedback`, their successor."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from headwater.protocol.envelope import Envelope, Item, envelope_of, item_of
from headwater.protocol.event import Json
from headwater.protocol.event_id import parse_event_id
from headwater.protocol.item_type import FEEDBACK, USER_REPORT
from headwater.protocol.json_text import MalformedJson, decode_json
from headwater.protocol.json_value import as_object, as_text

_SAID: Final = ("name", "email", "comments")


class MalformedUserReport(Exception):
    """Nothing that a user could have said; the message says what was expected."""


class Said(Struct, frozen=True):
    """`event_id`: 32 hexadecimal digits of the event it is about; of a `feedback` about none, its own.

    Texts may be empty, but not all of them, and are of any length.
    """

    event_id: str
    name: str
    email: str
    comments: str


def parse_said(item: Item, event_id: str | None) -> Said:
    """Read an item of either type; `event_id` is its envelope's. Raises MalformedUserReport."""
    try:
        fields = decode_json(item.payload)
    except MalformedJson as error:
        raise MalformedUserReport(f"the report is {error}") from None
    if not isinstance(fields, dict):
        raise MalformedUserReport("the report is not a JSON object")
    if item.type in FEEDBACK:
        return _said(*_of_feedback(fields), event_id)
    return _said(fields, fields.get("event_id"), event_id)


def envelope_of_user_report(fields: Mapping[str, Json]) -> Envelope:
    """What a form or a script sent, as an envelope. Raises MalformedUserReport."""
    said = _said(fields, fields.get("event_id"), None)
    return envelope_of(item_of(USER_REPORT, msgspec.json.encode(said)), said.event_id)


def _of_feedback(event: Mapping[str, Any]) -> tuple[dict[str, Json], Json]:
    context = as_object(as_object(event.get("contexts")).get("feedback"))
    said = {
        "name": context.get("name"),
        "email": context.get("contact_email"),
        "comments": context.get("message"),
    }
    return said, parse_event_id(context.get("associated_event_id")) or event.get("event_id")


def _said(fields: Mapping[str, Json], claimed: Json, otherwise: str | None) -> Said:
    event_id = parse_event_id(claimed) or otherwise
    if event_id is None:
        raise MalformedUserReport("expected the event that it is about as `event_id`")
    name, email, comments = ((as_text(fields.get(each)) or "").strip() for each in _SAID)
    if not (name or email or comments):
        raise MalformedUserReport("expected what the user said as `comments`")
    return Said(event_id, name, email, comments)
