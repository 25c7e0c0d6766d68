"""Reading for long, and all of it as it was at one moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from headwater.storage.database import Database, may_idle


@contextmanager
def at_one_moment(database: Database) -> Iterator[Connection]:
    """What was committed when this begins, until it ends. Others write meanwhile, and wait for nothing;
    SQLite's log grows for so long, and PostgreSQL keeps what they delete."""
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901
        may_idle(connection)
        # The first look decides on the moment.
        connection.execute(text("SELECT version_num FROM alembic_version"))
        yield connection
