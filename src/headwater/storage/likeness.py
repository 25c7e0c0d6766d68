"""Texts that hold others, in whatever case: with one answer on both databases.

SQLite's LIKE knows no case of ASCII letters, PostgreSQL's knows that of all; SQLite's `lower` knows
ASCII, PostgreSQL's what its locale says. Here ASCII letters of either case are the same, and no others.
"""

import re
import string
from typing import Any, Final

from sqlalchemy import ColumnElement, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

_ESCAPE: Final = "\\"
_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


class _Folded(GenericFunction[str]):
    """A text with small letters for capital ones, of ASCII."""

    type = Text()
    inherit_cache = True


@compiles(_Folded, "sqlite")
def _on_sqlite(element: _Folded, compiler: SQLCompiler, **more: Any) -> str:
    return f"lower({compiler.process(element.clauses, **more)})"


@compiles(_Folded, "postgresql")
def _on_postgresql(element: _Folded, compiler: SQLCompiler, **more: Any) -> str:
    letters = f"'{string.ascii_uppercase}', '{string.ascii_lowercase}'"
    return f"translate({compiler.process(element.clauses, **more)}, {letters})"


def is_like(text: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
    """By a pattern of LIKE, of `literally` and `%`."""
    return _Folded(text).like(pattern.translate(_LOWER), escape=_ESCAPE)


def holds(text: ColumnElement[str], part: str) -> ColumnElement[bool]:
    """Anywhere in it."""
    return is_like(text, f"%{literally(part)}%")


def literally(text: str) -> str:
    """In a pattern of LIKE."""
    return re.sub(r"([\\%_])", r"\\\1", text)
