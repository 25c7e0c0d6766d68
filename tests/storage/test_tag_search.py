"""Issues are found by a tag's value through the index of values, however many rows the tag has."""

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from headwater.storage.database import Database
from headwater.storage.issues.search import Criterion, HasTag, Search
from headwater.storage.schema import folded, issue_tags, issues
from tests.databases import IS_POSTGRESQL, sqlite_only


@sqlite_only  # whose plans say which columns of an index were searched
@pytest.mark.parametrize(
    "fact",
    [
        HasTag("user", ("account.0@example.com",)),
        HasTag("browser", ("firefox",)),
        HasTag("url", ("https://shop.example.com/", "")),
        HasTag("url", ("", "checkout", "")),
    ],
)
def test_whatever_is_asked_of_values_is_looked_up_in_the_index(
    database: Database, fact: HasTag
) -> None:
    wanted = select(issues.c.id).where(Search((Criterion(fact),)).where)
    asked = wanted.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})

    with database.read() as connection:
        plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + str(asked).replace("%%", "%"))
        steps = [row[-1] for row in plan]

    assert any("ix_issue_tags_key_folded (key=? AND <expr>" in each for each in steps), steps


@pytest.mark.skipif(not IS_POSTGRESQL, reason="has a function, and an index, of its own")
def test_the_index_is_of_what_postgresql_is_asked(database: Database) -> None:
    tags = issue_tags.c
    in_order = select(tags.issue_id).where(tags.key == "user").order_by(folded(tags.value))
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    asked = in_order.compile(dialect=dialect, compile_kwargs={"literal_binds": True})

    with database.read() as connection:
        connection.exec_driver_sql("SET LOCAL enable_sort = off")
        plan = connection.exec_driver_sql(f"EXPLAIN {asked}").scalars().all()

    assert "Index Scan using ix_issue_tags_key_folded" in plan[0], plan
