"""The entries of a JSON list, a few at a time, however long the list is and each of them."""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from headwater.sourcemaps.reading.literals import pieces_of

WINDOW: Final = 256 * 1024
"""Bytes of a list decoded at a time."""
MAX_ENTRY: Final = 16 * 1024
"""Characters of one entry that are kept. The longest real ones are addresses with a query string."""

_BATCH: Final = 512
"""Entries decoded at a time."""
_STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_PLAIN: Final = rb"[-+.0-9a-zA-Z]++"
_BLANKS: Final = re.compile(rb"[\s,]*+")
_SIMPLE: Final = re.compile(
    rb"(?:[\s,]*+(?:" + _STRING + rb"|" + _PLAIN + rb")(?=[\s,\]])){1,%d}+" % _BATCH, re.DOTALL
)
_ONE: Final = re.compile(_STRING + rb"|" + _PLAIN, re.DOTALL)
_TOKEN: Final = re.compile(_STRING + rb"|[\[\]{}]", re.DOTALL)
_END: Final = ord("]")
_QUOTE: Final = ord('"')


class Entry:
    """Stands for an entry that is of no use as a name or number."""


def is_list(raw: memoryview) -> bool:
    """Whether a JSON value, beginning with its first character, is a list."""
    return bytes(raw[:1]) == b"["


def batches(raw: memoryview) -> Iterator[list[Any]]:
    """The decoded entries of a valid JSON list, in order, in lists of some hundred.

    Strings and numbers as themselves, but a string of more than WINDOW bytes as its beginning (over
    MAX_ENTRY characters all the same); lists, objects and endless numbers as an `Entry`. Bytes that are not UTF-8
    become U+FFFD.
    """
    place = _after_blanks(raw, 1)
    while raw[place] != _END:
        found = _SIMPLE.match(raw, place, min(place + WINDOW, len(raw)))
        if found is not None:
            yield _decoded(b"[" + bytes(raw[place : found.end()]) + b"]")
            place = found.end()
        else:
            end = _end_of_entry(raw, place)
            is_string = raw[place] == _QUOTE
            yield [next(pieces_of(raw[place:end])) if is_string else Entry()]
            place = end
        place = _after_blanks(raw, place)


def _decoded(entries: bytes) -> list[Any]:
    try:
        return msgspec.json.decode(entries, type=list[Any])
    except UnicodeDecodeError:
        return msgspec.json.decode(entries.decode("utf-8", "replace"), type=list[Any])


def _after_blanks(raw: memoryview, place: int) -> int:
    found = _BLANKS.match(raw, place)
    return place if found is None else found.end()


def _end_of_entry(raw: memoryview, place: int) -> int:
    """Of a string or number longer than a window, of a list or an object."""
    simple = _ONE.match(raw, place)
    if simple is not None:
        return simple.end()
    depth = 0
    for token in _TOKEN.finditer(raw, place):
        if token[0] in (b"[", b"{"):
            depth += 1
        elif token[0] in (b"]", b"}"):
            depth -= 1
            if depth == 0:
                return token.end()
    return len(raw) - 1
