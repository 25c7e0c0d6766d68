"""An event as Sentry's API spells it: camel case, with its parts as `entries`."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from headwater.protocol.event import Json
from headwater.protocol.json_value import as_list, as_number, as_object, as_text, as_values
from headwater.storage.events.events import EventSummary, Neighbours

_JSON = dict[str, Any]


def summary_shape(event: EventSummary) -> _JSON:
    """What a list of events shows of each."""
    return {
        "id": event.event_id,
        "eventID": event.event_id,
        "projectID": str(event.project_id),
        "groupID": str(event.issue_id),
        "title": event.title,
        "message": event.title,
        "platform": event.platform,
        "dateCreated": event.timestamp,
        "dateReceived": event.received_at,
        "event.type": "error",
        "tags": _tags(event, []),
    }


def event_shape(event: EventSummary, around: Neighbours, overlaid: Json) -> _JSON:
    """All of an event. `overlaid` is its JSON after symbolication."""
    raw = as_object(overlaid)
    return summary_shape(event) | {
        "type": "error" if raw.get("exception") else "default",
        "message": _message(raw) or "",
        "culprit": as_text(raw.get("culprit")) or as_text(raw.get("transaction")) or "",
        "location": None,
        "size": None,
        "entries": list(_entries(raw)),
        "tags": _tags(event, as_list(raw.get("tags")) or list(as_object(raw.get("tags")).items())),
        "contexts": as_object(raw.get("contexts")),
        "context": as_object(raw.get("extra")),
        "packages": as_object(raw.get("modules")),
        "user": as_object(raw.get("user")) or None,
        "sdk": as_object(raw.get("sdk")) or None,
        "dist": event.dist,
        "release": {"version": event.release, "shortVersion": event.release}
        if event.release
        else None,
        "errors": as_list(raw.get("errors")),
        "fingerprints": [event.final_hash, event.provisional_hash],
        "metadata": _metadata(event, raw),
        "previousEventID": around.older,
        "nextEventID": around.newer,
        "occurrence": None,
    }


def _message(raw: Mapping[str, Any]) -> str | None:
    for entry in (raw.get("logentry"), raw.get("message")):
        fields = as_object(entry)
        text = as_text(fields.get("formatted")) or as_text(fields.get("message")) or as_text(entry)
        if isinstance(entry, str | dict) and text:
            return text
    return None


def _metadata(event: EventSummary, raw: Mapping[str, Any]) -> _JSON:
    exceptions = [as_object(item) for _, item in as_values(raw.get("exception"))]
    if not exceptions:
        return {"title": event.title}
    return {"type": exceptions[-1].get("type"), "value": exceptions[-1].get("value")}


def _tags(event: EventSummary, raw: list[Any]) -> list[_JSON]:
    own = {"level": event.level, "environment": event.environment, "release": event.release}
    pairs = [(name, value) for name, value in own.items() if value]
    for pair in raw:
        if isinstance(pair, list | tuple) and len(pair) == 2:  # noqa: PLR2004
            name, text = as_text(pair[0]), as_text(pair[1])
            if name and text:
                pairs.append((name, text))
    return [{"key": name, "value": value} for name, value in pairs]


def _entries(raw: Mapping[str, Any]) -> Iterator[_JSON]:
    exceptions = [_exception(as_object(item)) for _, item in as_values(raw.get("exception"))]
    if exceptions:
        yield {"type": "exception", "data": {"values": exceptions, "excOmitted": None}}
    if raw.get("stacktrace"):
        yield {"type": "stacktrace", "data": _stacktrace(raw.get("stacktrace"))}
    threads = [_thread(as_object(item)) for _, item in as_values(raw.get("threads"))]
    if threads:
        yield {"type": "threads", "data": {"values": threads}}
    if message := _message(raw):
        yield {"type": "message", "data": {"formatted": message}}
    crumbs = [as_object(item) for _, item in as_values(raw.get("breadcrumbs"))]
    if crumbs:
        yield {"type": "breadcrumbs", "data": {"values": crumbs}}
    if isinstance(raw.get("request"), dict):
        yield {"type": "request", "data": _camel(raw["request"])}
    if isinstance(raw.get("debug_meta"), dict):
        yield {"type": "debugmeta", "data": raw["debug_meta"]}


def _exception(raw: Mapping[str, Any]) -> _JSON:
    return {
        "type": raw.get("type"),
        "value": raw.get("value"),
        "module": raw.get("module"),
        "rawType": raw.get("raw_type"),
        "rawValue": raw.get("raw_value"),
        "threadId": raw.get("thread_id"),
        "mechanism": raw.get("mechanism"),
        "stacktrace": _stacktrace(raw.get("stacktrace")),
        "rawStacktrace": _stacktrace(raw.get("raw_stacktrace")),
    }


def _thread(raw: Mapping[str, Any]) -> _JSON:
    traces = ("stacktrace", "raw_stacktrace")
    rest = {name: value for name, value in raw.items() if name not in traces}
    return rest | {
        "stacktrace": _stacktrace(raw.get("stacktrace")),
        "rawStacktrace": _stacktrace(raw.get("raw_stacktrace")),
    }


def _stacktrace(raw: Json) -> _JSON | None:
    frames = [_frame(as_object(frame)) for frame in as_list(as_object(raw).get("frames"))]
    if not frames:
        return None
    return {
        "frames": frames,
        "framesOmitted": None,
        "registers": None,
        "hasSystemFrames": any(frame["inApp"] for frame in frames)
        and not all(frame["inApp"] for frame in frames),
    }


_SAME: Final = ("filename", "module", "function", "platform", "package", "vars", "data", "errors")


def _frame(raw: Mapping[str, Any]) -> _JSON:
    return {name: raw.get(name) for name in _SAME} | {
        "absPath": raw.get("abs_path"),
        "lineNo": raw.get("lineno"),
        "colNo": raw.get("colno"),
        "inApp": bool(raw.get("in_app")),
        "context": _context(raw),
    }


def _context(raw: Mapping[str, Any]) -> list[list[Any]]:
    """Lines of source, each with its number."""
    line, number = raw.get("context_line"), as_number(raw.get("lineno"))
    if not isinstance(line, str) or number is None:
        return []
    before = as_list(raw.get("pre_context"))
    lines = [*before, line, *as_list(raw.get("post_context"))]
    return [[number - len(before) + index, text] for index, text in enumerate(lines)]


def _camel(raw: Mapping[str, Any]) -> _JSON:
    return {"queryString" if name == "query_string" else name: raw[name] for name in raw}
