"""What an event tells of the program that it happened in: browser, operating system, address."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from headwater.protocol.event import ClientTold, Json
from headwater.protocol.json_value import as_object, as_text

MAX_ADDRESS: Final = 200
"""Characters of an address, without query and fragment, as of any tag."""

MAX_AGENT: Final = 512
"""Characters of a User-Agent header that are looked at; browsers' have under 250."""

_AGENTS: Final = 1_024
"""Different User-Agent headers whose meaning is remembered."""

_BROWSERS: Final = (
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/(\d+)")),
    ("Opera", re.compile(r"\b(?:OPR|OPiOS)/(\d+)")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/(\d+)")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/(\d+)")),
    ("Chrome", re.compile(r"\b(?:Headless)?(?:Chrome|CriOS)/(\d+)")),
    ("Safari", re.compile(r"\bVersion/(\d+)[\d.]* (?:Mobile/\S+ )?Safari/")),
)
"""All say that they are most of the others: the most special first."""

_SYSTEMS: Final = (
    ("Windows", re.compile(r"\bWindows NT ()")),  # 10 and 11 say the same
    ("iOS", re.compile(r"\b(?:iPhone )?OS (\d+)(?:_\d+)* like Mac OS X")),
    ("macOS", re.compile(r"\bMac OS X ()")),  # every version has said 10.15 since
    ("Android", re.compile(r"\bAndroid (\d+)")),
    ("Chrome OS", re.compile(r"\bCrOS ()")),
    ("Linux", re.compile(r"\bLinux()")),
)


class _Contexts(msgspec.Struct, frozen=True):
    browser: Any = None
    os: Any = None


class _Request(msgspec.Struct, frozen=True):
    url: Any = None
    headers: Any = None


_CONTEXTS: Final = msgspec.json.Decoder(_Contexts)
_REQUEST: Final = msgspec.json.Decoder(_Request)


def client_told(raw: Mapping[str, Any]) -> ClientTold:
    """By the contexts, or else the request's User-Agent; parts may be closed (`event_parts`)."""
    contexts = _read(raw.get("contexts"), _CONTEXTS, _Contexts)
    request = _read(raw.get("request"), _REQUEST, _Request)
    agent = _agent(request.headers)
    browser, system = _of_agent(agent[:MAX_AGENT]) if agent else (None, None)
    return ClientTold(
        _program(contexts.browser) or browser,
        _program(contexts.os) or system,
        _address(request.url),
    )


def _read(part: Json, decoder: Any, shape: Any) -> Any:
    if type(part) is msgspec.Raw:
        try:
            return decoder.decode(part)
        except msgspec.DecodeError:
            return shape()
    fields = as_object(part)
    return shape(**{name: fields.get(name) for name in shape.__struct_fields__})


def _program(value: Json) -> str | None:
    fields = as_object(value)
    name, version = as_text(fields.get("name")), as_text(fields.get("version"))
    return f"{name} {version}" if name and version else name


def _agent(headers: Json) -> str | None:
    pairs = headers.items() if isinstance(headers, dict) else headers or ()
    for pair in pairs if isinstance(headers, dict | list) else ():
        if isinstance(pair, tuple | list) and len(pair) == 2:  # noqa: PLR2004 # a header
            name, value = pair
            if isinstance(name, str) and name.lower() == "user-agent":
                return as_text(value)
    return None


@lru_cache(_AGENTS)
def _of_agent(agent: str) -> tuple[str | None, str | None]:
    return _first(_BROWSERS, agent), _first(_SYSTEMS, agent)


def _first(kinds: tuple[tuple[str, re.Pattern[str]], ...], agent: str) -> str | None:
    for name, pattern in kinds:
        found = pattern.search(agent)
        if found:
            return f"{name} {found[1]}" if found[1] else name
    return None


def _address(value: Json) -> str | None:
    text = as_text(value)
    return None if text is None else text.partition("?")[0].partition("#")[0][:MAX_ADDRESS] or None
