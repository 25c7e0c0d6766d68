"""A few lines of source as plain text: cut to what can be read, the line and its column marked."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

CONTEXT_LINES: Final = 5
"""Lines shown on each side, as many as Sentry's SDKs and engine give."""

MAX_LINE: Final = 240
"""Characters shown of one line. Minified lines have a million; the part around the column is kept."""

_BEFORE_COLUMN: Final = 80
"""Of a cut line, characters kept before the column."""

# What would make a line look like another one, or like two: control characters but the tab, the
# separators that some programs break lines at, and the marks that turn the direction of text round.
_DECEIVING: Final = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


class ExcerptLine(Struct, frozen=True):
    """One line. `caret` is what stands before the mark under a lit line; None: there is no mark."""

    number: int
    text: str
    lit: bool = False
    caret: str | None = None


def excerpt(
    place: tuple[int, int | None],
    line: str | None,
    before: Sequence[str] = (),
    after: Sequence[str] = (),
) -> tuple[ExcerptLine, ...]:
    """`place` is line and column, both from 1, the column in UTF-16 units. Empty without a `line`."""
    if line is None:
        return ()
    lineno, colno = place
    before, after = before[-CONTEXT_LINES:], after[:CONTEXT_LINES]
    lit, caret = _cut_around(plain(line), None if colno is None else colno - 1)
    first = lineno - len(before)
    return (
        *(ExcerptLine(first + index, cut(text)) for index, text in enumerate(before)),
        ExcerptLine(lineno, lit, lit=True, caret=caret),
        *(ExcerptLine(lineno + index, cut(text)) for index, text in enumerate(after, start=1)),
    )


def index_of(line: str, column: int) -> int | None:
    """From a column in UTF-16 units (from 0) to a character's index; None beyond the line's end."""
    units = 0
    for index, character in enumerate(line):
        units += 2 if ord(character) > 0xFFFF else 1  # noqa: PLR2004 - the first plane's end
        if units > column:
            return index
    return len(line) if units == column else None


def plain(line: str) -> str:
    """Without what would make it look like another line, or like two."""
    return _DECEIVING.sub("\ufffd", line.removesuffix("\n").removesuffix("\r"))


def cut(line: str) -> str:
    """Its beginning, if it is long."""
    text = plain(line)
    return text if len(text) <= MAX_LINE else f"{text[: MAX_LINE - 1]}…"


def _cut_around(line: str, column: int | None) -> tuple[str, str | None]:
    index = None if column is None else index_of(line, column)
    if len(line) > MAX_LINE:
        start = max(0, min((index or 0) - _BEFORE_COLUMN, len(line) - MAX_LINE + 2))
        ends = "…" if start + MAX_LINE - 2 < len(line) else ""
        line = ("…" if start else "") + line[start : start + MAX_LINE - 2] + ends
        index = None if index is None else index - start + (1 if start else 0)
    return line, None if index is None else "".join(map(_blank, line[:index]))


def _blank(character: str) -> str:
    """As wide as the character, in the reader's own tab stops and fonts."""
    if character == "\t":
        return "\t"
    if unicodedata.combining(character):
        return ""
    return "\u3000" if unicodedata.east_asian_width(character) in ("W", "F") else " "
