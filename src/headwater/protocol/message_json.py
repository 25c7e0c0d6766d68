"""What an event says in words: its message, filled in, and the template that it was made of."""

import re
from collections.abc import Mapping
from typing import Any, Final

from headwater.protocol.event import Json
from headwater.protocol.json_value import as_object, as_text

MAX_PLACES: Final = 100
"""Places of a template that are filled in; a message with more of them is no message."""

MAX_TEMPLATE: Final = 8_192
"""Characters of a template that is filled in: Relay's limit of a message."""

_PLACE: Final = re.compile(
    r"%%|%(?:\((?P<named>\w{1,64})\))?[-+ #0]?\d{0,3}(?:\.\d{1,3})?[sdifgrxuv]"
    r"|\{(?P<key>\w{0,64})(?::[^{}]{0,32})?\}"
)
"""`%s`, `%5.2f`, `%(name)s` of printf and Python; `{}`, `{0}`, `{name}` of Python, .NET and Java."""


def parse_message(event: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The message and, if it is another, its template."""
    # `logentry` is the documented place; `message` as text or as an object are its older spellings.
    for entry in (event.get("logentry"), event.get("message")):
        if isinstance(entry, dict):
            template = as_text(entry.get("message"))
            text = as_text(entry.get("formatted")) or _filled_in(template, entry.get("params"))
        else:
            text, template = as_text(entry), None
        if text:
            return text, template if template != text else None
    return _of_csp(as_object(event.get("csp"))), None


def _filled_in(template: str | None, params: Json) -> str | None:
    """A template whose places there is nothing for keeps them."""
    if not template or not params or not isinstance(params, list | dict):
        return template
    rest = iter(params if isinstance(params, list) else ())

    def fill(place: re.Match[str]) -> str:
        if place[0] == "%%":
            return "%"
        name = place["named"] or place["key"]
        if isinstance(params, dict):
            found = params.get(name) if name else None
        elif name and name.isdecimal():
            found = params[int(name)] if int(name) < len(params) else None
        else:
            found = next(rest, None)
        text = found if isinstance(found, str) else as_text(found)
        return place[0] if text is None else text

    return _PLACE.sub(fill, template[:MAX_TEMPLATE], count=MAX_PLACES)


def _of_csp(report: Mapping[str, Any]) -> str | None:
    """A browser's report of a broken Content-Security-Policy, in Sentry's words for it."""
    directive = as_text(report.get("effective_directive")) or as_text(
        report.get("violated_directive")
    )
    if not directive:
        return None
    blocked = as_text(report.get("blocked_uri")) or "inline"
    host = re.sub(r"^[a-z]{1,10}://([^/?#]+).*", r"\1", blocked[:500], flags=re.DOTALL)
    return f"Blocked {directive.split()[0]!r} from {host!r}"
