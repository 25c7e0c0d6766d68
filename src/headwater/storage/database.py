"""Connections: any number of readers, one writer at a time, on SQLite or PostgreSQL."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

BUSY_SECONDS = 15
"""How long a writer waits for another's transaction; writes are short, so longer means a fault."""


class Database:
    """The one door to the database. Hand it in; there is no global one."""

    def __init__(self, url: str) -> None:
        """`url` as SQLAlchemy has it: `sqlite:////data/headwater.db`, `postgresql+psycopg://…`."""
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _engine(url) if self.is_sqlite else create_engine(url)
        # SQLite lets waiting writers sleep and try again, which is slow and unfair; those of one
        # process wait for each other here instead.
        self._one_writer = threading.Lock() if self.is_sqlite else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view for reading; never waits for a writer."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: committed at the end, or undone if the block raises.

        On SQLite the write lock is taken at once, so that two writers queue instead of failing
        when the second one turns its read into a write. A block must not open a second one.
        """
        with self._one_writer, self.engine.connect() as connection:
            if self.is_sqlite:
                connection = connection.execution_options(headwater_write=True)  # noqa: PLW2901
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        # A connection costs little and threads are few: none of them waits for another's.
        max_overflow=-1,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:  # sqlite3's, by way of the pool
    # Transactions are ours to open (see _begin): sqlite3's own legacy mode commits behind our back.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # FULL, not NORMAL: NORMAL does not sync the log at commit, and a 200 must survive a power cut.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("headwater_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
