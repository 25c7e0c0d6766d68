"""Indexes of some rows alone are so on either database, whatever the schema's words for it."""

import pytest
from sqlalchemy import text

from headwater.storage.database import Database
from headwater.storage.schema import metadata

PARTIAL = sorted(
    str(index.name)
    for table in metadata.tables.values()
    for index in table.indexes
    if index.dialect_kwargs["sqlite_where"] is not None
)


@pytest.mark.parametrize("name", PARTIAL)
def test_an_index_that_the_schema_calls_partial_is(database: Database, name: str) -> None:
    wanted = (
        "SELECT sql FROM sqlite_master WHERE name = :name"
        if database.is_sqlite
        else "SELECT indexdef FROM pg_indexes WHERE indexname = :name"
    )
    with database.read() as connection:
        made = connection.execute(text(wanted), {"name": name}).scalar_one()

    assert " WHERE " in made


def test_there_are_some() -> None:
    assert "uq_packs_live" in PARTIAL
