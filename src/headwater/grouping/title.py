"""What an issue is called, and where it was."""

from typing import Final

from headwater.grouping.innermost import culprit_place
from headwater.protocol.event import Event, ExceptionValue, Frame
from headwater.symbolicate.exceptions import as_written, frames_of
from headwater.symbolicate.resolution import Resolution, ResolvedFrame

MAX_TITLE: Final = 200
"""Characters of a title; a list shows fewer."""

MAX_CULPRIT: Final = 300
"""Characters of a culprit: a long path and a function."""

UNTITLED: Final = "<unlabeled event>"


def title(event: Event, resolution: Resolution) -> str:
    """`Type: first line of the message`, or the message, or what little there is.

    What a production build left of React's messages and of classes' names is written out.
    """
    last = event.exceptions[-1] if event.exceptions else ExceptionValue(value=event.message)
    thrown = as_written(last, frames_of(last, resolution))
    # What was sent stands behind it, so that it is found by that, too.
    was = f" ({thrown.was})" if thrown.was else ""
    told = ": ".join([part for part in (thrown.type, _first_line(thrown.message)) if part])
    return _cut(told, MAX_TITLE - len(was)) + was if told else UNTITLED


def culprit(event: Event, resolution: Resolution) -> str:
    """`getPostedInvoice · src/lib/actions/invoices.ts:84`: the innermost frame of the user's own.

    Of an error that React found while it rendered, the component. Without any frame: the transaction, or nothing.
    """
    place = culprit_place(event, resolution)
    return _cut((_spell(*place) if place else None) or event.transaction or "", MAX_CULPRIT)


def _spell(frame: Frame, resolved: ResolvedFrame | None) -> str:
    original = resolved.original if resolved else None
    if original:
        function, where = original.function, f"{original.filename}:{original.lineno}"
    else:
        function = frame.function
        where = frame.filename or frame.abs_path or frame.module or "?"
        position = [str(number) for number in (frame.lineno, frame.colno) if number is not None]
        where = ":".join([where, *position])
    return f"{function} · {where}" if function and function != "?" else where


def _first_line(text: str) -> str:
    # A little more than fits, so that what is cut says so.
    lines = text.lstrip()[: MAX_TITLE + 1].splitlines()
    return _cut(lines[0].rstrip(), MAX_TITLE) if lines else ""


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
