"""An exception as it was written: what a production build made of its words is undone."""

from dataclasses import dataclass

from headwater.protocol.event import ExceptionValue
from headwater.symbolicate.react_errors import in_full, react_error


@dataclass(frozen=True, slots=True)
class Written:
    """An exception's type and message for people."""

    type: str
    message: str
    was: str = ""
    """What the build had made of it, in a few words: `Minified React error #31`. Empty: nothing."""


def as_written(exception: ExceptionValue) -> Written:
    """The exception as a development build would have sent it, as far as that is known."""
    kind, message = exception.type or "", exception.value or ""
    full = in_full(exception.value)
    if full is None:
        return Written(kind, message)
    return Written(kind, full, react_error(exception.value) or "")
