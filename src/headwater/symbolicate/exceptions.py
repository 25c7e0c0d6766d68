"""An exception as it was written: what a production build made of its words is undone."""

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from headwater.protocol.event import ExceptionValue
from headwater.symbolicate.constructed import Constructed
from headwater.symbolicate.react_errors import in_full, react_error
from headwater.symbolicate.resolution import Resolution, ResolvedFrame
from headwater.symbolicate.verdicts import Verdict

MAX_CONSTRUCTORS: Final = 8
"""Constructors that are looked past: Firefox's and Safari's stack traces begin in those of the
error's class and its bases."""

_CLASS: Final = re.compile(r"[A-Z][\w$]{2,}")
_NO_CLASS: Final = re.compile(
    # The language's own are never renamed, and these are what variables are called.
    r"(?:Eval|Range|Reference|Syntax|Type|URI|Aggregate|Suppressed)?Error|DOMException|Object|Function"
    r"|\w*(?:Class|Klass|Constructor|Ctor|Type)"
)


class Written(Struct, frozen=True):
    """An exception's type and message for people."""

    type: str
    message: str
    was: str = ""
    """What the build had made of it, in a few words: `Minified React error #31`, `sent as Dl`.
    Empty: nothing."""


def as_written(exception: ExceptionValue, frames: Sequence[ResolvedFrame] = ()) -> Written:
    """The exception as a development build would have sent it, as far as that is known.

    `frames` are what became of its stack trace, the throwing frame last.
    """
    kind = None if exception.synthetic else original_type(exception.type, frames)
    message = in_full(exception.value)
    if kind is None and message is None:
        return Written(exception.type or "", exception.value or "")
    was = (
        None if message is None else react_error(exception.value),
        None if kind is None else f"sent as {exception.type}",
    )
    return Written(
        kind or exception.type or "",
        message or exception.value or "",
        ", ".join(filter(None, was)),
    )


def frames_of(exception: ExceptionValue, resolution: Resolution) -> Sequence[ResolvedFrame]:
    """What became of an exception's stack trace."""
    path = None if exception.stacktrace is None else exception.stacktrace.path
    return next((each.frames for each in resolution.stacktraces if each.path == path), ())


def original_type(kind: str | None, frames: Sequence[ResolvedFrame]) -> str | None:
    """The class whose minified name is `kind`, from where the error was made; None if that isn't
    certain, or the name is what it was.

    The minified file must say `new` of this very name: short names are also given by hand.
    """
    made = _made_by(frames) if kind else None
    if made is None or made.minified != kind:
        return None
    name = made.original.rpartition(".")[2]
    return name if name != kind and _is_class(made.original, name) else None


def _is_class(path: str, name: str) -> bool:
    is_named = _CLASS.fullmatch(name) is not None and _NO_CLASS.fullmatch(name) is None
    return is_named and not path.startswith("this.")


def _made_by(frames: Sequence[ResolvedFrame]) -> Constructed | None:
    """The `new` that the error came of: in the innermost frame that is no constructor."""
    for frame in reversed(frames[-MAX_CONSTRUCTORS:]):
        if frame.verdict is not Verdict.RESOLVED or frame.original is None:
            return None
        if frame.constructed or not (frame.original.function or "").startswith("new "):
            return frame.constructed
    return None
