"""A search with a `*` looks through the values that tags have; none is missed, none that is gone stays."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from headwater.storage.database import Database
from headwater.storage.events.aged import Aged
from headwater.storage.issues import tag_values as module
from headwater.storage.issues.issues import Issues
from headwater.storage.issues.search import Criterion, HasTag, Search
from headwater.storage.issues.tag_counts import Seen, Tag, TagCounts
from headwater.storage.issues.tag_values import TagValues
from headwater.storage.schema import issue_tags, tag_values
from tests.databases import bring_to, empty_address, sqlite_only
from tests.stored import NOW, Stored


@pytest.fixture(name="stored")
def _stored(database: Database) -> Stored:
    stored = Stored(database)
    stored.project()
    return stored


def _count(database: Database, *tags: Tag) -> None:
    with database.write() as connection:
        TagCounts(database).add(connection, {tag: Seen(1, NOW) for tag in tags})


def _found(database: Database, key: str, *pieces: str) -> list[int]:
    search = Search((Criterion(HasTag(key, pieces)),))
    return sorted(Issues(database).ids(None, search, 100))


def _values(database: Database) -> list[tuple[str, str]]:
    with database.read() as connection:
        rows = connection.execute(select(tag_values).order_by(tag_values.c.key, tag_values.c.value))
        return [(row.key, row.value) for row in rows]


def test_every_issue_with_a_value_that_fits_is_found_in_whatever_case(
    database: Database, stored: Stored
) -> None:
    one, two, three = stored.issue(1), stored.issue(1), stored.issue(1)
    _count(
        database,
        Tag(one, "url", "https://Shop.example.com/CheckOut/1"),
        Tag(two, "url", "https://shop.example.com/checkout/2"),
        Tag(two, "referrer", "https://shop.example.com/cart"),
        Tag(three, "url", "https://shop.example.com/ÄRGER%_\\"),
    )

    assert _found(database, "url", "", "checkout", "") == [one, two]
    assert _found(database, "url", "", "OUT/2") == [two]
    assert _found(database, "url", "https://", "/1") == [one]
    assert _found(database, "url", "", "cart", "") == []
    assert _found(database, "url", "", "ÄRGER%_\\") == [three]
    assert _found(database, "url", "", "ärger", "") == []
    assert _found(database, "url", "https://", "") == [one, two, three]
    assert _found(database, "url", "", "") == [one, two, three]


def test_a_value_of_several_issues_is_noted_once(database: Database, stored: Stored) -> None:
    one, two = stored.issue(1), stored.issue(1)

    _count(database, Tag(one, "user", "Ada"), Tag(two, "user", "ADA"))
    _count(database, Tag(two, "user", "ada"))

    assert _values(database) == [("user", "ada")]


def test_what_no_issue_has_any_more_goes(database: Database, stored: Stored) -> None:
    one, two = stored.issue(1), stored.issue(1)
    _count(database, Tag(one, "user", "Ada"), Tag(one, "user", "Bob"), Tag(two, "user", "Bob"))
    with database.write() as connection:
        connection.execute(issue_tags.delete().where(issue_tags.c.issue_id == one))

    assert Aged(database).drop_tag_values() == 1
    assert Aged(database).drop_tag_values() == 0
    assert _values(database) == [("user", "bob")]


@sqlite_only  # whose plans say which columns of an index were searched
def test_whether_an_issue_has_a_value_is_looked_up_in_the_index(
    database: Database, stored: Stored
) -> None:
    _count(database, Tag(stored.issue(1), "user", "Ada"))
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, text: str, given: Any, *_: object) -> None:
        asked.append((text, given))

    event.listen(database.engine, "before_cursor_execute", note)
    Aged(database).drop_tag_values()
    event.remove(database.engine, "before_cursor_execute", note)

    (look,) = [each for each in asked if "EXISTS" in each[0]]
    with database.read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {look[0]}", look[1])
        steps = [row[-1] for row in plan]
    assert any("ix_issue_tags_key_folded (key=? AND <expr>=?" in each for each in steps), steps


def test_what_an_older_version_counted_is_noted_by_and_by(
    database: Database, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_NOTED", 2)
    issue, values = stored.issue(1), TagValues(database)
    rows = [
        {"issue_id": issue, "key": "user", "value": f"U{n}", "count": 1, "last_seen": NOW}
        for n in range(3)
    ]
    with database.write() as connection:
        connection.execute(issue_tags.insert(), rows)

    assert [values.complete(), values.complete(), values.complete()] == [2, 1, 0]
    assert _found(database, "user", "", "2") == [issue]


def test_the_migration_notes_what_is_there() -> None:
    database = Database(empty_address())
    bring_to(database, "0026")
    stored = Stored(database)
    stored.project()
    issue = stored.issue(1)
    row = {"issue_id": issue, "key": "user", "count": 1, "last_seen": NOW - timedelta(days=1)}
    with database.write() as connection:
        connection.execute(issue_tags.insert(), [row | {"value": "Ada"}, row | {"value": "ADA"}])

    bring_to(database, "0027")

    assert _values(database) == [("user", "ada")]
    database.close()
