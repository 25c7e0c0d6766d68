"""What an SDK's fingerprint may name: `{{ transaction }}`, `{{ tags.shop }}`, `{{ stack.function }}`."""

from functools import cached_property
from typing import Final

from headwater.grouping.in_app import JAVASCRIPT
from headwater.grouping.innermost import innermost, thrown_trace
from headwater.grouping.minified import stable_function, stable_path
from headwater.grouping.parts import ByLevel
from headwater.grouping.traces import Traces
from headwater.grouping.words import encoded
from headwater.protocol.event import Event, ExceptionValue, Frame

MAX_VARIABLE: Final = 250
"""Characters of an entry that may be a variable: the longest name of a tag and its braces."""

_STACK: Final = ("function", "path", "abs_path", "filename", "module", "package")


class Variables:
    """The variables of one event, as Sentry names them."""

    def __init__(self, event: Event, traces: Traces) -> None:
        self._event = event
        self._traces = traces

    def value(self, name: str | None, entry: str) -> ByLevel:
        """An entry's part of the hashes, where `name` is the variable that it is, if it is any.

        A variable that the event has no value for is empty; an unknown one counts as it is written.
        """
        if name is not None and name.removeprefix("stack.") in _STACK:
            came, written = self._stack
            field = name.removeprefix("stack.")
            values = came.get(field, ""), written.get(field, "")
            return (_given(values[0]), _given(values[1]), _given(values[1]))
        if name is not None and name.startswith("tags."):
            entry = self._tags.get(name.removeprefix("tags."), "")
        elif name is not None:
            entry = self._plain.get(name, entry)
        return (_given(entry),) * 3

    @cached_property
    def _tags(self) -> dict[str, str]:
        return dict(self._event.tags)

    @cached_property
    def _plain(self) -> dict[str, str]:
        event = self._event
        thrown = event.exceptions[-1] if event.exceptions else ExceptionValue()
        values = {
            "error.type": thrown.type,
            "type": thrown.type,
            "error.value": thrown.value,
            "value": thrown.value,
            "level": event.level,
            "logger": event.logger,
            "message": event.message or thrown.value,
            "transaction": event.transaction,
            "release": event.release,
            "environment": event.environment,
        }
        return {name: value or "" for name, value in values.items()}

    @cached_property
    def _stack(self) -> tuple[dict[str, str], dict[str, str]]:
        """Of the innermost own frame: as it came, without what a build changes, and as written."""
        trace = thrown_trace(self._event)
        place = innermost(self._event, self._traces.resolution)
        if trace is None or place is None:
            return {}, {}
        self._traces.telling(trace)  # how final the hash is depends on the frames now
        frame, resolved = place
        came = _as_it_came(frame, frame.platform or self._event.platform)
        original = resolved.original if resolved else None
        if original is None:
            return came, came
        return came, _place(original.filename, original.function, original.module)


def variable_in(entry: str) -> str | None:
    """`transaction` of `{{ transaction }}`; None if the entry is no variable."""
    plain = entry.strip() if len(entry) <= MAX_VARIABLE else ""
    is_variable = plain.startswith("{{") and plain.endswith("}}")
    return plain[2:-2].strip() if is_variable else None


def _as_it_came(frame: Frame, platform: str) -> dict[str, str]:
    path = frame.filename or frame.abs_path or ""
    if platform in JAVASCRIPT:
        return _place(stable_path(frame.abs_path or path), stable_function(frame.function), None)
    return _place(path, frame.function, frame.module)


def _place(path: str, function: str | None, module: str | None) -> dict[str, str]:
    named = {"function": function or "", "module": module or ""}
    return named | dict.fromkeys(("path", "abs_path", "filename"), path)


def _given(text: str) -> bytes:
    return encoded("given", text)
