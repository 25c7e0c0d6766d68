"""Envelopes between the door and the digest."""

import gzip
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, text

from headwater.storage.database import Database
from headwater.storage.queue import table_limit, waiting_room
from headwater.storage.queue import table_queue as queue_module
from headwater.storage.queue.queue import QueueFull, QueueUnavailable, submit
from headwater.storage.queue.table_queue import CLAIM, TableQueue

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def _fill(queue: TableQueue, *envelopes: bytes) -> None:
    for done in [submit(queue, 1, envelope, NOON) for envelope in envelopes]:
        done.result(timeout=30)


def _look_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_limit, "LOOK_SECONDS", 0)
    monkeypatch.setattr(table_limit, "REST", 0)


def _finish_all(database: Database, queue: TableQueue) -> None:
    claimed = queue.claim(100, NOON)
    with database.write() as connection:
        queue.finish(connection, claimed)


def test_an_acknowledged_envelope_is_on_disk(database: Database) -> None:
    queue = TableQueue(database)

    submit(queue, 7, b"hello", NOON).result(timeout=30)

    another = Database(database.url)
    (claimed,) = TableQueue(another).claim(10, NOON)
    another.close()
    assert (claimed.project_id, claimed.envelope, claimed.received_at) == (7, b"hello", NOON)
    assert claimed.attempts == 1


def test_a_long_envelope_that_came_plain_waits_compressed(database: Database) -> None:
    queue = TableQueue(database)
    plain, compressed = b"an event " * 1_000, gzip.compress(bytes(range(256)) * 10)

    submit(queue, 1, plain, NOON).result(timeout=30)
    submit(queue, 1, compressed, NOON, encoding="gzip").result(timeout=30)

    with database.read() as connection:
        lengths = connection.execute(text("SELECT length(envelope) FROM queue ORDER BY id"))
        assert lengths.scalars().all()[0] < len(plain) / 10
    first, second = queue.claim(10, NOON)
    assert (first.envelope, first.encoding) == (plain, "")
    assert (second.envelope, second.encoding) == (compressed, "gzip")


def test_what_is_claimed_at_once_is_bounded_as_it_came(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "MAX_BATCH_BYTES", 10_000)
    queue = TableQueue(database)
    _fill(queue, *(b"%d" % number * 4_000 for number in range(5)))

    assert [len(each.envelope) for each in queue.claim(10, NOON)] == [4_000, 4_000]


def test_an_envelope_that_was_damaged_where_it_waits_is_the_digest_s_to_refuse(
    database: Database,
) -> None:
    queue = TableQueue(database)
    _fill(queue, b"x" * 5_000, b"y")
    with database.write() as connection:
        connection.execute(
            text("UPDATE queue SET envelope = :no WHERE plain_size > 0"), {"no": b"?"}
        )

    damaged, whole = queue.claim(10, NOON)
    assert (damaged.envelope, damaged.encoding) == (b"?", "zstd")
    assert whole.envelope == b"y"


