"""Texts that are, hold or begin with others, in whatever case: with one answer on both databases.

SQLite's LIKE knows no case of ASCII letters, PostgreSQL's knows that of all; SQLite's `lower` knows
ASCII, PostgreSQL's what a text's collation says. Here ASCII letters of either case are the same, and no others.
"""

import re
import string
from typing import Final

from sqlalchemy import ColumnElement, and_, literal

from headwater.storage.schema import folded

_ESCAPE: Final = "\\"
_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)

_LAST: Final = "\U0010ffff"
"""Comes after every character."""

_BEHIND_SPACE: Final = "!"
"""The first after the space."""


def fold(text: str) -> str:
    """As the database's `folded` does it."""
    return text.translate(_LOWER)


def is_same(text: ColumnElement[str], other: str) -> ColumnElement[bool]:
    """The whole of it."""
    return folded(text) == literal(fold(other))


def begins_with(text: ColumnElement[str], start: str) -> ColumnElement[bool]:
    """As a range, which an index of `folded(text)` finds."""
    small = fold(start)
    return and_(folded(text) >= literal(small), folded(text) < literal(small + _LAST))


def is_named(text: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """It is this name, or this name with something behind a space; as one range."""
    small = fold(name)
    return and_(folded(text) >= literal(small), folded(text) < literal(small + _BEHIND_SPACE))


def is_like(text: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
    """By a pattern of LIKE, of `literally` and `%`."""
    return fits(folded(text), pattern)


def fits(small: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
    """The same of a text that is folded already."""
    return small.like(fold(pattern), escape=_ESCAPE)


def holds(text: ColumnElement[str], part: str) -> ColumnElement[bool]:
    """Anywhere in it."""
    return is_like(text, f"%{literally(part)}%")


def literally(text: str) -> str:
    """In a pattern of LIKE."""
    return re.sub(r"([\\%_])", r"\\\1", text)
