"""A stack trace as people paste it, read into frames: V8, Firefox, Safari, and our own pages."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from headwater.protocol.event import Frame

MAX_TEXT: Final = 1024**2
"""Characters of a pasted text that are read; a stack trace has a few thousand."""
MAX_LINE: Final = 4000
"""Characters of a line that may be a frame."""

_PLACE = r"(?P<path>\S(?:.*?\S)?):(?P<line>\d+)(?::(?P<column>\d+))?"
_SHAPES: Final = tuple(
    re.compile(shape)
    for shape in (
        rf"at (?:async )?(?P<function>.+?) \({_PLACE}\)",
        r"at (?:async )?(?P<function>.+?) \((?P<path><anonymous>|native|index \d+)\)",
        rf"at (?:async )?{_PLACE}",
        rf"(?P<function>[^\s@]*(?: [^\s@]+)?)@{_PLACE}",
        r"(?P<function>[^\s@]*)@(?P<path>\[native code\])",
        rf"#?\d+[.:)]?\s+(?P<function>\S.*?)(?:\s{{2,}}|\t){_PLACE}",
        r"(?P<path>(?:[A-Za-z][A-Za-z0-9+.-]*:/{0,3}|/)\S*\.\w+):(?P<line>\d+):(?P<column>\d+)",
    )
)


class Line(Struct, frozen=True):
    """A line of the text, with the frame that it is, if it is one."""

    text: str
    frame: Frame | None


def read_pasted(text: str) -> tuple[Line, ...]:
    """Every line; what isn't a frame (messages, `Caused by:`) keeps its place between them."""
    return tuple(Line(line, _frame(line)) for line in text[:MAX_TEXT].splitlines())


def traces(lines: tuple[Line, ...]) -> Iterator[tuple[int, ...]]:
    """Indices of the lines of each stack trace: frames that follow one another."""
    run: list[int] = []
    for index, line in enumerate(lines):
        if line.frame is not None:
            run.append(index)
        elif run:
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)


def _frame(line: str) -> Frame | None:
    stripped = line.strip()
    if len(stripped) > MAX_LINE:
        return None
    for shape in _SHAPES:
        found = shape.fullmatch(stripped)
        if found is not None:
            return _of_match(found.groupdict())
    return None


def _of_match(parts: dict[str, str | None]) -> Frame:
    path, line, column = parts["path"], parts.get("line"), parts.get("column")
    return Frame(
        abs_path=path,
        filename=path,
        function=(parts.get("function") or "").removeprefix("async*") or "?",
        lineno=int(line) if line else None,
        colno=int(column) if column else None,
    )
