"""Envelopes on their way into the queue's table: those of a server's event loop, and of a command."""

import asyncio
import gzip
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import event, text

from headwater.storage.database import Database
from headwater.storage.queue import waiting_room
from headwater.storage.queue.queue import QueueFull, QueueUnavailable, submit
from headwater.storage.queue.table import limit, writer
from headwater.storage.queue.table.reader import TableReader
from headwater.storage.queue.table.writer import TableWriter
from tests.databases import IS_POSTGRESQL

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)

on_a_loop = pytest.mark.skipif(not IS_POSTGRESQL, reason="servers on SQLite have a journal")


@pytest.fixture
def intake(database: Database) -> Iterator[TableWriter]:
    """With no limit that anything here reaches."""
    made = TableWriter(database)
    yield made
    made.close()


def _put(intake: TableWriter, *envelopes: bytes) -> None:
    """As a command does."""
    for envelope in envelopes:
        submit(intake, 1, envelope, NOON).result(timeout=30)


async def _taken(intake: TableWriter, envelope: bytes) -> None:
    await asyncio.wait_for(asyncio.wrap_future(submit(intake, 1, envelope, NOON)), 30)


async def _all_taken(intake: TableWriter, *envelopes: bytes) -> None:
    async with asyncio.TaskGroup() as group:
        for envelope in envelopes:
            group.create_task(_taken(intake, envelope))


def _waiting(database: Database) -> list[bytes]:
    return [each.envelope for each in TableReader(database).claim(1_000, NOON)]


def _rename(database: Database, name: str, other: str) -> None:
    with database.write() as connection:
        connection.execute(text(f"ALTER TABLE {name} RENAME TO {other}"))


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 # another process's state
            await asyncio.sleep(0.01)


async def _while_locked(database: Database, then: Callable[[], Awaitable[None]]) -> None:
    """While nothing can be put into the table."""
    connecting = psycopg.AsyncConnection.connect(
        database.engine.url.render_as_string(False).replace("+psycopg", "")
    )
    async with await connecting as connection:
        await connection.execute("LOCK TABLE queue IN SHARE MODE")
        await then()
        await connection.rollback()


def _held_up(database: Database) -> int:
    """Statements that wait for somebody's lock."""
    query = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'queue'::regclass")
    with database.read() as connection:
        return int(connection.execute(query).scalar_one())


async def _until_held_up(database: Database, statements: int) -> None:
    await _until(lambda: _held_up(database) == statements)


def test_an_acknowledged_envelope_is_on_disk(database: Database, intake: TableWriter) -> None:
    submit(intake, 7, b"hello", NOON).result(timeout=30)

    another = Database(database.url)
    (claimed,) = TableReader(another).claim(10, NOON)
    another.close()
    assert (claimed.project_id, claimed.envelope, claimed.received_at) == (7, b"hello", NOON)
    assert claimed.attempts == 1


def test_a_long_envelope_that_came_plain_waits_compressed(
    database: Database, intake: TableWriter
) -> None:
    plain, compressed = b"an event " * 1_000, gzip.compress(bytes(range(256)) * 10)

    submit(intake, 1, plain, NOON).result(timeout=30)
    submit(intake, 1, compressed, NOON, encoding="gzip").result(timeout=30)

    with database.read() as connection:
        lengths = connection.execute(text("SELECT length(envelope) FROM queue ORDER BY id"))
        assert lengths.scalars().all()[0] < len(plain) / 10
    first, second = TableReader(database).claim(10, NOON)
    assert (first.envelope, first.encoding) == (plain, "")
    assert (second.envelope, second.encoding) == (compressed, "gzip")


@on_a_loop
def test_what_comes_to_a_server_is_as_it_came(database: Database, intake: TableWriter) -> None:
    async def serve() -> None:
        many = (b"%d" % number * 1_000 for number in range(500))
        await _all_taken(intake, b"x" * (writer.MAX_INLINE + 1), *many)

    asyncio.run(serve())

    found = _waiting(database)
    assert len(found) == 501
    assert set(found) == {
        b"x" * (writer.MAX_INLINE + 1),
        *(b"%d" % number * 1_000 for number in range(500)),
    }


