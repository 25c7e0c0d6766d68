"""Connections: any number of readers, one writer at a time, on SQLite or PostgreSQL."""

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DatabaseError, OperationalError

if TYPE_CHECKING:
    from psycopg import AsyncConnection

BUSY_SECONDS = 15
"""How long a writer waits for another's transaction; writes are short, so longer means a fault."""

PAGE_SIZE: Final = 8192
"""Bytes of SQLite's pages, decided when the file is made. A stored event takes 1 to 3 KB: one or two
of them fit a page of 4096 bytes, and the rest of it is lost; here 14 % less is. Pages twice as large
would save 8 % more, and double what is written for an entry of an index, which has its own page."""

LOG_PAGES: Final = 4_000
"""Pages in SQLite's write-ahead log, 32 MB, before they are written to where they belong. The same
page of an index is written once for all changes in between: a fifth more events a second than with
SQLite's 1,000."""

MAX_LOG_BYTES: Final = 64 * 1024**2
"""Size that the log's file is cut to when it begins anew; it is larger only while a reader or one
large transaction holds on to it."""


_HINDRANCES: Final = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}
_HINDERED_STATES: Final = ("08", "25006", "25P03", "40", "42501", "53", "55", "57", "58")
"""PostgreSQL's classes: cut off; a replica, which only reads; ended for idling in a transaction; undone for
another transaction's sake, as one of two that wait for each other is; no rights; short of disk, memory or
connections; a lock that is held; being shut down; its disk fails."""
_NOT_THERE: Final = ("42P01", "42703", "42883")
"""A table, a column, a function."""
_IN_USE: Final = ("55P03", "40P01")
"""A lock that was not to be had in time, and a ring of those who wait."""


CONNECT_SECONDS: Final = 10
"""How long PostgreSQL may take to answer a new connection, unless its address says another."""

SILENT_SECONDS: Final = 30
"""How long a connection to PostgreSQL may be without a sign that the other host is there, unless its
address says another: one that vanished says nothing, and everything would wait for it for hours."""

IDLE_SECONDS: Final = 120
"""How long a transaction on PostgreSQL may ask for nothing, unless the address says another: a process
that was stopped, or whose machine was, still answers the network and would keep its locks for ever. Ours
ask again within milliseconds; see `may_idle` for those that don't."""

_WITHIN: Final = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": SILENT_SECONDS // 3,
    "keepalives_interval": SILENT_SECONDS // 6,
    "keepalives_count": 4,
    "tcp_user_timeout": SILENT_SECONDS * 1000,
}

_SERVER_S: Final = {
    "tcp_keepalives_idle": _WITHIN["keepalives_idle"],
    "tcp_keepalives_interval": _WITHIN["keepalives_interval"],
    "tcp_keepalives_count": _WITHIN["keepalives_count"],
    "tcp_user_timeout": _WITHIN["tcp_user_timeout"],
    "idle_in_transaction_session_timeout": IDLE_SECONDS * 1000,
}
"""What the server is asked to do on its side: the locks of who vanished in a transaction are held until it
believes so, after two hours if nobody says another, and all others stand still."""

_PLAIN: Final = re.compile("^postgres(ql)?://")


class Database:
    """The one door to the database. Hand it in; there is no global one."""

    def __init__(self, url: str) -> None:
        """`url` as SQLAlchemy has it: `sqlite:////data/headwater.db`, `postgresql+psycopg://…`; or as
        PostgreSQL has it: `postgresql://…`, `postgres://…`."""
        url = _PLAIN.sub("postgresql+psycopg://", url)
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _on_sqlite(url) if self.is_sqlite else _on_postgresql(url)
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

    @contextmanager
    def write_at_once(self) -> Iterator[Connection]:
        """For one statement that writes: on PostgreSQL a transaction of its own, which takes one way there
        and back instead of three; on SQLite as `write`."""
        if self.is_sqlite:
            with self.write() as connection:
                yield connection
        else:
            with self.engine.connect() as connection:
                yield connection.execution_options(isolation_level="AUTOCOMMIT")

    async def connect(self) -> "AsyncConnection[Any]":
        """A connection to PostgreSQL of one's own, which an event loop waits for; each statement is a
        transaction. Raises psycopg.Error."""
        # Imported here: an instance on SQLite does without it.
        from psycopg import AsyncConnection  # noqa: PLC0415

        address = self.engine.url
        _, named = self.engine.dialect.create_connect_args(address)
        made = await AsyncConnection.connect(**{**_within(address), **named}, autocommit=True)
        try:
            if statement := _asked(address):
                await made.execute(statement)
        except BaseException:
            made.pgconn.finish()
            raise
        return made

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def may_idle(connection: Connection) -> None:
    """This transaction may ask for nothing for longer than IDLE_SECONDS: it is busy elsewhere meanwhile."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def is_hindered(error: DatabaseError) -> bool:
    """Whether the database's surroundings are at fault, and nothing that was asked of it: it is
    locked, the disk is full or fails, there are too many open files."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _HINDRANCES  # the rest is a detail
    state = str(getattr(error.orig, "sqlstate", ""))
    return state.startswith(_HINDERED_STATES)


def is_of_schema(error: DatabaseError) -> bool:
    """Whether PostgreSQL has not what was asked for: a mistake of ours, or another version's schema."""
    return getattr(error.orig, "sqlstate", "") in _NOT_THERE


def is_in_use(error: DatabaseError) -> bool:
    """Whether others on PostgreSQL held what was wanted, so that it may be had later."""
    return getattr(error.orig, "sqlstate", "") in _IN_USE


def is_cut_off(error: DatabaseError) -> bool:
    """Whether the connection to PostgreSQL broke, or was not made: it has no word of its own for that.
    The server may have died of what was asked."""
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", "") is None


def _within(address: URL) -> dict[str, int]:
    return {name: value for name, value in _WITHIN.items() if name not in address.query}


def _asked(address: URL) -> str:
    """What a new connection begins with. Not as options of it: PgBouncer takes none that it doesn't know."""
    options = str(address.query.get("options", ""))
    asked = [
        f"set_config('{name}', '{value}', false)"
        for name, value in _SERVER_S.items()
        if name not in options
    ]
    return f"SELECT {', '.join(asked)}" if asked else ""


def _on_postgresql(url: str) -> Engine:
    address = make_url(url)
    engine = create_engine(address, connect_args=_within(address))
    statement = _asked(address)

    def ask(connection: Any, _record: object) -> None:  # psycopg's, by way of the pool
        connection.execute(statement)
        connection.commit()

    if statement:
        event.listen(engine, "connect", ask)
    return engine


def _on_sqlite(url: str) -> Engine:
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
    if not cursor.execute("PRAGMA page_count").fetchone()[0]:
        # Decided once, before anything is written; of a file that is there this would be a write, for
        # which every new connection waited. INCREMENTAL lets it become smaller: see storage.pages.
        cursor.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
    cursor.execute(f"PRAGMA journal_size_limit = {MAX_LOG_BYTES}")
    # FULL, not NORMAL: NORMAL does not sync the log at commit, and a 200 must survive a power cut.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("headwater_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
