"""Rows in bulk, on either database."""

from collections.abc import Iterable, Sequence
from itertools import islice

from sqlalchemy import Table, text

from headwater.storage.database import Database
from headwater.storage.many_rows import insert_together

AT_ONCE = 50_000
"""Rows of one transaction."""


def put(database: Database, table: Table, names: str, rows: Iterable[Sequence[object]]) -> None:
    """Insert them; `names`: of the columns, with blanks between."""
    columns = names.split()
    left = iter(rows)
    while some := list(islice(left, AT_ONCE)):
        with database.write() as connection:
            insert_together(connection, table, columns, some)


def highest(database: Database, table: Table) -> int:
    """The highest id that there is; 0 if there is none."""
    with database.read() as connection:
        return connection.execute(text(f"SELECT max(id) FROM {table.name}")).scalar() or 0  # noqa: S608


def settled(database: Database, *tables: Table) -> None:
    """What a database does by and by is done: numbers go on behind the highest, statistics are new."""
    if database.is_sqlite:
        with database.read() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return
    with database.write() as connection:
        for table in tables:
            name = table.name
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"  # noqa: S608
            )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
