"""A place in a text with what stands around it, read once for all who look at it."""

from typing import Final, NamedTuple

from headwater.sourcemaps.compiled.texts import Line, Text, characters_before, units

AROUND: Final = 256
"""Characters on either side of a place that `Spot.near` keeps: more than any word that is compared."""


class Spot(NamedTuple):
    """A place in a line, or of a very long line in the part around it."""

    text: str
    """The line, or that part."""
    at: int
    """Of the character at the place; the text's length behind its end."""
    length: int | None
    """Of the whole line, in UTF-16 units; None if it isn't known."""

    def begins(self, word: str) -> bool:
        """Whether a word stands at the place."""
        return self.text.startswith(word, self.at)

    @property
    def near(self) -> "Spot":
        """The same, of the line only what is close to the place."""
        start = max(0, self.at - AROUND)
        return Spot(self.text[start : self.at + AROUND], self.at - start, self.length)


def spot(text: Text, line: int, column: int) -> Spot | None:
    """The place at a line and a UTF-16 column, both from 0; None behind the last line.

    Raises as the text does.
    """
    found = text.line(line, column)
    return None if found is None else spot_in(found, column)


def spot_in(line: Line, column: int) -> Spot:
    """The place at a UTF-16 column of a line."""
    content, start, is_cut = line
    length = None if is_cut else start + units(content)
    return Spot(content, characters_before(content, column - start), length)
