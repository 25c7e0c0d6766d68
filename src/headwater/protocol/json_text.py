"""JSON as clients send it: mostly correct, now and then not quite, sometimes hostile."""

import json
import re
from collections.abc import Iterable

import msgspec

from headwater.protocol.event import Json

MAX_DEPTH = 200
"""Levels of lists and objects inside one another. SDKs cut at 3 to 10; what follows here is code
that walks the value, and must never run into Python's own recursion limit (1000)."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ESCAPES = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a proper pair
    rb"|(u[dD][89a-fA-F][0-9a-fA-F]{2})"  # half of one
    rb"|.)",
    re.DOTALL,
)


class MalformedJson(Exception):
    """The text can't be read as JSON; the message says what was wrong, and where if known."""


def decode_json(text: bytes) -> Json:
    """Read JSON, repairing what clients in the wild get wrong.

    Half surrogate pairs (JavaScript cuts strings between them) and bytes that aren't UTF-8 become
    U+FFFD, `NaN` and `Infinity` become null, raw control characters in strings are taken as they
    are. Raises MalformedJson.
    """
    try:
        value = msgspec.json.decode(text)
    except RecursionError:
        raise _too_deep() from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        value = _decode_leniently(text)
    _check_depth(value)
    return value


def _decode_leniently(text: bytes) -> Json:
    repaired = _ESCAPES.sub(_mend, text.removeprefix(_BYTE_ORDER_MARK)).decode(errors="replace")
    try:
        return json.loads(repaired, strict=False, parse_constant=lambda _: None)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:  # also: a number of more than 4300 digits
        raise MalformedJson(f"not JSON: {error}") from None


def _mend(escape: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if escape[1] else escape[0]


def _check_depth(value: Json) -> None:
    level: list[Json] = [value]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise _too_deep()


def _children(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _too_deep() -> MalformedJson:
    return MalformedJson(f"lists and objects nested more than {MAX_DEPTH} levels deep")
