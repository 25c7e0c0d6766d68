"""On PostgreSQL, migrations beside those who use the tables."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from headwater.cli.instance import _migrate
from headwater.settings import InvalidSetting
from headwater.storage import migrate as migrating
from headwater.storage.database import Database
from headwater.storage.migrate import migrate, newest_revision, revisions
from tests.clients.patience import until
from tests.databases import IS_POSTGRESQL, bring_to, empty_address

pytestmark = pytest.mark.skipif(not IS_POSTGRESQL, reason="on SQLite one writes at a time")

SECONDS = 60
BEFORE = "0024"
"""The next one alters the queue."""
WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'queue'::regclass")
ENVELOPE = text(
    "INSERT INTO queue (project_id, received_at, envelope, attempts, event_id, encoding)"
    " VALUES (1, now(), '', 0, '', '')"
)


@pytest.fixture
def database() -> Iterator[Database]:
    database = Database(empty_address())
    yield database
    database.close()


@contextmanager
def read_for_long(database: Database) -> Iterator[None]:
    """As a dump does."""
    with database.read() as connection:
        connection.execute(text("SELECT count(*) FROM queue"))
        yield


def until_it_waits(database: Database) -> None:
    def waits() -> bool:
        with database.read() as connection:
            return bool(connection.execute(WAITING).scalar_one())

    until(waits, SECONDS, "the migration waits")


def put(database: Database) -> None:
    """Raises OperationalError if that takes very long."""
    with database.write() as connection:
        connection.execute(text("SET LOCAL statement_timeout = '10s'"))
        connection.execute(ENVELOPE)


def test_envelopes_come_in_while_a_migration_waits_for_who_reads(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "RESTS", (0.1,) * 500)
    bring_to(database, BEFORE)

    with ThreadPoolExecutor(1) as pool:
        with read_for_long(database):
            done = pool.submit(migrate, database)
            for _ in range(3):
                until_it_waits(database)
                put(database)
        done.result(SECONDS)

    assert revisions(database)[0] == newest_revision()


def test_a_table_that_is_never_left_ends_the_start_with_a_sentence(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "RESTS", ())
    bring_to(database, "0023")

    with read_for_long(database), pytest.raises(InvalidSetting, match="others never left it"):
        _migrate(database)

    assert revisions(database)[0] == BEFORE  # what comes before it is done


def test_instances_that_start_at_once_beside_who_reads_migrate_once(
    database: Database, tmp_path: Path
) -> None:
    bring_to(database, BEFORE)
    environment = {**os.environ, "DATABASE_URL": database.url, "HEADWATER_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "headwater", "migrate"]

    with read_for_long(database):
        started = [
            subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
            for _ in range(3)
        ]
        until_it_waits(database)
    said = [each.communicate(timeout=SECONDS)[1] for each in started]

    assert [each.returncode for each in started] == [0, 0, 0], said
    assert revisions(database)[0] == newest_revision()
