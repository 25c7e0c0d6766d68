"""SQLite's file becomes smaller again, and so does its log."""

import sqlite3
from pathlib import Path

from headwater.storage.database import MAX_LOG_BYTES, PAGE_SIZE, Database
from headwater.storage.events.retention import Retained
from headwater.storage.migrate import migrate
from headwater.storage.pages import GIVEN_BACK, Pages
from tests.databases import sqlite_only
from tests.stored import Stored

MB = 1024**2

pytestmark = sqlite_only


def _sizes(folder: Path) -> tuple[int, int]:
    return (folder / "headwater.db").stat().st_size, (folder / "headwater.db-wal").stat().st_size


def _empty(stored: Stored, issue_id: int) -> None:
    retained = Retained(stored.database)
    while ids := retained.all_of(issue_id):
        retained.remove(ids, issue_id)


def test_what_deleted_events_took_goes_back_to_the_disk(database: Database, tmp_path: Path) -> None:
    stored, pages = Stored(database), Pages(database)
    stored.project()
    before = pages.space()
    issue_id = stored.issue(2_000, weight=3_000)
    pages.checkpoint(truncate=True)
    full, _ = _sizes(tmp_path)

    _empty(stored, issue_id)
    steps = 0
    while pages.space().free:
        pages.give_back()
        steps += 1
    is_done = pages.checkpoint(truncate=True)

    file, log = _sizes(tmp_path)
    assert is_done
    assert full > 6 * MB
    assert log == 0
    assert file == pages.space().used < before.used + MB
    assert steps >= 6 * MB / PAGE_SIZE / GIVEN_BACK
    assert pages.space().can_shrink


def test_a_step_gives_back_no_more_than_its_bound(database: Database) -> None:
    stored, pages = Stored(database), Pages(database)
    stored.project()
    _empty(stored, stored.issue(1_000, weight=3_000))
    free = pages.space().free

    pages.give_back()

    # The page where the step's own book-keeping was may come free as well.
    assert 0 < free - pages.space().free <= (GIVEN_BACK + 1) * PAGE_SIZE


def test_a_large_transaction_s_log_is_cut_when_it_begins_anew(
    database: Database, tmp_path: Path
) -> None:
    stored, pages = Stored(database), Pages(database)
    stored.project()
    stored.issue(MAX_LOG_BYTES // 30_000, weight=40_000)
    assert _sizes(tmp_path)[1] > MAX_LOG_BYTES

    pages.checkpoint()
    stored.issue(1)

    assert _sizes(tmp_path)[1] <= MAX_LOG_BYTES


def test_the_log_of_a_reader_is_left_to_it_without_waiting(database: Database) -> None:
    stored, pages = Stored(database), Pages(database)
    stored.project()
    with database.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM events")
        stored.issue(10)

        assert not pages.checkpoint(truncate=True)

        stored.issue(1)
    assert pages.checkpoint(truncate=True)


def test_a_file_of_an_earlier_version_stays_as_large_as_it_is_until_it_is_vacuumed_once(
    tmp_path: Path,
) -> None:
    path = tmp_path / "headwater.db"
    with sqlite3.connect(path) as earlier:
        earlier.execute("CREATE TABLE something (number INTEGER)")
    earlier.close()
    database = Database(f"sqlite:///{path}")
    migrate(database)
    stored, pages = Stored(database), Pages(database)
    stored.project()
    _empty(stored, stored.issue(100, weight=3_000))
    free = pages.space().free

    pages.give_back()

    assert not pages.space().can_shrink
    assert pages.space().free == free > 0
    database.close()

    with sqlite3.connect(path) as by_hand:
        by_hand.execute("PRAGMA auto_vacuum = INCREMENTAL")
        by_hand.execute("VACUUM")
    by_hand.close()

    assert pages.space().can_shrink
    assert pages.space().free == 0
    database.close()


def test_who_connects_while_another_writes_does_not_wait(database: Database) -> None:
    Stored(database).project()
    newcomer = Database(database.url)

    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM events")
        with newcomer.read() as other:
            other.exec_driver_sql("PRAGMA busy_timeout = 0")
            assert other.exec_driver_sql("SELECT count(*) FROM projects").scalar() == 1

    newcomer.close()
