"""Envelopes between the door and the digest."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from headwater.storage.database import Database
from headwater.storage.queue.queue import submit
from headwater.storage.queue.table import reader
from headwater.storage.queue.table.reader import CLAIM, TableReader
from headwater.storage.queue.table.writer import TableWriter

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def _fill(database: Database, *envelopes: bytes) -> None:
    intake = TableWriter(database)
    for done in [submit(intake, 1, envelope, NOON) for envelope in envelopes]:
        done.result(timeout=30)


def _finish_all(database: Database, queue: TableReader) -> None:
    claimed = queue.claim(100, NOON)
    with database.write() as connection:
        queue.finish(connection, claimed)


def test_what_is_claimed_at_once_is_bounded_as_it_came(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "MAX_BATCH_BYTES", 10_000)
    queue = TableReader(database)
    _fill(database, *(b"%d" % number * 4_000 for number in range(5)))

    assert [len(each.envelope) for each in queue.claim(10, NOON)] == [4_000, 4_000]


def test_an_envelope_that_was_damaged_where_it_waits_is_the_digest_s_to_refuse(
    database: Database,
) -> None:
    queue = TableReader(database)
    _fill(database, b"x" * 5_000, b"y")
    with database.write() as connection:
        connection.execute(
            text("UPDATE queue SET envelope = :no WHERE plain_size > 0"), {"no": b"?"}
        )

    damaged, whole = queue.claim(10, NOON)
    assert (damaged.envelope, damaged.encoding) == (b"?", "zstd")
    assert whole.envelope == b"y"


def test_the_oldest_come_first_and_a_claimed_one_is_not_claimed_again(database: Database) -> None:
    queue = TableReader(database)
    _fill(database, b"a", b"b", b"c")

    first, second = queue.claim(2, NOON), queue.claim(2, NOON)

    assert [claimed.envelope for claimed in first] == [b"a", b"b"]
    assert [claimed.envelope for claimed in second] == [b"c"]
    assert queue.claim(2, NOON) == []


def test_workers_that_claim_at_once_share_the_queue_without_overlap(database: Database) -> None:
    queue = TableReader(database)
    _fill(database, *(b"%d" % number for number in range(60)))
    start = threading.Barrier(4)

    def work() -> list[int]:
        start.wait()
        found: list[int] = []
        while claimed := queue.claim(5, NOON):
            found += [envelope.id for envelope in claimed]
        return found

    with ThreadPoolExecutor(4) as pool:
        shares = [future.result() for future in [pool.submit(work) for _ in range(4)]]

    every = [number for share in shares for number in share]
    assert len(every) == len(set(every)) == 60


def test_a_dead_worker_s_claim_ends_and_the_envelope_is_then_claimed_alone(
    database: Database,
) -> None:
    queue = TableReader(database)
    _fill(database, b"a", b"b")
    queue.claim(10, NOON)
    _fill(database, b"c")

    assert [one.envelope for one in queue.claim(10, NOON + CLAIM)] == [b"c"]
    later = NOON + CLAIM + timedelta(seconds=1)
    alone = queue.claim(10, later)

    assert [(one.envelope, one.attempts) for one in alone] == [(b"a", 2)]


def test_the_only_worker_frees_its_predecessor_s_claims_at_once(database: Database) -> None:
    queue = TableReader(database)
    _fill(database, b"a")
    queue.claim(10, NOON)

    queue.start_over()

    assert [one.envelope for one in queue.claim(10, NOON)] == [b"a"]


@pytest.mark.parametrize(("were_tried", "attempts"), [(True, 2), (False, 1)])
def test_a_claim_can_be_given_back(database: Database, were_tried: bool, attempts: int) -> None:  # noqa: FBT001
    queue = TableReader(database)
    _fill(database, b"a")

    queue.give_back(queue.claim(10, NOON), were_tried=were_tried)

    assert [one.attempts for one in queue.claim(10, NOON)] == [attempts]


def test_a_claim_that_the_database_does_not_let_go_now_is_given_back_with_the_next(
    database: Database,
) -> None:
    queue = TableReader(database)
    _fill(database, b"a")
    claimed = queue.claim(10, NOON)
    with database.write() as connection:
        connection.execute(text("ALTER TABLE queue RENAME TO elsewhere"))
    queue.give_back(claimed, were_tried=False)
    with database.write() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO queue"))

    assert [one.attempts for one in queue.claim(10, NOON)] == [1]


def test_a_claim_that_is_given_back_late_is_nobody_else_s(database: Database) -> None:
    late, other = TableReader(database), TableReader(database)
    _fill(database, b"a")
    held = late.claim(10, NOON)
    after = NOON + CLAIM + timedelta(seconds=1)
    (taken,) = other.claim(10, after)

    late.give_back(held, were_tried=False)

    assert other.claim(10, after) == []
    assert taken.attempts == 2


def test_an_envelope_is_finished_once(database: Database) -> None:
    queue = TableReader(database)
    _fill(database, b"a")
    (claimed,) = queue.claim(10, NOON)

    with database.write() as connection:
        taken = [queue.finish(connection, [claimed]), queue.finish(connection, [claimed])]

    assert taken == [set(), {claimed.id}]
    assert queue.depth() == 0


def test_a_claim_is_bounded_in_bytes_but_never_empty(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "MAX_BATCH_BYTES", 10)
    queue = TableReader(database)
    _fill(database, b"x" * 50, b"y" * 6, b"z" * 6)

    sizes = [[len(one.envelope) for one in queue.claim(10, NOON)] for _ in range(4)]

    assert sizes == [[50], [6], [6], []]


def test_a_finished_queue_is_empty(database: Database) -> None:
    queue = TableReader(database)
    _fill(database, b"a", b"b")

    _finish_all(database, queue)

    assert queue.claim(10, NOON + CLAIM * 2) == []
