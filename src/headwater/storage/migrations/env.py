"""Alembic's entry: migrations run on the engine that `storage.migrate` hands in."""

from typing import Final

from alembic import context
from sqlalchemy import Connection, text

from headwater.storage.migrate import LOCK_SECONDS, patiently
from headwater.storage.schema import metadata

_LOCK: Final = int.from_bytes(b"headwatr")
"""PostgreSQL's advisory lock of whoever migrates: any number that nobody else in the database has."""

_ON_POSTGRESQL: Final = f"""
    SELECT set_config('lock_timeout', '{LOCK_SECONDS}s', false),
        set_config('idle_in_transaction_session_timeout', '0', false)
"""
"""For this connection, which nobody has afterwards."""


def _on_sqlite(connection: Connection) -> None:
    # A table that is made anew is dropped on the way: what refers to it must not go with it.
    # Before the transaction, within which SQLite takes no notice; this connection only, see below.
    connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
    # All of them in one transaction. Alembic does not know that SQLite can, and would let the others
    # in between two migrations, which both would then run.
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
    _run(connection)


def _on_postgresql(connection: Connection) -> None:
    # Of instances that start at once one migrates, too.
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
    connection.execute(text(_ON_POSTGRESQL))
    connection.commit()
    # Each in a transaction of its own: none waits for a table while it holds another's.
    context.configure(
        connection=connection, target_metadata=metadata, transaction_per_migration=True
    )
    patiently(lambda: _run(connection))


def _run(connection: Connection) -> None:
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


with context.config.attributes["engine"].connect() as connected:
    # Of processes that start at once on SQLite one migrates; the others wait, and find it done.
    writing = connected.execution_options(headwater_write=True)
    try:
        (_on_sqlite if writing.dialect.name == "sqlite" else _on_postgresql)(writing)
    finally:
        writing.invalidate()