@on_a_loop
def test_what_waits_at_a_moment_is_written_together(
    database: Database, intake: TableWriter
) -> None:
    async def serve() -> None:
        await _all_taken(intake, *(b"%d" % number for number in range(300)))

    asyncio.run(serve())

    with database.read() as connection:
        transactions = text("SELECT count(DISTINCT xmin::text) FROM queue")
        assert connection.execute(transactions).scalar_one() <= writer.AT_ONCE


@on_a_loop
def test_who_comes_while_as_many_statements_as_may_wait_is_written_after_them(
    database: Database, intake: TableWriter
) -> None:
    async def serve() -> None:
        async with asyncio.TaskGroup() as group:

            async def come() -> None:
                for number in range(writer.AT_ONCE):
                    group.create_task(_taken(intake, b"first %d" % number))
                    await _until_held_up(database, number + 1)
                for number in range(20):
                    group.create_task(_taken(intake, b"%d" % number))
                await asyncio.sleep(0)

            await _while_locked(database, come)

    asyncio.run(serve())

    assert len(_waiting(database)) == writer.AT_ONCE + 20


@on_a_loop
def test_what_other_threads_offer_goes_the_way_of_the_loop(
    database: Database, intake: TableWriter
) -> None:
    async def serve() -> None:
        await _taken(intake, b"the loop's")

        async def come() -> None:
            offers = [
                asyncio.to_thread(submit, intake, 1, b"%d" % number, NOON) for number in range(5)
            ]
            # Each comes back at once, though nothing can be written.
            waiting = await asyncio.wait_for(asyncio.gather(*offers), 30)
            assert not any(each.done() for each in waiting)
            come_later.extend(map(asyncio.wrap_future, waiting))

        come_later: list[asyncio.Future[None]] = []
        await _while_locked(database, come)
        await asyncio.wait_for(asyncio.gather(*come_later), 30)

    asyncio.run(serve())

    assert len(_waiting(database)) == 6


_OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def _others(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(text(f"SELECT count(*) {_OTHERS}")).scalar_one())


@on_a_loop
def test_connections_that_were_ended_while_they_were_idle_cost_nobody(
    database: Database,
) -> None:
    server_s = Database(database.url)
    intake = TableWriter(server_s)

    async def serve() -> None:
        await _all_taken(intake, *(b"%d" % number for number in range(50)))
        with database.read() as connection:
            connection.execute(text(f"SELECT pg_terminate_backend(pid) {_OTHERS}"))
        await _until(lambda: _others(database) == 0)
        await _all_taken(intake, *(b"after %d" % number for number in range(50)))

    asyncio.run(serve())
    intake.close()
    server_s.close()

    assert len(_waiting(database)) == 100


@on_a_loop
def test_a_connection_that_is_lost_while_it_writes_costs_those_it_wrote_for_and_nobody_after(
    database: Database, intake: TableWriter
) -> None:
    async def serve() -> None:
        async def come() -> None:
            lost = asyncio.create_task(_taken(intake, b"lost"))
            await _until(lambda: _held_up(database) > 0)
            with database.read() as connection:
                waiting = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted"
                connection.execute(text(waiting))
            with pytest.raises(QueueUnavailable, match="did not take it: AdminShutdown"):
                await lost

        await _while_locked(database, come)
        await _taken(intake, b"after")

    asyncio.run(serve())

    assert _waiting(database) == [b"after"]


def test_what_the_database_refuses_is_not_acknowledged_and_the_next_is_taken(
    database: Database, intake: TableWriter
) -> None:
    _rename(database, "queue", "elsewhere")
    with pytest.raises(QueueUnavailable, match="did not take it"):
        _put(intake, b"a")
    _rename(database, "elsewhere", "queue")

    _put(intake, b"b")

    assert _waiting(database) == [b"b"]


@on_a_loop
def test_a_server_is_told_what_the_database_refuses(
    database: Database, intake: TableWriter
) -> None:
    async def serve() -> None:
        await _taken(intake, b"a")
        await asyncio.to_thread(_rename, database, "queue", "elsewhere")
        with pytest.raises(QueueUnavailable, match="did not take it: UndefinedTable"):
            await _taken(intake, b"b")
        await asyncio.to_thread(_rename, database, "elsewhere", "queue")
        await _taken(intake, b"c")

    asyncio.run(serve())

    assert _waiting(database) == [b"a", b"c"]


