"""Issues are found by a tag's value through the index of values, however many rows the tag has."""

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import sqlite

from headwater.storage.database import Database
from headwater.storage.issues.search import Criterion, HasTag, Search
from headwater.storage.schema import issues
from tests.databases import sqlite_only


@sqlite_only  # whose plans say which columns of an index were searched
@pytest.mark.parametrize(
    "fact",
    [
        HasTag("user", ("account.0@example.com",)),
        HasTag("browser", ("firefox",)),
        HasTag("url", ("https://shop.example.com/", "")),
    ],
)
def test_whole_values_names_and_beginnings_are_ranges_of_the_index(
    database: Database, fact: HasTag
) -> None:
    wanted = select(issues.c.id).where(Search((Criterion(fact),)).where)
    asked = wanted.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})

    with database.read() as connection:
        plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + str(asked).replace("%%", "%"))
        steps = [row[-1] for row in plan]

    assert any("ix_issue_tags_key_folded (key=? AND <expr>" in each for each in steps), steps
