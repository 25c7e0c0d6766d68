"""On PostgreSQL, tags get an index of another function while an older digest goes on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from headwater.storage.database import Database
from tests.databases import IS_POSTGRESQL, bring_to, empty_address

pytestmark = pytest.mark.skipif(not IS_POSTGRESQL, reason="on SQLite nothing is done")


TAG = text(
    "INSERT INTO issue_tags (issue_id, key, value, count, last_seen)"
    " VALUES (1, 'user', 'Ada', 1, '2026-11-01')"
)
INDEXES = text("SELECT indexname FROM pg_indexes WHERE tablename = 'issue_tags'")


@pytest.fixture(name="before")
def _before() -> Iterator[Database]:
    database = Database(empty_address())
    bring_to(database, "0025")
    yield database
    database.close()


def test_it_waits_for_nobody_who_has_read_tags_and_keeps_the_older_version_s_index(
    before: Database,
) -> None:
    with before.write() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # of no issue
        connection.execute(TAG)
    with ThreadPoolExecutor(1) as pool, before.write() as digest:
        digest.execute(text("SELECT * FROM issue_tags"))

        pool.submit(bring_to, before, "0026").result(timeout=60)

        named = set(digest.execute(INDEXES).scalars())
    assert {"ix_issue_tags_key_folded", "ix_issue_tags_key_translated"} <= named


def test_of_a_new_database_only_the_new_index_is_there(before: Database) -> None:
    bring_to(before, "0026")

    with before.read() as connection:
        named = set(connection.execute(INDEXES).scalars())
    assert "ix_issue_tags_key_folded" in named
    assert "ix_issue_tags_key_translated" not in named
