"""An event's JSON, read into the view that Headwater works on."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from headwater.protocol.client_told import client_told
from headwater.protocol.component_stack import is_component_stack, parse_component_stack
from headwater.protocol.cuts import notes_on_cuts
from headwater.protocol.debug_id import parse_debug_id
from headwater.protocol.event import DebugImage, Event, ExceptionValue, Json, Stacktrace
from headwater.protocol.event_id import new_event_id, parse_event_id
from headwater.protocol.json_text import MalformedJson, decode_json
from headwater.protocol.json_value import as_flag, as_list, as_object, as_text, as_values
from headwater.protocol.message_json import parse_message
from headwater.protocol.old_forms import modernize
from headwater.protocol.stacktrace_json import parse_stacktrace
from headwater.protocol.threads_json import join_thread, parse_threads
from headwater.protocol.timestamp import believe, parse_timestamp

MAX_EXCEPTIONS = 50
"""Exceptions of one chain that are read, the thrown one and its nearest causes; chains end far below."""

MAX_TAG = 200
"""Characters of a tag's name or value, Sentry's limit; longer values are cut in this view."""

MAX_NAME = 250
"""Characters of a release, Sentry's limit and the width of its column; dist and environment: 64."""

_LEVELS: Final = {"fatal", "error", "warning", "info", "debug"}
_LEVEL_NAMES: Final = {
    **dict.fromkeys(("critical", "alert", "emergency", "crash"), "fatal"),
    **dict.fromkeys(("err", "severe"), "error"),
    "warn": "warning",
    **dict.fromkeys(("log", "notice", "information"), "info"),
    **dict.fromkeys(("sample", "trace", "verbose"), "debug"),
}
"""Words of loggers and of older SDKs."""
_Notes = list[str]


class MalformedEvent(Exception):
    """The payload isn't an event at all; the message says what it is instead."""


def parse_event(
    payload: bytes,
    received_at: datetime,
    sent_at: datetime | None = None,
    event_id: str | None = None,
) -> Event:
    """Read an event of any SDK. `sent_at` and `event_id` are the envelope header's, if it has them.

    Tolerant: what is of an unexpected type is left out. Raises MalformedEvent, only if the payload
    isn't a JSON object.
    """
    try:
        raw = decode_json(payload)
    except MalformedJson as error:
        raise MalformedEvent(f"the event is {error}") from None
    return read_event(raw, received_at, sent_at, event_id)


def read_event(
    raw: Json,
    received_at: datetime,
    sent_at: datetime | None = None,
    event_id: str | None = None,
    known: tuple[ExceptionValue, ...] | None = None,
) -> Event:
    """The same from decoded JSON, in which old forms are brought to today's places.

    `known`: what was read of the exceptions before, if they are closed (`event_parts`).
    """
    if not isinstance(raw, dict):
        raise MalformedEvent(f"the event is not a JSON object but a {type(raw).__name__}")
    modernize(raw)
    notes: _Notes = []
    threads = parse_threads(raw.get("threads"), notes)
    own = _exceptions(raw.get("exception"), notes) if known is None else known
    exceptions, others = join_thread(own, threads, raw.get("exception"))
    stacktrace = parse_stacktrace(raw.get("stacktrace"), ("stacktrace",))
    message, template = parse_message(raw)
    timestamp, note = believe(parse_timestamp(raw.get("timestamp")), sent_at, received_at)
    notes += [note] if note else []
    notes += _omissions((*exceptions, *others, stacktrace))
    notes += notes_on_cuts(raw.get("_meta")) if "_meta" in raw else []
    return Event(
        event_id=parse_event_id(raw.get("event_id")) or event_id or new_event_id(),
        platform=_name(raw.get("platform"), 64, "platform", notes) or "other",
        timestamp=timestamp,
        level=_level(raw.get("level")),
        release=_name(raw.get("release"), MAX_NAME, "release", notes),
        dist=_name(raw.get("dist"), 64, "dist", notes),
        environment=_name(raw.get("environment"), 64, "environment", notes),
        transaction=as_text(raw.get("transaction")),
        message=message,
        template=template,
        logger=as_text(raw.get("logger")),
        fingerprint=_fingerprint(raw.get("fingerprint")),
        tags=tuple(_tags(raw.get("tags"))),
        user=_user(as_object(raw.get("user"))),
        sdk=_sdk(as_object(raw.get("sdk"))),
        exceptions=exceptions,
        threads=others,
        stacktrace=stacktrace,
        component_stack=parse_component_stack(raw) if "contexts" in raw else None,
        images=tuple(_images(as_object(raw.get("debug_meta")))),
        extra=tuple(notes),
        client=client_told(raw),
    )


