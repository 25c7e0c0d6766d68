"""An event within bounds: what is too much is cut, and the event says so in its `_meta`.

Frames that are kept are kept as they came, but for their variables.
"""

from typing import Any, Final

from msgspec import Raw

from headwater.digest.cutter import Cutter
from headwater.digest.trim_exceptions import MAX_MESSAGE, MAX_TITLE_TEXT, trim_exceptions
from headwater.protocol.cuts import Path
from headwater.protocol.event import Json
from headwater.protocol.event_json import MAX_TAG
from headwater.protocol.event_parts import fields_of, is_object, items_of, open_part, size_of
from headwater.protocol.json_text import MAX_PART_DEPTH, brackets, measure
from headwater.protocol.json_value import as_list

MAX_TAGS: Final = 200
"""Tags of one event; SDKs send a dozen, and each is a row to count in."""

MAX_CRUMBS: Final = 100
"""The latest breadcrumbs; also the SDKs' own limit."""

MAX_CRUMB: Final = 2_048
"""Bytes of one breadcrumb's data as JSON: Relay's limit."""

MAX_EXTRA: Final = 16 * 1024
"""Bytes of one value of `extra` as JSON: Relay's limit."""

MAX_EXTRAS: Final = 256 * 1024
"""Bytes of all of `extra` as JSON: Relay's limit."""

MAX_CONTEXT: Final = 8 * 1024
"""Bytes of one context as JSON: Relay's limit. Also of the user, the SDK and a message's parameters."""

MAX_CONTEXTS: Final = 64 * 1024
"""Bytes of all contexts as JSON; SDKs send ten of a few hundred."""

MAX_REQUEST_PART: Final = 8 * 1024
"""Bytes of a request's body, headers, cookies, query or environment, each as JSON: Relay's limit."""

MAX_OTHER: Final = 64 * 1024
"""Bytes of each other field as JSON, and of all the unknown ones: Python's modules, debug images."""

MAX_TRIMMED: Final = 512 * 1024
"""Bytes of a whole event as JSON, which is half of what the door takes by default. Beyond that it
loses variables, breadcrumbs and the like, whatever their own limits."""

_TITLES: Final = (
    "transaction",
    "logger",
    "server_name",
    "culprit",
    "release",
    "dist",
    "environment",
    "platform",
    "level",
    "timestamp",
)
_IDS: Final = ("event_id", "received", "start_timestamp", "type")
_KNOWN: Final = frozenset(
    [
        "exception",
        "threads",
        "stacktrace",
        "breadcrumbs",
        "request",
        "contexts",
        "extra",
        "tags",
        "logentry",
        "message",
        "user",
        "sdk",
        "csp",
        "fingerprint",
        "_meta",
        "debug_meta",
        "modules",
        "errors",
        *_TITLES,
        *_IDS,
    ]
)

_STACKS: Final = frozenset({"exception", "threads", "stacktrace", "breadcrumbs"})

_CHUNK: Final = 8
"""Breadcrumbs that are measured at once: together they are mostly smaller than one may be."""

_COLON_AND_COMMA: Final = 2
_NUMBER: Final = 8
_LEAST_MISSED: Final = [
    "breadcrumbs",
    "modules",
    "extra",
    "contexts",
    "request",
    "errors",
    "_meta",
    "threads",
]


def trim(event: dict[str, Any], size: int) -> bool:
    """Cut in place what is too much; whether anything was.

    `size` is that of its JSON as it came. Raises MalformedJson if it is too deep.
    """
    cutter = Cutter(event)
    cutter.texts(event, _TITLES, MAX_TITLE_TEXT, ())
    trim_exceptions(event, cutter)
    _trim_breadcrumbs(event, cutter)
    _trim_tags(event, cutter)
    # If all of it is small, then no part of it can be too much.
    if sum([_weight(name, event[name]) for name in event.keys() - _STACKS]) > MAX_CONTEXT:
        _trim_rest(event, cutter)
    if size > MAX_TRIMMED:
        _sacrifice(event, cutter)
    return cutter.has_cut


def _weight(name: str, value: Json) -> int:
    """By which a part is limited: a text's characters, or about the bytes of its JSON."""
    kind = type(value)
    if kind is dict or kind is list or kind is Raw:
        return len(name) + size_of(value)
    return len(name) + (len(value) if kind is str else _NUMBER)


def _trim_rest(event: dict[str, Any], cutter: Cutter) -> None:
    _trim_message(event, cutter)
    _trim_request(event, cutter)
    _trim_fields(event, "contexts", MAX_CONTEXT, MAX_CONTEXTS, cutter)
    _trim_fields(event, "extra", MAX_EXTRA, MAX_EXTRAS, cutter)
    for name in (*_TITLES, *_IDS, "user", "sdk", "csp", "fingerprint"):
        cutter.bag(event, name, MAX_CONTEXT, ())
    for name in ("tags", "_meta", "debug_meta", "modules", "errors"):
        cutter.bag(event, name, MAX_OTHER, ())
    _trim_others(event, cutter)


