"""Many rows in one statement, some of which may be there already; on either database."""

import re
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
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from headwater.storage.schema import Utc, stored_moment


def insert_into(connection: Connection, table: Table) -> Any:
    """An INSERT of SQLAlchemy that knows what to do `on_conflict`, as the database spells it."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    # 2 MB that an instance on SQLite does without.
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert(table)


def insert_if_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert `row` unless it breaks a unique rule of its table; whether it was inserted."""
    statement = insert_into(connection, table).values(dict(row)).on_conflict_do_nothing()
    # Not `rowcount`: of an INSERT that fetches a new key, PostgreSQL's is -1 either way.
    return connection.execute(statement.returning(*table.primary_key)).first() is not None


def insert_all_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert those of the rows that break no unique rule of their table."""
    _insert_all(connection, table, rows, "ON CONFLICT DO NOTHING")


def upsert_all(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: Collection[str]
) -> None:
    """Insert the rows; those whose `key`, which is unique, is there already replace what is there. No
    two rows have the same key."""
    if rows:
        named = ", ".join(map(_quoted, key))
        new = ", ".join(f"{_quoted(n)} = excluded.{_quoted(n)}" for n in rows[0] if n not in key)
        _insert_all(connection, table, rows, f"ON CONFLICT ({named}) DO UPDATE SET {new}")


def update_all(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: str
) -> None:
    """Give the row whose `key` each of these names its other values. No two name the same."""
    if not rows:
        return
    names = (*(name for name in rows[0] if name != key), key)
    values = [tuple([row[name] for name in names]) for row in rows]
    this, its = _quoted(table.name), _quoted(key)
    if connection.dialect.name == "sqlite":
        new = ", ".join(f"{_quoted(name)} = ?" for name in names[:-1])
        _one_by_one(connection, f"UPDATE {this} SET {new} WHERE {its} = ?", values)  # noqa: S608 # names of ours
    else:
        new = ", ".join(f"{_quoted(name)} = new.{_quoted(name)}" for name in names[:-1])
        named = ", ".join(map(_quoted, names))
        rest = f"AS new({named}) WHERE {this}.{its} = new.{its}"
        _together(connection, f"UPDATE {this} SET {new} FROM", rest, values, _types(table, names))  # noqa: S608 # names of ours


def execute_rows(connection: Connection, statement: str, rows: Sequence[Sequence[object]]) -> None:
    """Execute a statement, spelled as PostgreSQL does, for each of the rows.

    It is not built and the values are not looked at by their columns' types, but for moments: for
    hundreds of rows that takes longer than to write them. PostgreSQL gets the rows of an INSERT in
    one statement, where no two may change the same row; none of their columns may be NULL in all of
    them. Raises IntegrityError.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        for postgresql_word, word in _SPELLINGS:
            statement = statement.replace(postgresql_word, word)
        _one_by_one(connection, statement, rows)
    elif values := _VALUES.search(statement):
        before, after = statement[: values.start()], statement[values.end() :]
        _together(connection, f"{before} SELECT * FROM", after, rows, [""] * len(rows[0]))
    else:
        connection.exec_driver_sql(statement, list(rows))


_VALUES: Final = re.compile(r"VALUES \((?:%s(?:, )?)+\)")


def insert_together(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> None:
    """Insert all of them in one statement, where `insert_rows` goes to PostgreSQL and back three times.
    Raises IntegrityError."""
    if connection.dialect.name == "sqlite" or not rows:
        _one_by_one(connection, _plain_insert(table, columns), rows)
    else:
        connection.exec_driver_sql(insert_of_lists(table, columns), as_lists(rows))


def insert_of_lists(table: Table, columns: Sequence[str]) -> str:
    """PostgreSQL's statement that inserts rows, given as lists, one of each column."""
    into = f"INSERT INTO {_named(table, columns)} SELECT * FROM"
    return _of_lists(into, "", _types(table, columns))


def _insert_all(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], on_conflict: str
) -> None:
    if not rows:
        return
    names = tuple(rows[0])
    values = [tuple([row[name] for name in names]) for row in rows]
    if connection.dialect.name == "sqlite":
        _one_by_one(connection, f"{_plain_insert(table, names)} {on_conflict}", values)
    else:
        into = f"INSERT INTO {_named(table, names)} SELECT * FROM"
        _together(connection, into, on_conflict, values, _types(table, names))


def _one_by_one(connection: Connection, statement: str, rows: Sequence[Sequence[object]]) -> None:
    """On SQLite."""
    if not rows:
        return
    there = [
        tuple([stored_moment(value) if type(value) is datetime else value for value in row])
        for row in rows
    ]
    connection.exec_driver_sql(statement, there)


def _together(
    connection: Connection,
    before: str,
    after: str,
    rows: Sequence[Sequence[object]],
    types: Sequence[str],
) -> None:
    """On PostgreSQL, which parses and plans each statement anew and answers it: as lists, one of each
    column. `types`: as it names them, or empty, if the values tell."""
    connection.exec_driver_sql(_of_lists(before, after, types), as_lists(rows))


def as_lists(rows: Sequence[Sequence[object]]) -> tuple[list[object], ...]:
    """Of each column, its values in all rows: what `insert_of_lists` is executed with."""
    return tuple([list(column) for column in zip(*rows, strict=True)])


def _of_lists(before: str, after: str, types: Sequence[str]) -> str:
    # In binary: as text, which is the driver's choice, a list takes five times as long.
    lists = ", ".join(f"%b::{each}[]" if each else "%b" for each in types)
    return f"{before} unnest({lists}) {after}"


def _plain_insert(table: Table, names: Sequence[str]) -> str:
    """For SQLite."""
    return f"INSERT INTO {_named(table, names)} VALUES ({', '.join('?' * len(names))})"  # noqa: S608 # names of ours


def _named(table: Table, names: Sequence[str]) -> str:
    return f"{_quoted(table.name)} ({', '.join(map(_quoted, names))})"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _types(table: Table, names: Sequence[str]) -> list[str]:
    return [_POSTGRESQL[type(table.c[name].type)] for name in names]


def insert_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Insert all of them, as `execute_rows` takes them: by COPY on PostgreSQL. Raises IntegrityError."""
    if connection.dialect.name == "sqlite":
        _one_by_one(connection, _plain_insert(table, columns), list(rows))
        return
    statement = f"COPY {_named(table, columns)} FROM STDIN (FORMAT BINARY)"
    driver: Any = connection.connection.driver_connection
    # Not imported: an instance on SQLite does without it.
    any_error: Any = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copied:
            copied.set_types(_types(table, columns))
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


_POSTGRESQL: Final[Mapping[type[TypeEngine[Any]], str]] = {
    BigInteger: "int8",
    Boolean: "bool",
    Integer: "int4",
    LargeBinary: "bytea",
    String: "varchar",
    Text: "text",
    Utc: "timestamptz",
}
"""PostgreSQL's names of what columns are of."""


_SPELLINGS: Final = (("%s", "?"), ("greatest(", "max("), ("least(", "min("))
