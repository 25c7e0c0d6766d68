"""Long lists of names, cut so that one statement can hold them."""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import (
    ARRAY,
    JSON,
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    bindparam,
    cast,
    func,
    literal,
    select,
    tuple_,
)

BATCH: Final = 500
"""Names in one statement: SQLite takes 32,766 parameters, older builds of it 999."""

T = TypeVar("T")


def among(
    connection: Connection, column: Column[Any], names: Collection[int | str]
) -> ColumnElement[bool]:
    """`column.in_(names)`, with all of them in one parameter: to render, send and parse hundreds takes
    longer than to look them up."""
    listed = literal(json.dumps(list(names)))
    if connection.dialect.name == "sqlite":
        return column.in_(select(func.json_each(listed).table_valued("value").c.value))
    each = func.json_array_elements_text(cast(listed, JSON)).table_valued("value")
    return column.in_(select(cast(each.c.value, column.type)))


def rows_among(
    connection: Connection, columns: Sequence[Column[Any]], rows: Sequence[Sequence[Any]]
) -> ColumnElement[bool]:
    """`tuple_(*columns).in_(rows)`, which PostgreSQL plans each row of for itself: it gets a list for each
    column instead."""
    if connection.dialect.name == "sqlite" or not rows:
        return tuple_(*columns).in_(rows)
    lists = [
        literal(list(values), ARRAY(column.type))
        for column, values in zip(columns, zip(*rows, strict=True), strict=True)
    ]
    each = func.unnest(*lists).table_valued(*(column.name for column in columns)).render_derived()
    return tuple_(*columns).in_(select(*each.c))


def written_out(numbers: Collection[int]) -> BindParameter[Sequence[int]]:
    """Numbers for `in_`, some ten thousands, that are a part of the statement and no parameters."""
    return bindparam(None, sorted(numbers), expanding=True, literal_execute=True)


def batches(names: Sequence[T]) -> Iterator[Sequence[T]]:
    """The names in order, at most `BATCH` at a time."""
    for start in range(0, len(names), BATCH):
        yield names[start : start + BATCH]
