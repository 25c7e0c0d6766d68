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


def is_same(text: ColumnElement[str], other: str) -> ColumnElement[bool]:
    """The whole of it."""
    return folded(text) == literal(other.translate(_LOWER))


def begins_with(text: ColumnElement[str], start: str) -> ColumnElement[bool]:
    """As a range, which an index of `folded(text)` finds."""
    small = start.translate(_LOWER)
    return and_(folded(text) >= literal(small), folded(text) < literal(small + _LAST))


def is_named(text: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """It is this name, or this name with something behind a space; as one range."""
    small = name.translate(_LOWER)
    return and_(folded(text) >= literal(small), folded(text) < literal(small + _BEHIND_SPACE))


def is_like(text: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
    """By a pattern of LIKE, of `literally` and `%`."""
    return folded(text).like(pattern.translate(_LOWER), escape=_ESCAPE)


def holds(text: ColumnElement[str], part: str) -> ColumnElement[bool]:
    """Anywhere in it."""
    return is_like(text, f"%{literally(part)}%")


def literally(text: str) -> str:
    """In a pattern of LIKE."""
    return re.sub(r"([\\%_])", r"\\\1", text)
