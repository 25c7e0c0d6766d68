"""Numbers in addresses, which are text from outside."""

from typing import Final

MAX_DIGITS: Final = 18
"""A longer number is nobody's id, and would not fit a column."""


def number_in(text: str) -> int:
    """The whole number that it is, or else 0, which is nobody's id."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS
    return int(text) if is_number else 0
