"""Where places of a generated file come from: the sources, and the lines that are shown of them."""

from collections.abc import Sequence
from sys import getsizeof
from typing import Final

import msgspec

from headwater.sourcemaps.compiled.places import Place
from headwater.sourcemaps.compiled.texts import Line, Text, around
from headwater.sourcemaps.mapping import Mapping

LINES_AROUND: Final = 5
"""Lines of an excerpt before and after its line, as Sentry shows them."""
_PLACE_BYTES: Final = 8
"""Of a line's place in a list."""
_LINE_BYTES: Final = getsizeof("") + _PLACE_BYTES
"""Of a line beside its characters, if they are ASCII."""


class Source(msgspec.Struct, frozen=True, gc=False):
    """One source of a map."""

    index: int
    name: str | None
    """With `sourceRoot` in front; None where the map has null."""
    is_ignored: bool
    """The bundler marked it as third-party code (`ignoreList`)."""
    digest: bytes
    """SHA-256 of its text as UTF-8; empty if the map has no text for it."""


class Excerpt(msgspec.Struct, frozen=True, gc=False):
    """A line of a text with those around it; those that are whole are plain strings."""

    lines: Sequence[Line | str]
    at: int
    """The line's index in `lines`."""

    @property
    def line(self) -> Line:
        """The line itself, of a very long one the part around the column that was asked for."""
        line = self.lines[self.at]
        return Line(line) if isinstance(line, str) else line


def excerpt_of(text: Text, line: int, column: int) -> Excerpt | None:
    """What is around a line and a UTF-16 column, from 0; None if there is no such line.

    Raises as the text does.
    """
    return excerpts_of([(text, [(line, column)])])[0][0]


def excerpts_of(texts: Sequence[tuple[Text, Sequence[Place]]]) -> list[list[Excerpt | None]]:
    """As `excerpt_of` each place of each text, read together."""
    return [
        [
            Excerpt(lines, line if line < LINES_AROUND else LINES_AROUND) if lines else None  # noqa: FURB136 — min() takes longer
            for lines, (line, _) in zip(of_text, places, strict=True)
        ]
        for of_text, (_, places) in zip(around(texts, LINES_AROUND), texts, strict=True)
    ]


def bytes_of(excerpts: Sequence[Excerpt]) -> int:
    """Of memory that their lines take, at most."""
    lines = [line for each in excerpts for line in each.lines]
    try:
        text = "".join(lines)  # type: ignore[arg-type]
    except TypeError:  # there is a part of a line among them
        text = None
    if text is None or not text.isascii():
        return sum(map(getsizeof, lines)) + _PLACE_BYTES * len(lines)
    return len(text) + _LINE_BYTES * len(lines)


class Origin(msgspec.Struct, frozen=True, gc=False):
    """What a mapping leads to."""

    mapping: Mapping
    source: Source | None
    """None where the mapping has none."""
    excerpt: Excerpt | None
    """None where the map has no text for the source, or the text no such line."""
