"""Base64 VLQ: whole windows of `mappings` to numbers at once, without a loop per character."""

from typing import Final, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Bytes: TypeAlias = NDArray[np.uint8]
Numbers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

MAX_FIELDS: Final = 5
"""Fields that a segment can have; what follows the fifth is not read."""

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_CONTINUES: Final = 32
_PAYLOAD: Final = 31
_COMMA: Final = 64
_SEMICOLON: Final = 65
_BAD: Final = 66
_MEANINGFUL_DIGITS: Final = 7
"""7 x 5 bits hold a sign and 32 bits; digits after that may only be leading zeros."""
_MAX_UNSIGNED: Final = 2**32
"""A sign bit and a magnitude under 2**31: ECMA-426 has no larger numbers."""


def _digits_of_characters() -> Bytes:
    table = np.full(256, _BAD, dtype=np.uint8)
    table[np.frombuffer(_ALPHABET, dtype=np.uint8)] = np.arange(64)
    table[ord(",")], table[ord(";")] = _COMMA, _SEMICOLON
    return table


_DIGITS: Final = _digits_of_characters()


class Segments(Struct, frozen=True):
    """The segments of one window, in order, empty ones included.

    `deltas` is 5 x n, zero where a field is absent or the segment unreadable; `counts` says how
    many fields there are; `lines` how many `;` come before; `unreadable` has a foreign character,
    a number cut off, or one over 32 bits; `superfluous` is an empty one beside a comma.
    """

    deltas: Numbers
    counts: Numbers
    lines: Numbers
    unreadable: Flags
    superfluous: Flags


def decode_segments(window: bytes, *, after_comma: bool = False) -> Segments:
    """Decode a piece of `mappings` that begins after a separator (or at the start)."""
    digits = _DIGITS[np.frombuffer(window, dtype=np.uint8)]
    # A number begins after the last boundary: a separator, or the end of another number.
    separates = (digits == _COMMA) | (digits == _SEMICOLON)
    segment_of_byte = np.cumsum(separates, dtype=np.int64)
    separators = np.flatnonzero(separates)
    count = separators.size + 1
    ends_value = ((digits < _COMMA) & ((digits & _CONTINUES) == 0)) | (digits == _BAD)

    boundaries = np.flatnonzero(ends_value | separates)
    ends_here = ends_value[boundaries]
    ends = boundaries[ends_here]
    starts = np.concatenate(([-1], boundaries[:-1]))[ends_here] + 1
    values, too_large = _values(digits, starts, ends)
    segments = segment_of_byte[ends]
    unreadable = np.zeros(count, dtype=np.bool_)
    unreadable[segments[too_large]] = True
    unreadable[segment_of_byte[digits == _BAD]] = True
    unreadable[_cut_off(digits, separators)] = True

    counts = np.bincount(segments, minlength=count)
    field = np.arange(ends.size) - (np.cumsum(counts) - counts)[segments]
    read = (field < MAX_FIELDS) & ~unreadable[segments]
    deltas = np.zeros((MAX_FIELDS, count), dtype=np.int64)
    deltas[field[read], segments[read]] = values[read]

    commas = digits[separators] == _COMMA
    beside_comma = np.concatenate(([after_comma], commas)) | np.concatenate((commas, [False]))
    lines = np.concatenate(([0], np.cumsum(~commas)))
    superfluous = beside_comma & (counts == 0) & ~unreadable
    superfluous[-1] &= not window.endswith(b",")  # the next window goes on with that segment
    return Segments(deltas, counts, lines, unreadable, superfluous)


def _values(digits: Bytes, starts: Numbers, ends: Numbers) -> tuple[Numbers, Flags]:
    """Signed numbers by their first and last digits, and which of them need more than 32 bits."""
    lengths = ends - starts + 1
    unsigned = (digits[starts] & _PAYLOAD).astype(np.int64)
    longer = np.flatnonzero(lengths > 1)
    for digit in range(1, _MEANINGFUL_DIGITS):
        payload = (digits[starts[longer] + digit] & _PAYLOAD).astype(np.int64)
        unsigned[longer] |= payload << (5 * digit)
        longer = longer[lengths[longer] > digit + 1]
        if not longer.size:
            break
    too_large = unsigned >= _MAX_UNSIGNED
    if longer.size:
        meaningful = np.cumsum((digits & _PAYLOAD) != 0, dtype=np.int64)
        too_large[longer] |= (
            meaningful[ends[longer]] > meaningful[starts[longer] + _MEANINGFUL_DIGITS - 1]
        )
    magnitude = unsigned >> 1
    return np.where(unsigned & 1, -magnitude, magnitude), too_large


def _cut_off(digits: Bytes, separators: Numbers) -> Numbers:
    """Segments whose last digit says that another follows."""
    last = np.concatenate((separators, [digits.size])) - 1
    digit = digits[last] if digits.size else np.zeros(last.size, dtype=np.uint8)
    continues = (digit < _COMMA) & ((digit & _CONTINUES) != 0) & (last >= 0)
    return np.flatnonzero(continues)
