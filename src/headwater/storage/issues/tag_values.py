"""Which values tags have at all, of whatever issue: what a search with a `*` in it looks through.

Issues' own rows of values are twenty times as many. Every new one of those is noted with its batch; what
the two don't have in common (a value whose last issue went, what an older version counted) is put right
by and by.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Select, except_, exists, select

from headwater.storage.database import Database
from headwater.storage.likeness import fits, fold
from headwater.storage.many_rows import execute_rows
from headwater.storage.schema import folded, issue_tags, tag_values

MAX_NOTED: Final = 500
"""Values that one transaction of `complete` notes."""


class TagValues:
    """Puts right what is not noted, some at a time; knows which tags there are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def complete(self) -> int:
        """Note MAX_NOTED values that issues have; how many. 0: all are noted. Looks through all issues'
        values, which takes half a second for a million events, and nobody waits meanwhile."""
        known = select(tag_values.c.key, tag_values.c.value)
        there = select(issue_tags.c.key, folded(issue_tags.c.value)).distinct()
        with self._database.read() as connection:
            missing = connection.execute(except_(there, known).limit(MAX_NOTED)).all()
        if missing:
            with self._database.write() as connection:
                _note(connection, {(row[0], row[1]) for row in missing})
        return len(missing)

    def unknown(self, keys: Sequence[str]) -> Sequence[str]:
        """Those of the tags' names that no issue has."""
        if not keys:
            return ()
        # Asked of the issues' own, in which nothing is missing yet; its index has the name in front.
        there = select(*(exists().where(issue_tags.c.key == key) for key in keys))
        with self._database.read() as connection:
            is_known = connection.execute(there).one()
        return [key for key, known in zip(keys, is_known, strict=True) if not known]


def note_values(connection: Connection, values: Iterable[tuple[str, str]]) -> None:
    """See to it that these, each of a tag's name and a value, are found, within the caller's transaction."""
    _note(connection, {(key, fold(value)) for key, value in values})


def values_like(key: str, pattern: str) -> Select[Any]:
    """A tag's values, folded, that fit a pattern; see `storage.likeness`."""
    # Folded once more: SQLite compares a column with an expression otherwise than the index does.
    return select(folded(tag_values.c.value)).where(
        tag_values.c.key == key, fits(tag_values.c.value, pattern)
    )


def _note(connection: Connection, values: set[tuple[str, str]]) -> None:
    # In one order always, so that two writers on PostgreSQL don't wait for one another in a ring.
    execute_rows(connection, _INSERT, sorted(values))


_INSERT: Final = """
INSERT INTO tag_values (key, value) VALUES (%s, %s) ON CONFLICT (key, value) DO NOTHING
"""
