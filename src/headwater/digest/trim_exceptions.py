"""Exceptions, threads and their stack traces within bounds."""

from typing import Any, Final

import msgspec

from headwater.digest.cutter import Cutter
from headwater.protocol.cuts import Path
from headwater.protocol.event_json import MAX_EXCEPTIONS
from headwater.protocol.json_text import may_be_deep, measure
from headwater.protocol.json_value import as_object, as_values
from headwater.protocol.stacktrace_json import FRAMES_OF_HEAD, excess_of, without_middle
from headwater.protocol.threads_json import MAX_THREADS

MAX_MESSAGE: Final = 8_192
"""Characters of a message, an exception's text, or a breadcrumb's message: Relay's limit."""

MAX_TITLE_TEXT: Final = 250
"""Characters of an exception's type, a transaction's, a logger's, a server's name; Relay's: 200."""

MAX_VARIABLES: Final = 2_048
"""Bytes of one frame's local variables as JSON: Relay's limit."""

MAX_ABOUT: Final = 8 * 1024
"""Bytes of whatever else is said of an exception, a thread or a stack trace: registers, locks."""

_CHUNK: Final = 8
"""Frames whose depth is measured at once: they rarely have as many brackets as may be levels."""

_LISTED: Final = frozenset({"values"})
_STACKTRACES: Final = frozenset({"stacktrace", "raw_stacktrace"})


def trim_exceptions(event: dict[str, Any], cutter: Cutter, *, with_variables: bool = True) -> None:
    """The exceptions thrown last and the threads that matter, with 250 frames each at most."""
    limit = MAX_VARIABLES if with_variables else 0
    _keep(event, "exception", cutter, lambda every: every[-MAX_EXCEPTIONS:])
    _keep(event, "threads", cutter, _important)
    for interface in ("exception", "threads"):
        for path, item in as_values(event.get(interface)):
            if type(item) is not dict:
                measure(item)
            else:
                at = (interface, *path)
                cutter.texts(item, ("type",), MAX_TITLE_TEXT, at)
                cutter.texts(item, ("value",), MAX_MESSAGE, at)
                cutter.bags(item, MAX_ABOUT, at, _STACKTRACES)
                for name in ("stacktrace", "raw_stacktrace"):
                    _trim_stacktrace(item, name, at, cutter, limit)
    _trim_stacktrace(event, "stacktrace", (), cutter, limit)


def _keep(event: dict[str, Any], interface: str, cutter: Cutter, choose: Any) -> None:
    value = event.get(interface)
    if type(value) is list:
        cutter.items(event, interface, choose(value), ())
    elif type(value) is dict and "values" in value:
        is_listed = type(value["values"]) is list
        cutter.bags(value, MAX_ABOUT, (interface,), _LISTED if is_listed else frozenset())
        if is_listed:
            cutter.items(value, "values", choose(value["values"]), (interface,))


def _important(threads: list[Any]) -> list[Any]:
    if len(threads) <= MAX_THREADS:
        return threads
    leading = [
        thread
        for thread in threads
        if as_object(thread).get("crashed") is True or as_object(thread).get("current") is True
    ][:MAX_THREADS]
    others = [thread for thread in threads if not any(thread is each for each in leading)]
    return leading + others[: MAX_THREADS - len(leading)]


def _trim_stacktrace(
    of: dict[str, Any], name: str, path: Path, cutter: Cutter, variables: int
) -> None:
    stacktrace = of.get(name)
    if type(stacktrace) is not dict:
        cutter.bag(of, name, MAX_ABOUT, path)
        return
    at = (*path, name)
    cutter.bags(stacktrace, MAX_ABOUT, at, frozenset({"frames"}))
    frames = stacktrace.get("frames")
    if type(frames) is not list:
        cutter.bag(stacktrace, "frames", MAX_ABOUT, at)
        return
    excess = excess_of(frames)
    if excess:
        cutter.items(stacktrace, "frames", without_middle(frames), at)
        stacktrace["frames_omitted"] = [FRAMES_OF_HEAD, FRAMES_OF_HEAD + excess]
        frames = stacktrace["frames"]
    _trim_frames(frames, (*at, "frames"), cutter, variables)


def _trim_frames(frames: list[Any], path: Path, cutter: Cutter, variables: int) -> None:
    if may_be_deep(msgspec.json.encode(frames)):
        for start in range(0, len(frames), _CHUNK):
            measure(frames[start : start + _CHUNK])
    for index, frame in enumerate(frames):
        if variables and type(frame) is dict and frame.get("vars"):
            cutter.bag(frame, "vars", variables, (*path, index))
    with_some = [frame for frame in frames if variables == 0 and "vars" in as_object(frame)]
    for frame in with_some:
        del frame["vars"]
    if with_some:
        cutter.mark((*path, "vars"), len(with_some))
