"""An event's JSON, taken apart: what nobody looks into stays the text that it came as.

Half of an event is breadcrumbs, contexts and the like, which are stored and shown, and neither
grouped by nor resolved. A `msgspec.Raw` in the place of a part says that it is still closed: JSON as
it came, and valid, but for numbers that are too large for any type.
"""

import contextlib
from collections.abc import Callable
from typing import Any, Final

import msgspec

from headwater.protocol.event import Json
from headwater.protocol.json_text import (
    MAX_PART_DEPTH,
    check_depth,
    may_be_deep,
    measure,
    read_json,
)

CLOSED: Final = frozenset(
    ["breadcrumbs", "contexts", "errors", "extra", "modules", "request", "spans"]
)
"""Parts that no Event is read from, mostly."""

_BESIDE_EXCEPTIONS: Final = frozenset(["threads", "stacktrace"])
_OLD: Final = b'"sentry.interfaces.'
_PARTS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_ANY: Final = msgspec.json.Decoder()


def take_apart(
    payload: bytes, knows: Callable[[bytes], bool] = lambda _text: False
) -> tuple[Json, bool, bytes | None]:
    """The event, with closed parts; whole, if its JSON had to be repaired, which is the second answer.

    The third is the text of its exceptions, if no thread or stack trace beside them has to do with
    them. Those that are known stay closed, too. Raises MalformedJson.
    """
    # Closed parts are looked through for everything but characters that are no characters.
    if b"\\u0000" not in payload and _OLD not in payload and _is_text(payload):
        with contextlib.suppress(RecursionError, msgspec.DecodeError):
            return _apart(payload, knows)
    return (*read_json(payload), None)


def _apart(
    payload: bytes, knows: Callable[[bytes], bool]
) -> tuple[dict[str, Any], bool, bytes | None]:
    parts = _PARTS.decode(payload)
    raw = None if parts.keys() & _BESIDE_EXCEPTIONS else parts.get("exception")
    text = None if raw is None else bytes(raw)
    is_known = text is not None and knows(text)
    event = {
        name: part
        if (name in CLOSED and not _is_read(name, part)) or (is_known and name == "exception")
        else _ANY.decode(part)
        for name, part in parts.items()
    }
    return event, False, text


def open_part(event: dict[str, Any], name: str) -> Json:
    """A part, decoded from here on."""
    part = event.get(name)
    if type(part) is msgspec.Raw:
        part = event[name] = _decoded(part)
    return part


def fields_of(part: msgspec.Raw) -> dict[str, msgspec.Raw]:
    """A closed object's fields; none, if it is something else."""
    return _PARTS.decode(part) if memoryview(part)[0] == _BRACE else {}


def items_of(part: msgspec.Raw) -> list[msgspec.Raw]:
    """A closed list's items; none, if it is something else."""
    return _ITEMS.decode(part) if memoryview(part)[0] == _BRACKET else []


def is_object(part: msgspec.Raw) -> bool:
    """Whether a closed part is an object."""
    return memoryview(part)[0] == _BRACE


def size_of(part: Json) -> int:
    """Bytes of a part as JSON; as it came, if it is closed. Raises MalformedJson if it is too deep."""
    if type(part) is not msgspec.Raw:
        return measure(part)
    if may_be_deep(bytes(part)):
        check_depth(_decoded(part), MAX_PART_DEPTH)
    return len(part)


def _decoded(part: msgspec.Raw) -> Json:
    # Not simply: a number that is too large for every type is noticed only now.
    return read_json(bytes(part))[0]


def _is_read(name: str, part: msgspec.Raw) -> bool:
    """A closed part that an Event is read from, for once: where React's components were rendered."""
    return name == "contexts" and b"componentStack" in bytes(part)


_BRACE: Final = ord("{")
_BRACKET: Final = ord("[")


def _is_text(payload: bytes) -> bool:
    if payload.isascii():
        return True
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True
