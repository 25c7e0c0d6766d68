"""Which installation a database is of, by an id that its storage of source maps carries as well."""

import secrets
from typing import Final

from sqlalchemy import select

from headwater.storage.database import Database
from headwater.storage.many_rows import insert_if_new
from headwater.storage.schema import installation

_ONLY: Final = 1
"""The row's number."""


class Installation:
    """A database that is moved or restored stays the same one, and so does each copy of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self) -> str:
        """Its id; empty while it has none."""
        with self._database.read() as connection:
            return connection.execute(select(installation.c.id)).scalar() or ""

    def id(self) -> str:
        """Its id, made up if it has none: 32 hex digits, the same for all who ask at once."""
        if known := self.known():
            return known
        with self._database.write() as connection:
            insert_if_new(connection, installation, {"number": _ONLY, "id": secrets.token_hex(16)})
        return self.known()