def test_what_is_too_much_is_refused_until_some_of_it_is_digested(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _look_each_time(monkeypatch)
    queue = TableQueue(database, max_bytes=1_000)
    _fill(queue, b"x" * 600)
    _fill(queue, b"x" * 600)

    with pytest.raises(
        QueueUnavailable, match=r"1200 bytes .* limit is 1000 .*HEADWATER_MAX_QUEUE"
    ):
        _fill(queue, b"x")

    _finish_all(database, queue)
    _fill(queue, b"y")
    assert [each.envelope for each in queue.claim(10, NOON)] == [b"y"]


def test_a_look_that_takes_long_is_not_taken_again_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, looks = 100.0, []

    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal now
        if statement.startswith("SELECT"):
            looks.append(now)
            now += 8

    monkeypatch.setattr(time, "monotonic", lambda: now)
    limit = table_limit.TableLimit(1_000)
    event.listen(database.engine, "before_cursor_execute", look)
    with database.read() as connection:
        for _ in range(30):
            limit.check(connection)
            now += 10

    assert looks == [100, 100 + 8 + table_limit.REST * 8]


def test_an_old_envelope_that_still_waits_does_not_make_a_queue_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _look_each_time(monkeypatch)
    queue = TableQueue(database, max_bytes=1_000)
    _fill(queue, b"x" * 100)
    queue.claim(1, NOON)  # and its worker dies
    for _ in range(15):
        _fill(queue, b"x" * 100)
        (claimed,) = queue.claim(1, NOON)
        with database.write() as connection:
            queue.finish(connection, [claimed])

    _fill(queue, b"y")
    assert queue.depth() == 2


def test_all_who_wait_are_written_and_told(database: Database) -> None:
    queue = TableQueue(database)

    _fill(queue, *(b"%d" % number for number in range(500)))

    assert queue.depth() == 500
    assert {claimed.envelope for claimed in queue.claim(500, NOON)} == {
        b"%d" % number for number in range(500)
    }


def test_the_oldest_come_first_and_a_claimed_one_is_not_claimed_again(database: Database) -> None:
    queue = TableQueue(database)
    _fill(queue, b"a", b"b", b"c")

    first, second = queue.claim(2, NOON), queue.claim(2, NOON)

    assert [claimed.envelope for claimed in first] == [b"a", b"b"]
    assert [claimed.envelope for claimed in second] == [b"c"]
    assert queue.claim(2, NOON) == []


def test_workers_that_claim_at_once_share_the_queue_without_overlap(database: Database) -> None:
    queue = TableQueue(database)
    _fill(queue, *(b"%d" % number for number in range(60)))
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
    queue = TableQueue(database)
    _fill(queue, b"a", b"b")
    queue.claim(10, NOON)
    _fill(queue, b"c")

    assert [one.envelope for one in queue.claim(10, NOON + CLAIM)] == [b"c"]
    later = NOON + CLAIM + timedelta(seconds=1)
    alone = queue.claim(10, later)

    assert [(one.envelope, one.attempts) for one in alone] == [(b"a", 2)]


def test_the_only_worker_frees_its_predecessor_s_claims_at_once(database: Database) -> None:
    queue = TableQueue(database)
    _fill(queue, b"a")
    queue.claim(10, NOON)

    queue.start_over()

    assert [one.envelope for one in queue.claim(10, NOON)] == [b"a"]


@pytest.mark.parametrize(("were_tried", "attempts"), [(True, 2), (False, 1)])
def test_a_claim_can_be_given_back(database: Database, were_tried: bool, attempts: int) -> None:  # noqa: FBT001
    queue = TableQueue(database)
    _fill(queue, b"a")

    queue.give_back(queue.claim(10, NOON), were_tried=were_tried)

    assert [one.attempts for one in queue.claim(10, NOON)] == [attempts]


def test_a_claim_that_the_database_does_not_let_go_now_is_given_back_with_the_next(
    database: Database,
) -> None:
    queue = TableQueue(database)
    _fill(queue, b"a")
    claimed = queue.claim(10, NOON)
    with database.write() as connection:
        connection.execute(text("ALTER TABLE queue RENAME TO elsewhere"))
    queue.give_back(claimed, were_tried=False)
    with database.write() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO queue"))

    assert [one.attempts for one in queue.claim(10, NOON)] == [1]


def test_a_claim_that_is_given_back_late_is_nobody_else_s(database: Database) -> None:
    late, other = TableQueue(database), TableQueue(database)
    _fill(late, b"a")
    held = late.claim(10, NOON)
    after = NOON + CLAIM + timedelta(seconds=1)
    (taken,) = other.claim(10, after)

    late.give_back(held, were_tried=False)

    assert other.claim(10, after) == []
    assert taken.attempts == 2


def test_an_envelope_is_finished_once(database: Database) -> None:
    queue = TableQueue(database)
    _fill(queue, b"a")
    (claimed,) = queue.claim(10, NOON)

    with database.write() as connection:
        taken = [queue.finish(connection, [claimed]), queue.finish(connection, [claimed])]

    assert taken == [set(), {claimed.id}]
    assert queue.depth() == 0


def test_a_claim_is_bounded_in_bytes_but_never_empty(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "MAX_BATCH_BYTES", 10)
    queue = TableQueue(database)
    _fill(queue, b"x" * 50, b"y" * 6, b"z" * 6)

    sizes = [[len(one.envelope) for one in queue.claim(10, NOON)] for _ in range(4)]

    assert sizes == [[50], [6], [6], []]


def test_what_the_database_refuses_is_not_acknowledged_and_the_next_is_taken(
    database: Database,
) -> None:
    queue = TableQueue(database)
    with database.write() as connection:
        connection.execute(text("ALTER TABLE queue RENAME TO elsewhere"))

    refused = submit(queue, 1, b"a", NOON)
    with pytest.raises(QueueUnavailable, match="did not take it"):
        refused.result(timeout=30)
    with database.write() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO queue"))
    _fill(queue, b"b")

    assert [one.envelope for one in queue.claim(10, NOON)] == [b"b"]


def test_more_waiting_than_the_limit_is_refused_and_the_rest_is_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_room, "MAX_WAITING", 3)
    queue = TableQueue(database)
    waiting: list[Future[None]] = []

    with database.write(), pytest.raises(QueueFull, match="3 envelopes are waiting"):
        # The writer takes what it can into its commit, which this transaction holds up.
        waiting += (submit(queue, 1, b"a", NOON) for _ in range(100))

    for done in waiting:
        done.result(timeout=30)
    assert queue.depth() == len(waiting) >= 3


def test_more_waiting_bytes_than_the_limit_are_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_room, "MAX_WAITING_BYTES", 100)
    queue = TableQueue(database)

    def flood() -> None:
        for _ in range(100):
            submit(queue, 1, b"a" * 60, NOON)

    with database.write(), pytest.raises(QueueFull, match="100 bytes are waiting"):
        flood()
    queue.close()  # and have written what was taken, while the database is there


def test_closing_writes_what_waits_and_takes_no_more(database: Database) -> None:
    queue = TableQueue(database)
    waiting = [submit(queue, 1, b"a", NOON) for _ in range(20)]

    queue.close()

    assert all(done.done() for done in waiting)
    assert queue.depth() == 20
    with pytest.raises(QueueFull, match="shutting down"):
        submit(queue, 1, b"a", NOON)


def test_a_finished_queue_is_empty(database: Database) -> None:
    queue = TableQueue(database)
    _fill(queue, b"a", b"b")

    _finish_all(database, queue)

    assert queue.claim(10, NOON + CLAIM * 2) == []
