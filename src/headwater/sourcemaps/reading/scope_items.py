"""The items of the `scopes` and `ranges` fields: a tag and the numbers after it, in base64 VLQ."""

from collections.abc import Iterator
from enum import IntEnum
from typing import Final

from headwater.sourcemaps.reading.field_faults import FieldFaults

LARGEST: Final = 2**31 - 1
"""The greatest line, column or index: ECMA-426 has no larger numbers."""

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_CONTINUES: Final = 32
_PAYLOAD: Final = 31
_ROOM: Final = (31, 31, 31, 31, 31, 31, 3)
"""How much each digit of a number may hold, 32 bits in all; later ones are leading zeros."""
_VENDOR: Final = b"/"

_DIGITS: Final = bytes(max(_ALPHABET.find(character), 0) for character in range(256))


class Tag(IntEnum):
    """What an item says, its first number. Others are left for the standard's future."""

    EMPTY = 0
    SCOPE_START = 1
    SCOPE_END = 2
    SCOPE_VARIABLES = 3
    RANGE_START = 4
    RANGE_END = 5
    RANGE_BINDINGS = 6
    RANGE_PARTIAL_BINDINGS = 7
    RANGE_CALL_SITE = 8


def items_of(text: bytes, faults: FieldFaults) -> Iterator[list[int]]:
    """Each item's numbers, unsigned, the tag first; unreadable items are noted and left out.

    Items of a vendor (`/…`) are left out without a note. Keeps up the place in `faults`.
    """
    for number, item in enumerate(_split(text), 1):
        faults.place = f"item {number:,}"
        if item.startswith(_VENDOR):
            continue
        numbers = unsigned_numbers(item)
        if numbers is None:
            faults.note("an item is not base64 VLQ of up to 32 bits")
        elif not numbers:
            faults.note("an item is empty")
        else:
            yield numbers


def _split(text: bytes) -> Iterator[bytes]:
    """Without a list of millions of pieces."""
    start = 0
    while text:
        end = text.find(b",", start)
        if end < 0:
            yield text[start:]
            return
        yield text[start:end]
        start = end + 1


def unsigned_numbers(text: bytes) -> list[int] | None:
    """All numbers of a text that has nothing else in it, or None where it has."""
    if text.translate(None, _ALPHABET):
        return None
    numbers: list[int] = []
    value = length = 0
    for digit in text.translate(_DIGITS):
        payload = digit & _PAYLOAD
        if payload:
            if payload > (_ROOM[length] if length < len(_ROOM) else 0):
                return None
            value |= payload << (5 * length)
        length += 1
        if not digit & _CONTINUES:
            numbers.append(value)
            value = length = 0
    return None if length else numbers


def signed(unsigned: int) -> int:
    """The same digits read as a signed number, whose lowest bit is the sign."""
    return -(unsigned >> 1) if unsigned & 1 else unsigned >> 1


class Cursor:
    """A place in a file that is written as the distance from the one before it."""

    def __init__(self, faults: FieldFaults) -> None:
        self.line = self.column = 0
        self._faults = faults

    def move(self, lines: int, columns: int) -> bool:
        """On another line `columns` counts from its beginning. False where no file is that large."""
        column = columns if lines else self.column + columns
        if self.line + lines > LARGEST or column > LARGEST:
            self._faults.note("a position needs more than 31 bits")
            return False
        self.line, self.column = self.line + lines, column
        return True
