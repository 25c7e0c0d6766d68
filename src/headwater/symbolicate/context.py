"""The lines around a place in a source, long ones cut so that the place stays in view."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

LINES_AROUND: Final = 5
"""Lines shown before and after, as Sentry does."""
MAX_LINE: Final = 150
"""Characters of a line that is shown whole."""
WINDOW: Final = 140
"""Characters kept of a longer one, beginning BEFORE_COLUMN characters before the column."""
BEFORE_COLUMN: Final = 60
_NEARLY: Final = 5
"""A cut that would drop no more than this is not made."""
_SNIP: Final = "{snip}"


@dataclass(frozen=True, slots=True)
class Context:
    """A line of a source and its neighbours, in the source's order."""

    pre: tuple[str, ...]
    line: str
    post: tuple[str, ...]


def context_of(lines: Sequence[str], line: int, column: int) -> Context | None:
    """Lines around `line`, cut around `column` (both from 0, UTF-16 units); None if there is none.

    One column cuts all lines, so that they stay below one another.
    """
    if not 0 <= line < len(lines):
        return None
    place = characters_before(lines[line], column)
    shown = [
        snip(each.removesuffix("\r"), place)
        for each in lines[max(0, line - LINES_AROUND) : line + LINES_AROUND + 1]
    ]
    middle = min(line, LINES_AROUND)
    return Context(tuple(shown[:middle]), shown[middle], tuple(shown[middle + 1 :]))


def characters_before(line: str, column: int) -> int:
    """How many characters lie before a UTF-16 column."""
    if line.isascii():
        return min(column, len(line))
    # No more than `column` characters can lie before; half of a surrogate pair counts as one.
    units = line[:column].encode("utf-16-le", "surrogatepass")[: 2 * column]
    return len(units.decode("utf-16-le", "surrogatepass"))


def snip(line: str, place: int) -> str:
    """Cut a long line to the part around a character."""
    if len(line) <= MAX_LINE:
        return line
    start = max(0, min(place, len(line)) - BEFORE_COLUMN)
    start = 0 if start < _NEARLY else start
    end = min(start + WINDOW, len(line))
    end = len(line) if end > len(line) - _NEARLY else end
    start = max(0, end - WINDOW) if end == len(line) else start
    before = f"{_SNIP} " if start > 0 else ""
    after = f" {_SNIP}" if end < len(line) else ""
    return f"{before}{line[start:end]}{after}"