@on_a_loop
def test_more_waiting_than_the_limit_is_refused_and_the_rest_is_kept(
    database: Database, intake: TableWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_room, "MAX_WAITING", 3)

    async def serve() -> int:
        taken = 0
        async with asyncio.TaskGroup() as group:

            async def flood() -> None:
                nonlocal taken
                while True:
                    waiting = asyncio.wrap_future(submit(intake, 1, b"a", NOON))
                    group.create_task(asyncio.wait_for(waiting, 30))
                    taken += 1
                    await asyncio.sleep(0)

            async def until_full() -> None:
                with pytest.raises(QueueFull, match="3 envelopes are waiting"):
                    await flood()

            await _while_locked(database, until_full)
        return taken

    taken = asyncio.run(serve())

    assert len(_waiting(database)) == taken >= 3


@on_a_loop
def test_more_waiting_bytes_than_the_limit_are_refused(
    intake: TableWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_room, "MAX_WAITING_BYTES", 100)

    async def serve() -> None:
        first = asyncio.wrap_future(submit(intake, 1, b"a" * 60, NOON))
        with pytest.raises(QueueFull, match="100 bytes are waiting"):
            submit(intake, 1, b"a" * 60, NOON)
        await asyncio.wait_for(first, 30)

    asyncio.run(serve())


@on_a_loop
def test_closing_tells_who_waits_for_a_database_that_does_not_answer(
    database: Database, intake: TableWriter
) -> None:
    async def serve() -> None:
        async def come() -> None:
            waiting = []
            for number in range(writer.AT_ONCE):
                waiting.append(asyncio.wrap_future(submit(intake, 1, b"sent %d" % number, NOON)))
                await _until_held_up(database, number + 1)
            waiting += [
                asyncio.wrap_future(submit(intake, 1, b"%d" % number, NOON)) for number in range(9)
            ]
            intake.close()
            for each in waiting:
                with pytest.raises(QueueUnavailable, match="shutting down"):
                    await asyncio.wait_for(each, 30)

        await _while_locked(database, come)

    asyncio.run(serve())

    with pytest.raises(QueueFull, match="shutting down"):
        submit(intake, 1, b"a", NOON)


def test_what_is_too_much_is_refused_until_some_of_it_is_digested(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _look_each_time(monkeypatch)
    intake, queue = TableWriter(database, max_bytes=1_000), TableReader(database)
    _put(intake, b"x" * 600)
    _put(intake, b"x" * 600)

    with pytest.raises(
        QueueUnavailable, match=r"1200 bytes .* limit is 1000 .*HEADWATER_MAX_QUEUE"
    ):
        _put(intake, b"x")

    claimed = queue.claim(100, NOON)
    with database.write() as connection:
        queue.finish(connection, claimed)
    _put(intake, b"y")
    assert _waiting(database) == [b"y"]


@on_a_loop
def test_a_server_refuses_what_is_too_much(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _look_each_time(monkeypatch)
    intake = TableWriter(database, max_bytes=1_000)

    async def serve() -> None:
        async def go_on() -> None:
            while True:
                await _taken(intake, b"x" * 600)

        with pytest.raises(QueueUnavailable, match=r"\d{4} bytes .* limit is 1000 "):
            await asyncio.wait_for(go_on(), 30)

    asyncio.run(serve())
    intake.close()


def test_a_look_that_takes_long_is_not_taken_again_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, looks = 100.0, []

    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal now
        if statement.startswith("SELECT"):
            looks.append(now)
            now += 8
            assert not held.is_to_look()

    monkeypatch.setattr(time, "monotonic", lambda: now)
    held = limit.TableLimit(database, 1_000)
    event.listen(database.engine, "before_cursor_execute", look)
    for _ in range(30):
        if held.is_to_look():
            held.look()
        now += 10

    assert looks == [100, 100 + 8 + limit.REST * 8]


def test_an_old_envelope_that_still_waits_does_not_make_a_queue_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _look_each_time(monkeypatch)
    intake, queue = TableWriter(database, max_bytes=1_000), TableReader(database)
    _put(intake, b"x" * 100)
    queue.claim(1, NOON)  # and its worker dies
    for _ in range(15):
        _put(intake, b"x" * 100)
        (claimed,) = queue.claim(1, NOON)
        with database.write() as connection:
            queue.finish(connection, [claimed])

    _put(intake, b"y")
    assert queue.depth() == 2


def _look_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit, "LOOK_SECONDS", 0)
    monkeypatch.setattr(limit, "REST", 0)
