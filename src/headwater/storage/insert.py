"""Inserting rows that may be there already, on either database."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from headwater.storage.schema import Utc, stored_moment


def insert_if_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert `row` unless it breaks a unique rule of its table; whether it was inserted."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values(dict(row)).on_conflict_do_nothing()
    # Not `rowcount`: of an INSERT that fetches a new key, PostgreSQL's is -1 either way.
    return connection.execute(statement.returning(*table.primary_key)).first() is not None


def insert_all_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert those of the rows that break no unique rule of their table."""
    if rows:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), list(rows))


def upsert_all(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: Collection[str]
) -> None:
    """Insert the rows; those whose `key`, which is unique, is there already replace what is there."""
    if rows:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        insert = dialect.insert(table)
        new = {name: insert.excluded[name] for name in rows[0] if name not in key}
        connection.execute(
            insert.on_conflict_do_update(index_elements=list(key), set_=new), list(rows)
        )


def execute_rows(connection: Connection, statement: str, rows: Sequence[Sequence[object]]) -> None:
    """Execute a statement, spelled as PostgreSQL does, for each of the rows.

    It is not built and the values are not looked at by their columns' types, but for moments: for
    hundreds of rows that takes longer than to write them. Raises IntegrityError.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        for postgresql_word, word in _SPELLINGS:
            statement = statement.replace(postgresql_word, word)
        rows = [tuple([_on_sqlite(value) for value in row]) for row in rows]
    connection.exec_driver_sql(statement, list(rows))


def insert_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Insert all of them, as `execute_rows` takes them: by COPY on PostgreSQL. Raises IntegrityError."""
    names = ", ".join(f'"{name}"' for name in columns)
    if connection.dialect.name == "sqlite":
        values = ", ".join(["%s"] * len(columns))
        execute_rows(
            connection,
            f'INSERT INTO "{table.name}" ({names}) VALUES ({values})',  # noqa: S608 # names of ours
            list(rows),
        )
        return
    statement = f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT BINARY)'
    driver: Any = connection.connection.driver_connection
    # Not imported: an instance on SQLite does without it.
    any_error: Any = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copied:
            copied.set_types([_IN_BINARY[type(table.c[name].type)] for name in columns])
            for row in rows:
                copied.write_row(row)
    except any_error as error:
        # As SQLAlchemy has it, which this went past: it would not notice that the connection broke.
        if driver.closed:
            connection.invalidate(error)
            connection.engine.dispose()  # the others broke with it
        raise DBAPIError.instance(
            statement, None, error, any_error, dialect=connection.dialect
        ) from error


_IN_BINARY: Final[Mapping[type[TypeEngine[Any]], str]] = {
    BigInteger: "int8",
    Boolean: "bool",
    Integer: "int4",
    LargeBinary: "bytea",
    String: "varchar",
    Text: "text",
    Utc: "timestamptz",
}
"""PostgreSQL's names of what columns are of. As text, bytes would be twice as long."""


def _on_sqlite(value: object) -> object:
    return stored_moment(value) if type(value) is datetime else value


_SPELLINGS: Final = (("%s", "?"), ("greatest(", "max("), ("least(", "min("))
