"""React's errors of production builds, which hold a number in the place of their message.

`react_messages.json` is React's own table of them (MIT, react_messages.LICENSE);
tests/clients/apps/react/messages.mjs writes it.
"""

import re
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Final
from urllib.parse import unquote

import msgspec

MAX_REACT_MESSAGE: Final = 8_000
"""Characters of a message that are looked through for React's; the longest real ones have 2,000."""

_NEEDLE: Final = "Minified React error #"
_SENTENCE: Final = re.compile(
    # Of any React since 15: the decoder was at facebook.github.io, then reactjs.org, then react.dev.
    _NEEDLE + r"(?P<number>\d{1,5})\b(?:; visit (?P<address>\S+))?"
    r"(?: for the full message(?: or use the non-minified dev environment"
    r"(?: for full errors and additional helpful warnings\.?)?)?)?"
)
_ARGUMENT: Final = re.compile(r"[?&]args(?:\[\]|%5B%5D)=([^&]*)", re.IGNORECASE)
_PLACE: Final = "%s"
_MISSING: Final = "…"
"""An argument that the message had no room for: SDKs cut long ones."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class _Table(msgspec.Struct):
    messages: dict[str, str]


def in_full(message: str | None) -> str | None:
    """`Minified React error #31; visit …` with the message that the number stands for, and its
    arguments filled in; None where there is no such number, or one of a newer React."""
    if message is None or _NEEDLE not in message:
        return None
    message = message[:MAX_REACT_MESSAGE]
    found = _SENTENCE.search(message)
    template = _messages().get(found["number"]) if found else None
    if found is None or template is None:
        return None
    given = _ARGUMENT.finditer(found["address"] or "")
    arguments = [_readable(each[1]) for each in islice(given, template.count(_PLACE))]
    return message[: found.start()] + _filled(template, arguments) + message[found.end() :]


def react_error(message: str | None) -> str | None:
    """`Minified React error #31`: what `in_full` was made of, in a few words."""
    found = _SENTENCE.search(message[:MAX_REACT_MESSAGE]) if message else None
    return f"{_NEEDLE}{found['number']}" if found else None


def _filled(template: str, arguments: list[str]) -> str:
    first, *rest = template.split(_PLACE)
    given = [*arguments, *[_MISSING] * (len(rest) - len(arguments))]
    return first + "".join([f"{each}{after}" for each, after in zip(given, rest, strict=True)])


def _readable(argument: str) -> str:
    return _CONTROL.sub(" ", unquote(argument))


@cache
def _messages() -> dict[str, str]:
    # 70 kB that most instances never need: read with the first such error.
    content = files(__package__).joinpath("react_messages.json").read_bytes()
    return msgspec.json.decode(content, type=_Table).messages
