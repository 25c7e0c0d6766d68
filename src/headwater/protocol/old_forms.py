"""Spellings of an event's parts that older SDKs and other senders use, in today's places."""

from typing import Any, Final

_INTERFACE: Final = "sentry.interfaces."

_PLACES: Final = {
    "Message": "logentry",
    "Exception": "exception",
    "Stacktrace": "stacktrace",
    "Http": "request",
    "User": "user",
    "Breadcrumbs": "breadcrumbs",
    "Contexts": "contexts",
    "Csp": "csp",
    "threads": "threads",
    "DebugMeta": "debug_meta",
}
"""What `sentry.interfaces.` may be followed by, as Sentry's own SDKs wrote until 2013 and raven-like
ones do to this day."""


def modernize(event: dict[str, Any]) -> bool:
    """Move what is in an old place to today's, if that is free; whether there was anything to move.

    A stack trace of the event's own becomes that of its only exception, if that has none; Relay
    does the same.
    """
    old = [name for name in event if type(name) is str and name.startswith(_INTERFACE)]
    for name in old:
        place = _PLACES.get(name.removeprefix(_INTERFACE))
        if place and event.get(place) is None:
            event[place] = event.pop(name)
    return _join_stacktrace(event) or bool(old)


def _join_stacktrace(event: dict[str, Any]) -> bool:
    if not isinstance(event.get("stacktrace"), dict):
        return False
    exception = event.get("exception")
    if isinstance(exception, dict) and "values" in exception:
        exception = exception["values"]
    only = exception[0] if isinstance(exception, list) and len(exception) == 1 else exception
    if not isinstance(only, dict) or not only or only.get("stacktrace"):
        return False
    only["stacktrace"] = event.pop("stacktrace")
    return True
