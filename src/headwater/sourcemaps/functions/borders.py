"""Where a text is cut off that is too long to be parsed at once."""

from typing import Final

import numpy as np

from headwater.sourcemaps.functions.places import Place

MAX_WORD: Final = 2000
"""Bytes in which the end of a word is looked for."""
MAX_COMMENT: Final = 128 * 1024
"""Bytes by which a text is made longer so that it does not end within a comment."""

_BETWEEN_WORDS: Final = frozenset(map(ord, " \n;,(){}`"))
_COMMENT: Final = ("/*".encode("utf-16-le"), "*/".encode("utf-16-le"))


def border(text: bytes, start: Place, size: int) -> Place:
    """A place so many bytes behind another, not within a word, and not within a comment if that can
    be helped: the parser would take what is in it for a program. `text` is in UTF-16."""
    byte = start.byte + size // 2 * 2
    if byte < len(text):
        byte = _outside_comment(text, start.byte, _behind_word(text, start.byte, byte))
    return _place(text, start, min(byte, len(text)))


def _behind_word(text: bytes, start: int, byte: int) -> int:
    for each in range(byte, max(start, byte - MAX_WORD), -2):
        if text[each - 1] == 0 and text[each - 2] in _BETWEEN_WORDS:
            return each
    return byte


def _outside_comment(text: bytes, start: int, byte: int) -> int:
    begins = text.rfind(_COMMENT[0], start, byte)
    if begins <= text.rfind(_COMMENT[1], start, byte) or begins % 2:
        return byte
    ends = text.find(_COMMENT[1], byte, byte + MAX_COMMENT)
    if ends >= 0 and not ends % 2:
        return ends + len(_COMMENT[1])
    return begins if begins > (start + byte) // 2 else byte


def _place(text: bytes, start: Place, byte: int) -> Place:
    units = np.frombuffer(text, dtype="<u2", count=(byte - start.byte) // 2, offset=start.byte)
    breaks = np.flatnonzero(units == ord("\n"))
    if not len(breaks):
        return Place(byte, start.row, start.column + byte - start.byte)
    return Place(byte, start.row + len(breaks), 2 * (len(units) - int(breaks[-1]) - 1))
