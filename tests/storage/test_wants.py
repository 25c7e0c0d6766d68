"""What stored events would be resolved better with."""

from datetime import timedelta

from headwater.storage.database import Database
from headwater.storage.schema import resolutions
from headwater.storage.uploads.wants import MAX_TRIED, TIME, Wants
from tests.databases import sqlite_only
from tests.stored import NOW, Stored, asked


@sqlite_only
def test_what_is_tried_again_is_found_without_reading_all_wants(database: Database) -> None:
    project, wants = Stored(database).project(), Wants(database)
    digests = [bytes([number]) * 16 for number in range(MAX_TRIED + 5)]
    with database.write() as connection:
        rows = [{"digest": digest, "content": b""} for digest in digests]
        connection.execute(resolutions.insert(), rows)
        wants.add(connection, [(project, digest, TIME) for digest in digests], NOW)

    with asked(database) as statements:
        moments = [NOW + timedelta(seconds=number) for number in (1, 2)]
        tried = [each for now in moments for each in wants.try_again(now, timedelta(0))]

    # Those that were not tried yet come first.
    assert {digest for _, digest in tried[: len(digests)]} == set(digests)
    for statement, parameters in statements:
        if not statement.startswith("BEGIN"):
            with database.read() as connection:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                assert not any("SCAN wants" in row.detail for row in plan), statement
