"""React's component stack: which components were being rendered, one line for each.

Not calls but a tree, the innermost component first. A line has the address of the component's code
in the words of the browser's own stack traces:

    at Receipt (https://shop.example/assets/index-DCrZ1V9u.js:9:1204)
    Receipt@https://shop.example/assets/index-DCrZ1V9u.js:9:1204
"""

from collections.abc import Mapping
from typing import Any, Final

from headwater.protocol.event import Event, ExceptionValue, Frame, Json, Stacktrace
from headwater.protocol.json_value import as_number, as_object

MAX_COMPONENTS: Final = 100
"""Components of one stack that are read, the innermost; a deep page has fifty."""

MAX_COMPONENT_LINE: Final = 2_000
"""Characters of a line that are read: an address, and a name that a program may have made."""

PATH: Final = ("contexts", "react", "componentStack")
"""Where it is in an event, and what a resolution knows it by."""

_PARTS: Final = 3


def parse_component_stack(raw: Mapping[str, Any]) -> Stacktrace | None:
    """The components of an event's JSON that have an address, outermost first as calls are.

    None if there are none: elements such as `div` have none, and React before 17 sent none at all.
    """
    text = as_object(as_object(raw.get("contexts")).get("react")).get("componentStack")
    if not isinstance(text, str):
        return None
    found = [frame for line in _lines(text) if (frame := _component(line)) is not None]
    frames = tuple(reversed(found[:MAX_COMPONENTS]))
    return Stacktrace(PATH, frames, are_components=True) if frames else None


def _lines(text: str) -> list[str]:
    # Elements without an address stand between the components, a few for each.
    return text[: 4 * MAX_COMPONENTS * MAX_COMPONENT_LINE].splitlines()[: 20 * MAX_COMPONENTS]


def _component(line: str) -> Frame | None:
    name, place = _split(line[:MAX_COMPONENT_LINE].strip())
    parts = place.rsplit(":", 2)
    if len(parts) != _PARTS or not parts[0]:
        return None
    lineno, colno = as_number(parts[1]), as_number(parts[2])
    if not lineno or colno is None:
        return None
    return Frame(parts[0], parts[0], None, name or None, lineno, colno, in_app=True)


def _split(line: str) -> tuple[str, str]:
    """The component's name and its place, as V8 and Hermes, or as the others write them."""
    if line.startswith("at "):
        name, opened, place = line.removeprefix("at ").partition(" (")
        if opened:
            return name, place.removesuffix(")").removeprefix("address at ")
        return "", line.removeprefix("at ")
    name, _, place = line.partition("@")
    return name, place


def is_component_stack(kind: Json) -> bool:
    """Whether an exception of this type is @sentry/react's: a cause whose frames are components."""
    return isinstance(kind, str) and kind.startswith("React ErrorBoundary")


def is_element(trace: Stacktrace, frame: Frame) -> bool:
    """Whether it is no component but an element such as `<div>`, which @sentry/react sends, too."""
    return trace.are_components and not frame.lineno


def errors_and_components(event: Event) -> tuple[tuple[ExceptionValue, ...], Stacktrace | None]:
    """An event's exceptions that are errors, the thrown one last, and the components if any."""
    causes = [each for each in event.exceptions[:-1] if not is_component_stack(each.type)]
    linked = [each.stacktrace for each in event.exceptions[:-1] if is_component_stack(each.type)]
    placed = (each for each in linked if each and any(frame.lineno for frame in each.frames))
    components = event.component_stack or next(placed, None)
    return (*causes, *event.exceptions[-1:]), components
