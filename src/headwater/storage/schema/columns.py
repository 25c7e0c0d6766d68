"""What every table is made of."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    TypeDecorator,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only in a column that is an INTEGER to the letter."""


def partial_index(
    name: str, *columns: ColumnElement[Any], where: ColumnElement[bool], unique: bool = False
) -> Index:
    """Of the rows for which `where` holds; on PostgreSQL, too, where the migration says so: if its word
    for it stood here, each process would load its dialect, which takes 2 MB."""
    return Index(name, *columns, unique=unique, sqlite_where=where)


class Utc(TypeDecorator[datetime]):
    """A moment in UTC, aware on both databases (SQLite itself stores no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a time without a zone can't be stored: {value!r}")
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class folded(FunctionElement[str]):  # noqa: N801 # a function of SQL
    """A text with small letters for the capital ones of ASCII, in the order of its bytes, on both
    databases: what begins alike lies together in an index of it."""

    type = String()
    inherit_cache = True


@compiles(folded)
def _folded(element: folded, compiler: SQLCompiler, **how: Any) -> str:
    return f"lower({compiler.process(element.clauses, **how)})"  # SQLite's knows ASCII alone


@compiles(folded, "postgresql")
def _folded_on_postgresql(element: folded, compiler: SQLCompiler, **how: Any) -> str:
    # By this collation it knows ASCII alone; `translate` says the same in twenty times the time.
    return f'lower(({compiler.process(element.clauses, **how)}) COLLATE "C")'


@lru_cache(maxsize=1024)
def stored_moment(moment: datetime) -> str:
    """As `Utc` stores it on SQLite, for statements that are not built by SQLAlchemy.

    An event's is in forty rows of its tags and counts.
    """
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(" ", "microseconds")[:_WITHOUT_ZONE]


_WITHOUT_ZONE = len("2026-11-24 12:00:00.000000")


class last_part(FunctionElement[str]):  # noqa: N801 # a function of SQL
    """Of an address, what is behind its last slash; all of it where there is none."""

    type = String()
    inherit_cache = True


@compiles(last_part)
def _last_part(element: last_part, compiler: SQLCompiler, **how: Any) -> str:
    url = compiler.process(element.clauses, **how)
    return f"substr({url}, length(rtrim({url}, replace({url}, '/', ''))) + 1)"


@compiles(last_part, "postgresql")
def _last_part_on_postgresql(element: last_part, compiler: SQLCompiler, **how: Any) -> str:
    return f"substring({compiler.process(element.clauses, **how)}, '[^/]*$')"
