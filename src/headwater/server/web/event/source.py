"""A few lines of source with syntax colours, the line lit and the column marked."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Final

from markupsafe import Markup, escape
from pygments.lexer import Lexer
from pygments.lexers.javascript import CoffeeScriptLexer, TypeScriptLexer
from pygments.lexers.python import PythonLexer
from pygments.lexers.special import TextLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType

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

_LEXERS: Final[dict[str, type[Lexer]]] = {
    **dict.fromkeys(("js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts"), TypeScriptLexer),
    **dict.fromkeys(("vue", "svelte", "astro"), TypeScriptLexer),
    "coffee": CoffeeScriptLexer,
    "py": PythonLexer,
}

# From the more special to the more general: the first that holds a token gives its class.
_CLASSES: Final[tuple[tuple[_TokenType, str], ...]] = (
    (Comment, "c"),
    (String, "s"),
    (Number, "n"),
    (Keyword.Type, "t"),
    (Keyword, "k"),
    (Operator.Word, "k"),
    (Name.Function, "f"),
    (Name.Class, "t"),
    (Name.Decorator, "f"),
    (Name.Tag, "k"),
)


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line. `caret` is what stands before the mark under a lit line; None: there is no mark."""

    number: int
    code: Markup
    lit: bool = False
    caret: str | None = None


def source_lines(
    filename: str,
    place: tuple[int, int | None],
    line: str | None,
    before: Sequence[str] = (),
    after: Sequence[str] = (),
) -> tuple[SourceLine, ...]:
    """`place` is line and column, both from 1, the column in UTF-16 units. Empty without a `line`."""
    if line is None:
        return ()
    lineno, colno = place
    before, after = before[-CONTEXT_LINES:], after[:CONTEXT_LINES]
    lit, caret = _cut_around(_plain(line), None if colno is None else colno - 1)
    shown = [*map(_cut, before), lit, *map(_cut, after)]
    first = lineno - len(before)
    return tuple(
        SourceLine(
            number=first + index,
            code=code,
            lit=index == len(before),
            caret=caret if index == len(before) else None,
        )
        for index, code in enumerate(coloured(filename, shown))
    )


def index_of(line: str, column: int) -> int | None:
    """From a column in UTF-16 units (from 0) to a character's index; None beyond the line's end."""
    units = 0
    for index, character in enumerate(line):
        units += 2 if ord(character) > 0xFFFF else 1  # noqa: PLR2004 - the first plane's end
        if units > column:
            return index
    return len(line) if units == column else None


def _plain(line: str) -> str:
    return _DECEIVING.sub("\ufffd", line.removesuffix("\n").removesuffix("\r"))


def _cut(line: str) -> str:
    plain = _plain(line)
    return plain if len(plain) <= MAX_LINE else f"{plain[: MAX_LINE - 1]}…"


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


@cache
def _lexer(extension: str) -> Lexer:
    return _LEXERS.get(extension, TextLexer)(stripnl=False, ensurenl=False)


def coloured(filename: str, lines: list[str]) -> list[Markup]:
    """One piece of markup for each line; the file name's extension chooses the language."""
    extension = filename.partition("?")[0].rpartition(".")[2].lower()
    lexer = _lexer(extension if extension in _LEXERS else "")
    # The excerpt may begin inside a block comment, whose end is then all that shows.
    inside = _begins_in_comment(lines)
    text = "\n".join(["/*", *lines] if inside else lines)
    pieces: list[list[tuple[str, str]]] = [[]]
    for kind, value in lexer.get_tokens(text):
        for number, piece in enumerate(value.split("\n")):
            if number:
                pieces.append([])
            pieces[-1].append((_class(kind, piece), piece))
    return [_markup(line) for line in pieces[1 if inside else 0 :]]


def _begins_in_comment(lines: Iterable[str]) -> bool:
    text = "\n".join(lines)
    end = text.find("*/")
    return end >= 0 and "/*" not in text[:end]


def _class(kind: _TokenType, text: str) -> str:
    if not text.strip():
        return ""
    return next((name for token, name in _CLASSES if kind in token), "")


def _markup(pieces: list[tuple[str, str]]) -> Markup:
    # Lexers cut finely; neighbours of one colour are one span.
    runs = groupby(pieces, key=lambda piece: piece[0])
    return Markup("").join(_span(name, "".join(text for _, text in run)) for name, run in runs)


def _span(name: str, text: str) -> Markup:
    return Markup('<span class="{}">{}</span>').format(name, text) if name else escape(text)
