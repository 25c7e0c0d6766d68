"""The pages of SQLite's file: how many hold something, and how those that don't go back to the disk.

SQLite never makes its file smaller by itself: a deleted row leaves free space for the next one. How
a file is laid out so that it can be made smaller is decided before its first table: see
`storage.database`.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, cast

from msgspec import Struct
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from headwater.storage.database import Database

GIVEN_BACK: Final = 100
"""Pages given back in one step. Each may be another one moved from the file's end, so that a step is
as long as one that deletes."""

_INCREMENTAL: Final = 2  # SQLite's number for this kind of auto_vacuum


class Space(Struct, frozen=True):
    """Bytes of the database: what holds something, and what is free within its file."""

    used: int
    free: int
    can_shrink: bool
    """Whether `give_back` does anything."""


class Pages:
    """Of an SQLite database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def space(self) -> Space:
        """As it is now; no page is read for it but the first."""
        with self._database.read() as connection:
            count, free, size, kind = (
                connection.execute(text(f"PRAGMA {name}")).scalar_one()
                for name in ("page_count", "freelist_count", "page_size", "auto_vacuum")
            )
        return Space((count - free) * size, free * size, kind == _INCREMENTAL)

    def give_back(self) -> None:
        """One step: up to GIVEN_BACK free pages leave the file; in the log first, then on the disk.

        Raises DatabaseError.
        """
        with self._database.write() as connection, _translated():
            raw = _raw(connection)
            # It stops after each page as if at a row, and sqlite3 does not go on where no row has columns.
            for _ in range(GIVEN_BACK):
                raw.execute("PRAGMA incremental_vacuum(1)")

    def checkpoint(self, *, truncate: bool = False) -> bool:
        """Bring the log into the file as far as no reader needs it, waiting for nobody.

        `truncate`: and make the log's file empty, unless somebody reads; whether that was done.
        Raises DatabaseError, mostly where the disk is full.
        """
        with self._database.read() as connection, _translated():
            raw = _raw(connection)
            # TRUNCATE waits, and holds writers up meanwhile, for as long as a connection waits at all.
            patience = raw.execute("PRAGMA busy_timeout").fetchone()[0]
            raw.execute("PRAGMA busy_timeout = 0")
            try:
                how = "TRUNCATE" if truncate else "PASSIVE"
                (busy, *_), *_ = raw.execute(f"PRAGMA wal_checkpoint({how})").fetchall()
            finally:
                raw.execute(f"PRAGMA busy_timeout = {patience}")
            return not busy


@contextmanager
def _translated() -> Iterator[None]:
    """What SQLite itself complains of, as everybody expects it: a full disk, in the first place."""
    try:
        yield
    except sqlite3.Error as error:
        raise DatabaseError(None, None, error) from error


def _raw(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.driver_connection)
