"""The parts of an event that Headwater reads, as types that cannot be wrong.

The event itself is kept as it came; this is a view of it. Anything of an unexpected type is left
out of the view rather than refused: an SDK's mistake in one field must not cost the user an event.
"""

from datetime import datetime
from typing import Annotated, Any, Final, NamedTuple, TypeAlias

import msgspec
from msgspec import Struct

from headwater.protocol.debug_id import DebugId

Json: TypeAlias = Any
"""A decoded JSON value. Only `protocol` looks inside one."""


MAX_NUMBER: Final = 2**31 - 1
"""The largest line or column that is believed; bundles end far below, integers in maps at it."""

_Text: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]
_Place: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=MAX_NUMBER)]


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One frame as the SDK sent it. `lineno` and `colno` count from 1; columns in UTF-16 units.

    `abs_path` and `filename` fill in for one another as Sentry's Relay does: @sentry/node sends
    only `filename`, and debug ids match on `abs_path`. A missing `filename` is the `abs_path`, of
    which for file:, http:, https: and applewebdata: addresses only the path remains. Of a native
    frame, which has neither, both are the `package`: the library or program that it lies in.

    A Struct and not a dataclass, since an event has dozens: msgspec makes them of well-formed JSON
    in a fifth of the time.
    """

    abs_path: _Text | None = None
    filename: _Text | None = None
    module: _Text | None = None
    function: _Text | None = None
    lineno: _Place | None = None
    colno: _Place | None = None
    in_app: bool | None = None
    platform: _Text | None = None
    context_line: str | None = None
    pre_context: tuple[str, ...] = ()
    post_context: tuple[str, ...] = ()


class Stacktrace(Struct, frozen=True):
    """Frames as sent: oldest call first, the throwing frame last.

    `path` says where in the event's JSON it was, such as `("exception", "values", 0, "stacktrace")`.
    Of a runaway stack the middle is left out: `omitted` frames, the first of them at
    `omitted_from`. `are_gone` says that the JSON, too, has them no more, and so says
    `frames_omitted` in it.
    """

    path: tuple[str | int, ...]
    frames: tuple[Frame, ...]
    omitted_from: int = 0
    omitted: int = 0
    are_gone: bool = False
    thread: str = ""
    """What a thread's is called: `main, crashed`; empty for what is none, or has no name."""
    are_components: bool = False
    """No calls but the components that React was rendering, the innermost last."""

    def index_in_json(self, index: int) -> int:
        """Where the frame at `index` of `frames` stands in the JSON's own list."""
        is_behind = self.omitted and not self.are_gone and index >= self.omitted_from
        return index + self.omitted if is_behind else index


class ExceptionValue(Struct, frozen=True):
    """One exception of a chain; the chain is ordered innermost cause first, thrown one last."""

    type: str | None = None
    value: str | None = None
    module: str | None = None
    mechanism: str | None = None
    handled: bool | None = None
    synthetic: bool = False
    stacktrace: Stacktrace | None = None


class DebugImage(Struct, frozen=True):
    """Says that the file `code_file` (equal to a frame's `abs_path`) was built as `debug_id`."""

    code_file: str
    debug_id: DebugId


class ClientTold(NamedTuple):
    """`Firefox 120`, `Windows`, `https://shop.example/checkout`: as far as the event tells."""

    browser: str | None = None
    os: str | None = None
    url: str | None = None


NOTHING_TOLD: Final = ClientTold()


class Event(Struct, frozen=True):
    """An event of any SDK, in one shape."""

    event_id: str
    """32 lower-case hexadecimal digits."""
    platform: str
    timestamp: datetime
    """When it happened by the client's clock, or when it was received; UTC."""
    level: str = "error"
    release: str | None = None
    dist: str | None = None
    environment: str | None = None
    transaction: str | None = None
    message: str | None = None
    template: str | None = None
    """The message before its parameters were filled in (`Order %s failed`), where the SDK says so."""
    logger: str | None = None
    fingerprint: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    user: str | None = None
    """What tells this user from another: id, e-mail, name or address, whichever comes first."""
    sdk: str | None = None
    """`name/version` of the SDK."""
    exceptions: tuple[ExceptionValue, ...] = ()
    threads: tuple[Stacktrace, ...] = ()
    """The thread that crashed first, else the one that sent the event; the others as they came.
    Where that thread's stack trace is the exception's, which has none of its own, it is not here."""
    stacktrace: Stacktrace | None = None
    component_stack: Stacktrace | None = None
    """React's, where it is among the contexts; else it may be an exception's."""
    images: tuple[DebugImage, ...] = ()
    extra: tuple[str, ...] = ()
    """Notes on what was left out of this view and why, for the event page."""
    client: ClientTold = NOTHING_TOLD

    @property
    def stacktraces(self) -> tuple[Stacktrace, ...]:
        """Every stack trace: exceptions', then threads', then the event's own, then components."""
        of_exceptions = (value.stacktrace for value in self.exceptions)
        every = (*of_exceptions, *self.threads, self.stacktrace, self.component_stack)
        return tuple(trace for trace in every if trace is not None)
