"""The lines around a place in a source, long ones cut so that the place stays in view."""

from typing import Final

import msgspec

from headwater.sourcemaps.compiled.origins import Excerpt
from headwater.sourcemaps.compiled.texts import Line, characters_before

MAX_LINE: Final = 150
"""Characters of a line that is shown whole."""
WINDOW: Final = 140
"""Characters kept of a longer one, beginning BEFORE_COLUMN characters before the column."""
BEFORE_COLUMN: Final = 60
_NEARLY: Final = 5
"""A cut that would drop no more than this is not made."""
_SNIP: Final = "{snip}"


class Context(msgspec.Struct, frozen=True):
    """A line of a source and its neighbours, in the source's order."""

    pre: tuple[str, ...]
    line: str
    post: tuple[str, ...]


def context_of(excerpt: Excerpt, column: int) -> Context:
    """An excerpt's lines, cut around a column (from 0, UTF-16 units).

    One column cuts all lines, so that they stay below one another.
    """
    shown = tuple(
        [
            # Nearly every line; a call would cost three times as much.
            each
            if type(each) is str and len(each) <= MAX_LINE and each[-1:] != "\r"
            else snip(each, column)
            for each in excerpt.lines
        ]
    )
    middle = excerpt.at
    return Context(shown[:middle], shown[middle], shown[middle + 1 :])


def snip(line: Line | str, column: int) -> str:
    """Cut a long line to the part around a UTF-16 column; of a very long one only a part is known."""
    begins, goes_on = 0, False
    if not isinstance(line, str):
        line, begins, goes_on = line
    if not goes_on:
        line = line.removesuffix("\r")
        if len(line) <= MAX_LINE and begins == 0:
            return line
    start = max(0, characters_before(line, max(0, column - begins)) - BEFORE_COLUMN)
    start = 0 if start < _NEARLY else start
    end = min(start + WINDOW, len(line))
    end = len(line) if end > len(line) - _NEARLY else end
    start = max(0, end - WINDOW) if end == len(line) else start
    before = f"{_SNIP} " if start > 0 or begins > 0 else ""
    after = f" {_SNIP}" if end < len(line) or goes_on else ""
    return f"{before}{line[start:end]}{after}"
