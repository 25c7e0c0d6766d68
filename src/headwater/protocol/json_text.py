"""JSON as clients send it: mostly correct, now and then not quite, sometimes hostile."""

import json
import re
from typing import Any

import msgspec

from headwater.protocol.event import Json

MAX_DEPTH = 200
"""Levels of lists and objects inside one another. SDKs cut at 3 to 10; what follows here is code
that walks the value, and must never run into Python's own recursion limit (1000)."""

MAX_PART_DEPTH = MAX_DEPTH - 20
"""The same within a part of an event, such as a frame's variables, which lie ten levels deep."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UNREADABLE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"  # half a pair, the first
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # or the second
    rb"|\\u0000"  # what PostgreSQL can't store in text
)
_BACKSLASH = b"\\\\"
"""As JSON writes it. What follows one is no escape: it stands aside while escapes are looked for."""
_ASIDE = b"\xff"
"""In its place; no UTF-8 has this byte."""


class MalformedJson(Exception):
    """The text can't be read as JSON; the message says what was wrong, and where if known."""


def decode_json(text: bytes) -> Json:
    """Read JSON, repairing what clients in the wild get wrong.

    Half surrogate pairs (JavaScript cuts strings between them), bytes that aren't UTF-8 and the
    character 0 become U+FFFD, `NaN`, `Infinity` and whole numbers of more than 4,300 digits become null,
    raw control characters in strings are taken as they are. Raises MalformedJson.
    """
    value, _ = read_json(text)
    check_depth(value)
    return value


def read_json(text: bytes) -> tuple[Json, bool]:
    """The same for who looks at every part of the value anyway, and checks its depth by `measure`.
    Also whether it had to be repaired: others would not read the text as it is."""
    try:
        if b"\\u0000" not in text:
            return msgspec.json.decode(text), False
    except RecursionError:
        raise _too_deep() from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    return _decode_leniently(text), True


def measure(part: Json) -> int:
    """How many bytes a part of a document has as JSON. Raises MalformedJson if it is too deep."""
    try:
        text = msgspec.json.encode(part)
    except RecursionError:
        raise _too_deep() from None
    if may_be_deep(text):
        check_depth(part, MAX_PART_DEPTH)
    return len(text)


def may_be_deep(part: bytes) -> bool:
    """Whether the JSON of a part may be too deep; most have so few brackets that they need not be walked."""
    return brackets(part) > MAX_PART_DEPTH


def brackets(part: bytes) -> int:
    """JSON is no deeper than this."""
    return part.count(b"[") + part.count(b"{")


def _decode_leniently(text: bytes) -> Json:
    repaired = _without_unreadable(text.removeprefix(_BYTE_ORDER_MARK)).decode(errors="replace")
    repaired = repaired.replace("\x00", "\ufffd")
    try:
        return json.loads(
            repaired, strict=False, parse_constant=lambda _: None, parse_int=_whole_number
        )
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise MalformedJson(f"not JSON: {error}") from None


def _whole_number(text: str) -> int | None:
    return int(text) if len(text) <= _MAX_DIGITS else None


_MAX_DIGITS = 4_300
"""Digits of a whole number: Python's own limit, since to read more takes long."""


def _without_unreadable(text: bytes) -> bytes:
    if _BACKSLASH not in text:
        return _UNREADABLE.sub(_REPLACEMENT, text)
    aside = text.replace(_ASIDE, _NO_UTF_8).replace(_BACKSLASH, _ASIDE)
    return _UNREADABLE.sub(_REPLACEMENT, aside).replace(_ASIDE, _BACKSLASH)


_REPLACEMENT = rb"\\ufffd"
_NO_UTF_8 = b"\xfe"
"""What is read as U+FFFD like any byte that isn't UTF-8."""


def check_depth(value: Json, limit: int = MAX_DEPTH) -> None:
    """Raises MalformedJson if lists and objects are nested more than `limit` levels deep."""
    level: list[Any] = [value] if isinstance(value, dict | list) else []
    for _ in range(limit):
        if not level:
            return
        level = [
            child
            for parent in level
            for child in (parent.values() if type(parent) is dict else parent)
            if type(child) is dict or type(child) is list
        ]
    if level:
        raise _too_deep()


def _too_deep() -> MalformedJson:
    return MalformedJson(f"lists and objects nested more than {MAX_DEPTH} levels deep")
