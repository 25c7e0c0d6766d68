"""What an issue is called, and where it was."""

from typing import Final

from headwater.grouping.frames import Resolved, by_path
from headwater.grouping.in_app import is_in_app
from headwater.protocol.event import Event, Frame, Stacktrace
from headwater.symbolicate.resolution import Resolution, ResolvedFrame

MAX_TITLE: Final = 200
"""Characters of a title; a list shows fewer."""

MAX_CULPRIT: Final = 300
"""Characters of a culprit: a long path and a function."""

UNTITLED: Final = "<unlabeled event>"


def title(event: Event) -> str:
    """`Type: first line of the message`, or the message, or what little there is."""
    if not event.exceptions:
        return _first_line(event.message or "") or UNTITLED
    thrown = event.exceptions[-1]
    value = _first_line(thrown.value or "")
    if not thrown.type:
        return value or UNTITLED
    return _cut(f"{thrown.type}: {value}" if value else thrown.type, MAX_TITLE)


def culprit(event: Event, resolution: Resolution) -> str:
    """`getPostedInvoice · src/lib/actions/invoices.ts:84`: the innermost frame of the user's own.

    Without any frame: the transaction, or nothing.
    """
    trace = _thrown_trace(event)
    place = _place(trace, by_path(resolution)) if trace else None
    return _cut(place or event.transaction or "", MAX_CULPRIT)


def _thrown_trace(event: Event) -> Stacktrace | None:
    of_exceptions = [value.stacktrace for value in reversed(event.exceptions)]
    every = [*of_exceptions, event.stacktrace, *event.threads]
    return next((trace for trace in every if trace is not None), None)


def _place(trace: Stacktrace, resolved: Resolved) -> str | None:
    verdicts = resolved.get(trace.path, ())
    pairs = [
        (frame, verdicts[index] if index < len(verdicts) else None)
        for index, frame in enumerate(trace.frames)
        if frame.abs_path
    ]
    own = [pair for pair in pairs if _is_own(*pair)]
    return _spell(*(own or pairs)[-1]) if pairs else None


def _is_own(frame: Frame, resolved: ResolvedFrame | None) -> bool:
    return resolved.in_app if resolved and resolved.in_app is not None else is_in_app(frame)


def _spell(frame: Frame, resolved: ResolvedFrame | None) -> str:
    original = resolved.original if resolved else None
    if original:
        function, where = original.function, f"{original.filename}:{original.lineno}"
    else:
        function = frame.function
        where = frame.filename or frame.abs_path or "?"
        position = [str(number) for number in (frame.lineno, frame.colno) if number is not None]
        where = ":".join([where, *position])
    return f"{function} · {where}" if function and function != "?" else where


def _first_line(text: str) -> str:
    lines = (line.strip() for line in text.splitlines())
    return _cut(next((line for line in lines if line), ""), MAX_TITLE)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
