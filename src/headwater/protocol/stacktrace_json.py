"""Stack traces out of an event's JSON."""

import re
from collections.abc import Mapping
from typing import Any, Final

from headwater.protocol.event import Frame, Json, Stacktrace
from headwater.protocol.json_value import as_flag, as_list, as_number, as_object, as_text

MAX_FRAMES = 250
"""Frames of one stack trace that are read, Relay's number: runaway recursion sends thousands."""

FRAMES_OF_HEAD = 50
"""Of those, so many from the outermost calls; the rest are the innermost, where it was thrown."""

_URL: Final = re.compile(r"(?:file|https?|applewebdata)://[^/?#]*(?P<path>[^?#]*)", re.IGNORECASE)


def parse_stacktrace(value: Json, path: tuple[str | int, ...]) -> Stacktrace | None:
    """`{"frames": […]}`; None if there isn't a frame. Items that aren't objects become empty frames,
    so that a frame's place in the tuple stays its place in the JSON (see Stacktrace.omitted)."""
    raw = as_list(as_object(value).get("frames"))
    if not raw:
        return None
    excess = max(0, len(raw) - MAX_FRAMES)
    kept = raw[:FRAMES_OF_HEAD] + raw[FRAMES_OF_HEAD + excess :] if excess else raw
    frames = tuple(_parse_frame(as_object(item)) for item in kept)
    return Stacktrace(path, frames, omitted_from=FRAMES_OF_HEAD if excess else 0, omitted=excess)


def _parse_frame(raw: Mapping[str, Any]) -> Frame:
    abs_path = as_text(raw.get("abs_path"))
    filename = as_text(raw.get("filename"))
    return Frame(
        abs_path=abs_path or filename,
        filename=filename or (_without_host(abs_path) if abs_path else None),
        module=as_text(raw.get("module")),
        function=as_text(raw.get("function")),
        lineno=as_number(raw.get("lineno")),
        colno=as_number(raw.get("colno")),
        in_app=as_flag(raw.get("in_app")),
        platform=as_text(raw.get("platform")),
        context_line=_line(raw.get("context_line")),
        pre_context=_lines(raw.get("pre_context")),
        post_context=_lines(raw.get("post_context")),
    )


def _without_host(abs_path: str) -> str:
    url = _URL.match(abs_path)
    return url["path"] or abs_path if url else abs_path


def _line(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _lines(value: Json) -> tuple[str, ...]:
    return tuple(_line(item) or "" for item in as_list(value))
