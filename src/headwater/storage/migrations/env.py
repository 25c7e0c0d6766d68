"""Alembic's entry: migrations run on the engine that `storage.migrate` hands in."""

from typing import Final

from alembic import context
from sqlalchemy import text

from headwater.storage.schema import metadata

_LOCK: Final = int.from_bytes(b"headwatr")
"""PostgreSQL's advisory lock of whoever migrates: any number that nobody else in the database has."""

with context.config.attributes["engine"].connect() as connected:
    # Of processes that start at once on SQLite one migrates; the others wait, and find it done.
    connection = connected.execution_options(headwater_write=True)
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        # A table that is made anew is dropped on the way: what refers to it must not go with it.
        # Before the transaction, within which SQLite takes no notice; this connection only, see below.
        connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
    try:
        # All of them in one transaction. Alembic does not know that SQLite can, and would let the others
        # in between two migrations, which both would then run.
        context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
        with context.begin_transaction():
            if not is_sqlite:
                # The same, for instances.
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            context.run_migrations()
        connection.commit()
    finally:
        connection.invalidate()
