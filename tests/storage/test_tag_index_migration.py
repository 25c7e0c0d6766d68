"""On PostgreSQL, tags get an index of another function while an older digest goes on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from headwater.storage.database import Database
from headwater.storage.migrate import _FOLDER
from tests.databases import IS_POSTGRESQL, empty_address

pytestmark = pytest.mark.skipif(not IS_POSTGRESQL, reason="on SQLite nothing is done")


def _upgrade(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["engine"] = database.engine
    command.upgrade(config, revision)


@pytest.fixture(name="before")
def _before() -> Iterator[Database]:
    database = Database(empty_address())
    _upgrade(database, "0025")
    yield database
    database.close()


def test_it_waits_for_nobody_who_has_read_tags_and_keeps_the_older_version_s_index(
    before: Database,
) -> None:
    indexes = text("SELECT indexname FROM pg_indexes WHERE tablename = 'issue_tags'")
    with ThreadPoolExecutor(1) as pool, before.write() as digest:
        digest.execute(text("SELECT * FROM issue_tags"))

        pool.submit(_upgrade, before, "0026").result(timeout=60)

        named = set(digest.execute(indexes).scalars())
    assert {"ix_issue_tags_key_folded", "ix_issue_tags_key_translated"} <= named
