"""Parsing with a bound on the parser's work, so that no text is endless.

tree-sitter tries every way to mend a text that is not as its grammar says, and keeps all readings of
what is ambiguous: `++>++>…` takes time with the square of its length, and `<a><a>…` as TypeScript
memory too, 2.7 GB for 30,000 characters. Where readings differ far inside one another, as in
`{a:{a:…`, it forgets them by recursion, and 40,000 levels end the process.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from tree_sitter import Parser, Range, Tree

from headwater.sourcemaps.functions.grammar import Grammar
from headwater.sourcemaps.functions.places import Span

FREE_STEPS: Final = 5000
"""Steps of the parser that any text may take: half a second."""
MAX_STEPS_PER_1000: Final = 64
"""Further steps for each 1,000 UTF-16 units. Of 5,000 sources from npm most take 8, the worst 31."""
MAX_BRACKETS: Final = 10_000
"""Brackets open at once. Code that people or programs wrote has some hundreds."""
_WINDOW: Final = 64 * 1024
"""Bytes whose brackets are counted at a time."""
_HANDED: Final = 64 * 1024
"""Bytes handed to the parser at a time."""
_TEXT: Final = 1024
"""Bytes handed to a node that is asked for its text, which copies them; every function's is."""


def _levels_of_characters() -> NDArray[np.int8]:
    levels = np.zeros(128, dtype=np.int8)
    levels[[ord(each) for each in "([{"]] = 1
    levels[[ord(each) for each in ")]}"]] = -1
    return levels


_LEVELS: Final = _levels_of_characters()


class TooManySteps(Exception):
    """The parser had reached this byte when it had taken all steps that it may."""

    def __init__(self, byte: int) -> None:
        super().__init__(f"the parser was stopped at byte {byte:,}")
        self.byte = byte


class Steps:
    """Steps that may be taken for a text."""

    def __init__(self, text: bytes, times: int = 1) -> None:
        """`text` in UTF-16, which is parsed so many times."""
        self.left = FREE_STEPS + times * (len(text) // 2) * MAX_STEPS_PER_1000 // 1000


class Parsed(Struct, frozen=True):
    """A tree, and how many steps forward in the text it took."""

    tree: Tree
    forward: int


class _Reader:
    """Hands out a text. py-tree-sitter 0.26 never frees what its parser is handed: so these are views,
    which give up the text when it has been read."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._handed: list[memoryview] | None = []

    def __call__(self, offset: int, _point: object) -> bytes | memoryview:
        if self._handed is None:
            return self._text[offset : offset + _TEXT]
        self._handed.append(memoryview(self._text)[offset : offset + _HANDED])
        return self._handed[-1]

    def is_read(self) -> None:
        """The parser is done: what is asked for from now on are the texts of nodes."""
        for each in self._handed or ():
            each.release()
        self._handed = None


def parse_spans(
    text: bytes,
    grammar: Grammar,
    spans: Sequence[Span],
    steps: Steps,
    most: int | None = None,
) -> Parsed:
    """Parse parts of a text in UTF-16 as if there were nothing between them, or all of it if there
    are none. `most`: steps forward, of which each may take memory; what is done again, or when all
    is read, does not count. Raises TooManySteps."""
    forward = reached = 0

    def is_too_long(offset: int, _has_error: bool) -> bool:  # noqa: FBT001 — tree-sitter's call
        nonlocal forward, reached
        steps.left -= 1
        forward += offset != reached
        reached = offset
        return steps.left < 0 or (most is not None and forward > most)

    parser = Parser(grammar.language)
    if spans:
        parser.included_ranges = [
            Range(each.start[1:], each.end[1:], each.start.byte, each.end.byte) for each in spans
        ]
    reader = _Reader(text)
    try:
        tree = parser.parse(reader, encoding="utf16le", progress_callback=is_too_long)
    except ValueError:
        raise TooManySteps(reached) from None
    finally:
        reader.is_read()
    return Parsed(tree, forward)


def is_too_deep(encoded: bytes) -> bool:
    """Whether brackets, also those in strings, run ahead of closing ones by more than the limit."""
    level, lowest = 0, 0
    for start in range(0, len(encoded), _WINDOW):
        units = np.frombuffer(encoded[start : start + _WINDOW], dtype="<u2")
        levels = level + np.cumsum(_LEVELS[np.minimum(units, 127)], dtype=np.int64)
        lows = np.minimum(np.minimum.accumulate(levels), lowest)
        if (levels - lows).max() > MAX_BRACKETS:
            return True
        level, lowest = int(levels[-1]), int(lows[-1])
    return False
