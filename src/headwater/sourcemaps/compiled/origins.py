"""Where places of a generated file come from: the sources, and the lines that are shown of them."""

from collections.abc import Sequence
from typing import Final

import msgspec

from headwater.sourcemaps.compiled.parts import CompiledFileDamaged
from headwater.sourcemaps.compiled.texts import Line, Text
from headwater.sourcemaps.mapping import Mapping

LINES_AROUND: Final = 5
"""Lines of an excerpt before and after its line, as Sentry shows them."""


class Source(msgspec.Struct, frozen=True, gc=False):
    """One source of a map."""

    index: int
    name: str | None
    """With `sourceRoot` in front; None where the map has null."""
    is_ignored: bool
    """The bundler marked it as third-party code (`ignoreList`)."""
    digest: bytes
    """SHA-256 of its text as UTF-8; empty if the map has no text for it."""


class Excerpt(msgspec.Struct, frozen=True):
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
    if not 0 <= line < text.lines:
        return None
    lines, at = text.around(line, column, LINES_AROUND), min(line, LINES_AROUND)
    if at >= len(lines):
        raise CompiledFileDamaged(f"a text lacks line {line:,}")
    return Excerpt(lines, at)


class Origin(msgspec.Struct, frozen=True):
    """What a mapping leads to."""

    mapping: Mapping
    source: Source | None
    """None where the mapping has none."""
    excerpt: Excerpt | None
    """None where the map has no text for the source, or the text no such line."""
