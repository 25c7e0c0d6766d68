"""An event as Sentry's API shows it after symbolication: the resolution laid over the raw JSON."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from headwater.protocol.event import ExceptionValue, Json
from headwater.protocol.json_value import as_object, as_values
from headwater.protocol.stacktrace_json import FRAMES_OF_HEAD
from headwater.symbolicate.exceptions import as_written
from headwater.symbolicate.processing_errors import processing_error
from headwater.symbolicate.resolution import Original, Resolution, ResolvedFrame
from headwater.symbolicate.verdicts import Verdict

_WITHOUT_DATA: Final = (
    Verdict.BUILT_IN,
    Verdict.ALREADY_ORIGINAL,
    Verdict.THIRD_PARTY,
    Verdict.NO_POSITION,
)


def overlay(payload: Json, resolution: Resolution) -> Json:
    """A copy of the event with resolved frames in place and the raw ones in `raw_stacktrace`.

    The argument stays as it is; parts that nothing was found for are shared with it.
    """
    if not isinstance(payload, dict):
        return payload
    event = dict(payload)
    errors: list[dict[str, Any]] = []
    for trace in resolution.stacktraces:
        raw = _at(payload, trace.path)
        frames = raw.get("frames") if isinstance(raw, dict) else None
        wanted = any(frame.verdict not in _WITHOUT_DATA for frame in trace.frames)
        if not isinstance(frames, list) or not trace.path:
            continue
        laid = _frames(frames, trace.frames, errors)
        container = _own(event, trace.path[:-1])
        container[trace.path[-1]] = {**raw, "frames": laid}
        if wanted:
            container[f"raw_{trace.path[-1]}"] = raw
    _lay_words(event, payload, resolution)
    _add_errors(event, errors)
    return event


def _lay_words(event: dict[str, Any], payload: Mapping[str, Any], resolution: Resolution) -> None:
    """Exceptions' types and messages in full, what was sent beside them as `raw_type`, `raw_value`."""
    found = {trace.path: trace.frames for trace in resolution.stacktraces}
    for path, raw in as_values(payload.get("exception")):
        if not isinstance(raw, dict):
            continue
        kind, value = raw.get("type"), raw.get("value")
        at = ("exception", *path)
        sent = ExceptionValue(
            kind if isinstance(kind, str) else None,
            value if isinstance(value, str) else None,
            synthetic=as_object(raw.get("mechanism")).get("synthetic") is True,
        )
        written = as_written(sent, found.get((*at, "stacktrace"), ()))
        if written.was:
            container = _own(event, at)
            container.update(_raw("type", sent.type, written.type))
            container.update(_raw("value", sent.value, written.message))


def _raw(name: str, sent: str | None, written: str) -> dict[str, str]:
    return {} if sent is None or sent == written else {name: written, f"raw_{name}": sent}


def _at(value: Json, path: Sequence[str | int]) -> Json:
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def _own(event: dict[str, Any], path: Sequence[str | int]) -> Any:
    """The container at `path`, copied all the way down to it."""
    container: Any = event
    for step in path:
        inner = container[step]
        container[step] = dict(inner) if isinstance(inner, dict) else list(inner)
        container = container[step]
    return container


def _frames(
    raw: list[Any], resolved: Sequence[ResolvedFrame], errors: list[dict[str, Any]]
) -> list[Any]:
    """Of a runaway stack only both ends were resolved; what lies between stays as it is."""
    left_out = len(raw) - len(resolved)
    frames: list[list[Any]] = [[each] for each in raw]
    for index, result in enumerate(resolved):
        place = index + left_out if left_out > 0 and index >= FRAMES_OF_HEAD else index
        if place >= len(raw) or not isinstance(raw[place], dict):
            continue
        frames[place] = [*_callers(raw[place], result), _frame(raw[place], result)]
        error = processing_error(raw[place], result)
        if error is not None:
            errors.append(error)
    return list(chain.from_iterable(frames))


def _callers(raw: Mapping[str, Any], result: ResolvedFrame) -> Iterator[dict[str, Any]]:
    """Frames that the minified program does not have, oldest call first, as all frames are."""
    data = {**_mapping(raw.get("data")), **_data(raw, result)}
    for index, caller in reversed(tuple(enumerate(result.inlined_into))):
        is_inlined = index < len(result.inlined_into) - 1
        frame = {**raw, **_original(caller), "data": {**data, "inlined": is_inlined}}
        yield frame if caller.in_app is None else {**frame, "in_app": caller.in_app}


def _frame(raw: Mapping[str, Any], result: ResolvedFrame) -> dict[str, Any]:
    frame = dict(raw)
    if result.in_app is not None:
        frame["in_app"] = result.in_app
    if result.verdict in _WITHOUT_DATA:
        return frame
    if result.original is not None:
        frame.update(_original(result.original))
    frame["data"] = {**_mapping(raw.get("data")), **_data(raw, result)}
    return frame


def _original(original: Original) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "function": original.function,
        "filename": original.filename,
        "abs_path": original.abs_path,
        "module": original.module,
        "lineno": original.lineno,
        "colno": original.colno,
        "pre_context": list(original.pre_context),
        "context_line": original.context_line,
        "post_context": list(original.post_context),
    }
    return fields


def _data(raw: Mapping[str, Any], result: ResolvedFrame) -> dict[str, Any]:
    data: dict[str, Any] = {
        "symbolicated": result.original is not None,
        "verdict": result.verdict.value,
    }
    if result.original is not None:
        inside = raw.get("abs_path") or raw.get("filename")
        data["sourcemap"] = result.evidence.source_map or inside
        data["resolved_with"] = result.evidence.resolved_with
    if result.inlined_into:
        data["inlined"] = True
    return data


def _mapping(value: Json) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _add_errors(event: dict[str, Any], errors: list[dict[str, Any]]) -> None:
    """Each once, after those that the event came with."""
    there = event.get("errors")
    every = list(there) if isinstance(there, list) else []
    for error in sorted(errors, key=lambda each: sorted(map(str, each.items()))):
        if error not in every:
            every.append(error)
    if every:
        event["errors"] = every
