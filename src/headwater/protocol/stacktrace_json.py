"""Stack traces out of an event's JSON."""

import re
from typing import Any, Final

import msgspec

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
    raw = as_object(value)
    listed = as_list(raw.get("frames"))
    if not listed:
        return None
    excess = excess_of(listed)
    frames = _frames(without_middle(listed))
    if excess:
        return Stacktrace(path, frames, omitted_from=FRAMES_OF_HEAD, omitted=excess)
    gone = _gone(raw.get("frames_omitted"), len(frames))
    if gone:
        return Stacktrace(path, frames, omitted_from=gone[0], omitted=gone[1], are_gone=True)
    return Stacktrace(path, frames)


def excess_of(frames: list[Any]) -> int:
    """How many frames of a stack trace are too many."""
    return max(0, len(frames) - MAX_FRAMES)


def without_middle(frames: list[Any]) -> list[Any]:
    """The outermost and the innermost frames, MAX_FRAMES in all."""
    excess = excess_of(frames)
    return frames[:FRAMES_OF_HEAD] + frames[FRAMES_OF_HEAD + excess :] if excess else frames


def _gone(value: Json, present: int) -> tuple[int, int] | None:
    """`frames_omitted`, Sentry's field for it: the first frame left out, and the first one behind."""
    bounds = [as_number(bound) for bound in as_list(value)]
    match bounds:
        case [int(start), int(end)] if start <= present and start < end:
            return start, end - start
    return None


def _frames(raw: list[Any]) -> tuple[Frame, ...]:
    whole = [_whole(item) if type(item) is dict else {} for item in raw]
    try:
        return msgspec.convert(whole, tuple[Frame, ...])
    except msgspec.ValidationError:
        return tuple([_parse_frame(item) for item in whole])


def _whole(raw: dict[str, Any]) -> dict[str, Any]:
    """The frame with what stands in for an address, a file's name or a function that it lacks."""
    get = raw.get
    abs_path, filename = get("abs_path"), get("filename")
    if filename and get("function"):
        return raw if abs_path else {**raw, "abs_path": filename}
    named = as_text(filename)
    if named is None:
        at = as_text(abs_path)
        named = _without_host(at) if at else as_text(get("package"))
    function = get("function") or get("symbol")
    return {**raw, "abs_path": abs_path or named, "filename": named, "function": function}


def _parse_frame(raw: dict[str, Any]) -> Frame:
    """One that has a field of an unexpected type somewhere."""
    get = raw.get
    filename = as_text(get("filename"))
    return Frame(
        abs_path=as_text(get("abs_path")) or filename,
        filename=filename,
        module=as_text(get("module")),
        function=as_text(get("function")),
        lineno=as_number(get("lineno")),
        colno=as_number(get("colno")),
        in_app=as_flag(get("in_app")),
        platform=as_text(get("platform")),
        context_line=_line(get("context_line")),
        pre_context=_lines(get("pre_context")),
        post_context=_lines(get("post_context")),
    )


def _without_host(abs_path: str) -> str:
    url = _URL.match(abs_path)
    return url["path"] or abs_path if url else abs_path


def _line(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _lines(value: Json) -> tuple[str, ...]:
    return tuple([_line(item) or "" for item in as_list(value)])