def _exceptions(value: Json, notes: _Notes) -> tuple[ExceptionValue, ...]:
    found = [
        _exception(item, ("exception", *path, "stacktrace"))
        for path, item in as_values(value)
        if isinstance(item, dict)
    ]
    if len(found) > MAX_EXCEPTIONS:
        notes.append(f"{len(found) - MAX_EXCEPTIONS} innermost exceptions of {len(found)} left out")
    return tuple(found[-MAX_EXCEPTIONS:])


def _exception(raw: Mapping[str, Any], path: tuple[str | int, ...]) -> ExceptionValue:
    mechanism = as_object(raw.get("mechanism"))
    stacktrace = parse_stacktrace(raw.get("stacktrace"), path)
    if stacktrace is not None and is_component_stack(raw.get("type")):
        stacktrace = replace(stacktrace, are_components=True)
    return ExceptionValue(
        type=as_text(raw.get("type")),
        value=as_text(raw.get("value")),
        module=as_text(raw.get("module")),
        mechanism=as_text(mechanism.get("type")),
        handled=as_flag(mechanism.get("handled")),
        synthetic=as_flag(mechanism.get("synthetic")) or False,
        stacktrace=stacktrace,
    )


def _omissions(of: tuple[ExceptionValue | Stacktrace | None, ...]) -> _Notes:
    traces = (item.stacktrace if isinstance(item, ExceptionValue) else item for item in of)
    return [
        f"{trace.omitted} frames in the middle of {'.'.join(map(str, trace.path))} left out"
        for trace in traces
        if trace and trace.omitted
    ]


def _level(value: Json) -> str:
    level = value.lower() if isinstance(value, str) else "error"
    level = _LEVEL_NAMES.get(level, level)
    return level if level in _LEVELS else "error"


def _name(value: Json, limit: int, what: str, notes: _Notes) -> str | None:
    text = as_text(value)
    if text and len(text.strip()) > limit:
        notes.append(f"{what} cut to {limit} characters")
    return text.strip()[:limit] if text else None


def _fingerprint(value: Json) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else [value]
    return tuple(text for part in parts if (text := as_text(part)))


def _tags(value: Json) -> Iterator[tuple[str, str]]:
    pairs: Any = value.items() if isinstance(value, dict) else as_list(value)
    for pair in pairs:
        if isinstance(pair, dict):
            pair = (pair.get("key"), pair.get("value"))  # noqa: PLW2901
        if isinstance(pair, list | tuple) and len(pair) == 2:  # noqa: PLR2004
            name, text = as_text(pair[0]), as_text(pair[1])
            if name and text:
                yield name[:MAX_TAG], text[:MAX_TAG]


def _user(raw: Mapping[str, Any]) -> str | None:
    candidates = (as_text(raw.get(key)) for key in ("id", "email", "username", "ip_address"))
    return next((text for text in candidates if text), None)


def _sdk(raw: Mapping[str, Any]) -> str | None:
    name = as_text(raw.get("name"))
    return f"{name}/{as_text(raw.get('version')) or '?'}" if name else None


def _images(raw: Mapping[str, Any]) -> Iterator[DebugImage]:
    for image in as_list(raw.get("images")):
        fields = as_object(image)
        code_file = as_text(fields.get("code_file"))
        debug_id = parse_debug_id(fields.get("debug_id"))
        if fields.get("type") == "sourcemap" and code_file and debug_id:
            yield DebugImage(code_file, debug_id)
