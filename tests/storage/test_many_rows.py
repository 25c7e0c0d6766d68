"""Many rows in one statement, on the database that the tests run on."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    select,
)
from sqlalchemy.exc import IntegrityError

from headwater.storage.database import Database
from headwater.storage.many_rows import (
    execute_rows,
    insert_all_new,
    insert_rows,
    insert_together,
    update_all,
    upsert_all,
)
from headwater.storage.schema import Utc

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)

things = Table(
    "things",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("order", Text),  # a word of SQL's own
    Column("count", Integer),
    Column("is_new", Boolean),
    Column("digest", LargeBinary),
    Column("at", Utc),
)


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.write() as connection:
        things.create(connection)
        yield connection


def _thing(number: int, name: str = "a name", **more: Any) -> dict[str, Any]:
    rest: dict[str, Any] = dict.fromkeys(("order", "count", "is_new", "digest", "at"))
    return {"id": number, "name": name} | rest | more


def _rows(connection: Connection) -> Sequence[dict[str, Any]]:
    found = connection.execute(select(things).order_by(things.c.id)).mappings()
    return [dict(row) for row in found]


EVERYTHING = [
    _thing(1, 'say "so", {now}', order="", count=-1, is_new=True, digest=b"\x00\xff\\", at=NOON),
    _thing(
        2**60,
        "\N{GRINNING FACE} \\ 100 % %s ü",
        order="NULL",
        count=2**31 - 1,
        is_new=False,
        digest=b"",
    ),
    _thing(2**60 + 1, "", at=NOON + timedelta(microseconds=1)),
]


def test_what_is_inserted_is_read_as_it_was(connection: Connection) -> None:
    insert_all_new(connection, things, EVERYTHING)

    assert _rows(connection) == EVERYTHING


def test_columns_that_are_null_in_every_row(connection: Connection) -> None:
    rows = [_thing(1), _thing(2), _thing(3)]
    insert_all_new(connection, things, rows[:2])
    insert_together(connection, things, list(rows[2]), [tuple(rows[2].values())])

    assert _rows(connection) == rows


def test_rows_that_are_there_stay_as_they_are(connection: Connection) -> None:
    insert_all_new(connection, things, [_thing(1, "first")])
    insert_all_new(connection, things, [_thing(1, "second"), _thing(2, "new"), _thing(2, "twin")])

    assert [(row["id"], row["name"]) for row in _rows(connection)] == [(1, "first"), (2, "new")]


def test_rows_that_are_there_are_replaced(connection: Connection) -> None:
    insert_all_new(connection, things, [_thing(1, "first", count=7), _thing(3)])
    upsert_all(connection, things, [_thing(1, "second", order="x"), _thing(2)], ["id"])

    assert _rows(connection) == [_thing(1, "second", order="x"), _thing(2), _thing(3)]


def test_rows_are_given_other_values(connection: Connection) -> None:
    insert_all_new(connection, things, [_thing(1, "a", order="keeps"), _thing(2, "b"), _thing(3)])
    changed = [
        {"id": 2, "name": "B", "count": None, "at": None},
        {"id": 1, "name": "A", "count": 5, "at": NOON},
        {"id": 9, "name": "not there", "count": 1, "at": NOON},
    ]
    update_all(connection, things, changed, "id")

    assert _rows(connection) == [
        _thing(1, "A", order="keeps", count=5, at=NOON),
        _thing(2, "B"),
        _thing(3),
    ]


def test_counts_are_added(connection: Connection) -> None:
    insert_all_new(connection, things, [_thing(1, count=5, at=NOON)])
    earlier, later = NOON - timedelta(hours=1), NOON + timedelta(hours=1)
    statement = """
    INSERT INTO things (id, name, count, at) VALUES (%s, %s, %s, %s)
    ON CONFLICT (id) DO UPDATE SET
      count = things.count + excluded.count, at = greatest(things.at, excluded.at)
    """
    execute_rows(connection, statement, [(1, "x", 2, earlier), (2, "y", 1, later)])
    execute_rows(connection, "UPDATE things SET count = count + %s WHERE id = %s", [(1, 1), (3, 2)])

    seen = [(row["count"], row["at"]) for row in _rows(connection)]
    assert seen == [(8, NOON), (4, later)]


def test_no_rows_are_nothing_to_do(connection: Connection) -> None:
    insert_all_new(connection, things, [])
    upsert_all(connection, things, [], ["id"])
    update_all(connection, things, [], "id")
    insert_rows(connection, things, ["id"], [])
    insert_together(connection, things, ["id"], [])
    execute_rows(connection, "no statement at all", [])

    assert _rows(connection) == []


def test_a_broken_rule_is_told(connection: Connection) -> None:
    row = (1, "a")
    with pytest.raises(IntegrityError), connection.begin_nested():
        execute_rows(connection, "INSERT INTO things (id, name) VALUES (%s, %s)", [row, row])
    with pytest.raises(IntegrityError), connection.begin_nested():
        insert_rows(connection, things, ["id", "name"], [row, row])

    assert _rows(connection) == []
