"""A few lines of source with syntax colours, the line lit and the column marked."""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Final

from markupsafe import Markup, escape
from msgspec import Struct
from pygments.lexer import Lexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType

from headwater.server.excerpt import excerpt

REMEMBERED: Final = 512
"""Excerpts that are kept coloured, some 4 KB each: the pages of an issue's events show the same ones,
and each takes 2 ms."""

MAX_COLOURED: Final = 64 * 1024
"""Characters of a page that is coloured: a tenth of a second's work; pages of code people write have
a third of it."""

_LEXERS: Final = {
    **dict.fromkeys(("js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts"), "typescript"),
    **dict.fromkeys(("vue", "svelte", "astro"), "typescript"),
    "coffee": "coffeescript",
    "py": "python",
}
"""By its name: each is loaded when it is needed."""

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


class SourceLine(Struct, frozen=True):
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
    lines = excerpt(place, line, before, after)
    code = coloured(filename, [each.text for each in lines])
    return tuple(
        SourceLine(each.number, markup, each.lit, each.caret)
        for each, markup in zip(lines, code, strict=True)
    )


@cache
def _lexer(extension: str) -> Lexer:
    from pygments.lexers import get_lexer_by_name  # noqa: PLC0415 # when something is shown

    return get_lexer_by_name(_LEXERS.get(extension, "text"), stripnl=False, ensurenl=False)


def coloured(filename: str, lines: Sequence[str]) -> Sequence[Markup]:
    """One piece of markup for each line; the file name's extension chooses the language."""
    extension = filename.partition("?")[0].rpartition(".")[2].lower()
    return _coloured(extension if extension in _LEXERS else "", tuple(lines))


def coloured_page(filename: str, lines: Sequence[str]) -> Sequence[Markup]:
    """As `coloured`, of many lines, which are not kept; plain, if they are more than MAX_COLOURED."""
    # Lexers take what is left of `\r\n`, and one alone, for an end of a line.
    lines = [line.removesuffix("\r").replace("\r", "\u240d") for line in lines]
    if not lines or sum(map(len, lines)) > MAX_COLOURED:
        return [escape(line) for line in lines]
    extension = filename.partition("?")[0].rpartition(".")[2].lower()
    return _coloured.__wrapped__(extension if extension in _LEXERS else "", tuple(lines))


@lru_cache(REMEMBERED)
def _coloured(extension: str, lines: Sequence[str]) -> Sequence[Markup]:
    lexer = _lexer(extension)
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
    return _class_of(kind) if text.strip() else ""


@cache
def _class_of(kind: _TokenType) -> str:
    return next((name for token, name in _CLASSES if kind in token), "")


def _markup(pieces: list[tuple[str, str]]) -> Markup:
    # Lexers cut finely; neighbours of one colour are one span.
    runs = groupby(pieces, key=itemgetter(0))
    spans = (_span(name, escape("".join([text for _, text in run]))) for name, run in runs)
    return Markup("".join(spans))  # noqa: S704 # escaped above


def _span(name: str, escaped: str) -> str:
    return f'<span class="{name}">{escaped}</span>' if name else escaped