def _trim_fields(event: dict[str, Any], name: str, each: int, all_: int, cutter: Cutter) -> None:
    """A part each of whose fields has a limit of its own."""
    part = event.get(name)
    if type(part) is Raw and size_of(part) <= all_:
        fields = fields_of(part).values()
        if len(part) <= each or (fields and max(map(len, fields)) <= each):
            return
    cutter.bags(open_part(event, name), each, (name,))
    cutter.bag(event, name, all_, ())


def _trim_message(event: dict[str, Any], cutter: Cutter) -> None:
    for name in ("logentry", "message"):
        entry = event.get(name)
        if type(entry) is str:
            cutter.texts(event, (name,), MAX_MESSAGE, ())
        elif type(entry) is dict:
            cutter.texts(entry, ("message", "formatted"), MAX_MESSAGE, (name,))
            cutter.bags(entry, MAX_CONTEXT, (name,))
        else:
            cutter.bag(event, name, MAX_CONTEXT, ())


def _trim_breadcrumbs(event: dict[str, Any], cutter: Cutter) -> None:
    part = event.get("breadcrumbs")
    if type(part) is Raw and _are_few_and_small(part):
        return
    open_part(event, "breadcrumbs")
    holder, name, path = event, "breadcrumbs", ()
    if type(event.get(name)) is dict:
        holder, name, path = event[name], "values", ("breadcrumbs",)  # type: ignore[assignment]
        cutter.bags(holder, MAX_CRUMB, path, frozenset({"values"}))
    crumbs = holder.get(name)
    if type(crumbs) is not list:
        cutter.bag(holder, name, MAX_OTHER, path)
        return
    objects = [crumb for crumb in crumbs if type(crumb) is dict]
    cutter.items(holder, name, objects[-MAX_CRUMBS:], path)
    crumbs = holder[name]
    for start in range(0, len(crumbs), _CHUNK):
        chunk = crumbs[start : start + _CHUNK]
        if measure(chunk) > MAX_CRUMB:
            _trim_crumbs(chunk, start, (*path, name), cutter)


def _are_few_and_small(part: Raw) -> bool:
    crumbs = items_of(part)
    if not crumbs:
        fields = fields_of(part)
        if fields.keys() != {"values"}:
            return False
        crumbs = items_of(fields["values"])
    return (
        0 < len(crumbs) <= MAX_CRUMBS
        and max(map(len, crumbs)) <= MAX_CRUMB
        and all(map(is_object, crumbs))
        # One of them is no deeper than there are brackets without one for each of the others.
        and brackets(bytes(part)) - len(crumbs) < MAX_PART_DEPTH
    )


def _trim_crumbs(crumbs: list[Any], start: int, path: Path, cutter: Cutter) -> None:
    for index, crumb in enumerate(crumbs, start):
        if measure(crumb) > MAX_CRUMB:
            at = (*path, index)
            cutter.texts(crumb, ("message",), MAX_MESSAGE, at)
            cutter.bags(crumb, MAX_CRUMB, at, frozenset({"message"}))


def _trim_tags(event: dict[str, Any], cutter: Cutter) -> None:
    tags = event.get("tags")
    if type(tags) is not dict and type(tags) is not list:
        return
    if type(tags) is dict:
        cutter.texts(tags, tuple(tags), MAX_TAG, ("tags",))
    for index, tag in enumerate(as_list(tags)):
        if type(tag) is dict:
            cutter.texts(tag, ("key", "value"), MAX_TAG, ("tags", index))
    if tags and len(tags) > MAX_TAGS:
        kept = dict(list(tags.items())[:MAX_TAGS]) if type(tags) is dict else tags[:MAX_TAGS]
        cutter.items(event, "tags", kept, ())


def _trim_request(event: dict[str, Any], cutter: Cutter) -> None:
    if size_of(event.get("request")) > MAX_REQUEST_PART:
        cutter.bags(open_part(event, "request"), MAX_REQUEST_PART, ("request",))
        cutter.bag(event, "request", 8 * MAX_REQUEST_PART, ())


def _trim_others(event: dict[str, Any], cutter: Cutter) -> None:
    others = event.keys() - _KNOWN
    if not others:
        return
    unknown = {name: event[name] for name in event if name in others}
    if sum(map(size_of, unknown.values())) + sum(map(len, unknown)) <= MAX_OTHER:
        return
    room = MAX_OTHER
    for name in unknown:
        if room >= 0:
            cutter.bag(event, name, room, ())
            room -= size_of(event[name]) + measure(name) + _COLON_AND_COMMA
        if room < 0:
            del event[name]
    cutter.mark((), len(unknown))


def _sacrifice(event: dict[str, Any], cutter: Cutter) -> None:
    if measure(event) > MAX_TRIMMED:
        trim_exceptions(event, cutter, with_variables=False)
    for name in _LEAST_MISSED:
        if measure(event) <= MAX_TRIMMED:
            return
        if name in event:
            cutter.drop(event, name)
    # Somebody's joke: an id, or the name of a function, of half a megabyte.
    for name in sorted(event, key=lambda name: measure(event[name]), reverse=True):
        if measure(event) <= MAX_TRIMMED:
            return
        cutter.bag(event, name, MAX_TRIMMED // 3 if name in _STACKS else MAX_CONTEXT, ())
