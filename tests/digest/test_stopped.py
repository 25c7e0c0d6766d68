"""On PostgreSQL, a process that is stopped in the middle of a transaction, and still answers the network."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DatabaseError

from headwater.digest.worker import Worker
from headwater.storage.backup.snapshot import snapshot
from headwater.storage.database import _SERVER_S, Database, is_hindered
from headwater.storage.queue.queue import QueuedEnvelope
from headwater.storage.queue.table.reader import TableReader
from headwater.storage.schema import issues
from tests.clients.patience import until
from tests.databases import IS_POSTGRESQL
from tests.event_side import EventSide, minified_event

pytestmark = pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite has no sessions")

SECONDS = 60
IDLE_MILLISECONDS = 500
SESSION = text("SELECT pg_backend_pid()")
SESSIONS = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
IDLE = text("SELECT current_setting('idle_in_transaction_session_timeout')")


@pytest.fixture
def impatient(events_side: EventSide, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Of the same database, with connections that may not idle for long."""
    monkeypatch.setitem(_SERVER_S, "idle_in_transaction_session_timeout", IDLE_MILLISECONDS)
    database = Database(events_side.database.url)
    yield database
    database.close()


class StoppedOnce(TableReader):
    """Its process stands still in the middle of saving its first batch, until its session is ended."""

    def __init__(self, database: Database, stand_still: Callable[[Connection], None]) -> None:
        super().__init__(database)
        self._stand_still: Callable[[Connection], None] | None = stand_still

    def finish(self, connection: Connection, envelopes: Sequence[QueuedEnvelope]) -> set[int]:
        taken = super().finish(connection, envelopes)
        if self._stand_still is not None:
            self._stand_still(connection)
            self._stand_still = None
        return taken


def test_a_digest_goes_on_once_who_holds_its_issue_has_idled_for_too_long(
    events_side: EventSide, impatient: Database
) -> None:
    side = events_side
    side.digest(minified_event("1" * 32))
    side.put(minified_event("2" * 32))

    def hold_issues_until(happened: Callable[[], object]) -> None:
        with impatient.write() as stopped:
            stopped.execute(select(issues).with_for_update())
            happened()

    with ThreadPoolExecutor(1) as pool, pytest.raises(DatabaseError):
        hold_issues_until(lambda: pool.submit(side.worker.digest_once).result(SECONDS))

    assert side.stored("2" * 32).issue_id == side.stored("1" * 32).issue_id


def test_what_a_digest_had_at_hand_comes_again_and_counts_as_not_tried(
    events_side: EventSide, impatient: Database
) -> None:
    side = events_side

    def stand_still(connection: Connection) -> None:
        pid = connection.execute(SESSION).scalar_one()
        until(lambda: not count(side.database, pid), SECONDS, "its session was ended")

    def count(database: Database, pid: int) -> int:
        with database.read() as connection:
            return int(connection.execute(SESSIONS, {"pid": pid}).scalar_one())

    worker = Worker(impatient, StoppedOnce(impatient, stand_still), side.pipeline(side.resolve))
    side.put(minified_event("1" * 32))

    with pytest.raises(DatabaseError) as raised:
        worker.digest_once()
    assert worker.digest_once() == 1

    assert is_hindered(raised.value)
    assert side.stored("1" * 32).event_id == "1" * 32
    assert side.dead_letters.count() == 0


def test_no_transaction_idles_for_long_but_a_backup_s_lasts_as_long_as_it_takes(
    events_side: EventSide,
) -> None:
    with events_side.database.read() as connection:
        assert connection.execute(IDLE).scalar_one() == "2min"

    with snapshot(events_side.database) as moment:
        assert moment.connection.execute(IDLE).scalar_one() == "0"
