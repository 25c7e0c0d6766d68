"""The loop that empties the queue, and what it must survive."""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError, OperationalError

from headwater.digest.digested import DigestedEnvelope
from headwater.digest.resolver import ResolverUnavailable
from headwater.digest.save import Save
from headwater.digest.worker import MAX_ATTEMPTS
from headwater.protocol.bundle import ArtifactType
from headwater.protocol.event import Event
from headwater.storage.database import Database
from headwater.storage.events.events import Events
from headwater.storage.issues.search import Status
from headwater.storage.queue.table.reader import CLAIM
from headwater.symbolicate.resolution import Resolution
from headwater.symbolicate.verdicts import Verdict
from tests.databases import IS_POSTGRESQL, sqlite_only
from tests.event_side import DEBUG_ID, EventSide, envelope, minified_event, source_map

A, B, C = ("a" * 32, "b" * 32, "c" * 32)


def _soon(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def _refuse(connection: Connection, title: str) -> None:
    """Events of this title can't be stored."""
    if IS_POSTGRESQL:
        refused = f"ALTER TABLE events ADD CONSTRAINT refused CHECK (title <> '{title}')"
    else:
        abort = "BEGIN SELECT RAISE(ABORT, 'refused'); END"
        refused = (
            f"CREATE TRIGGER refused BEFORE INSERT ON events WHEN NEW.title = '{title}' {abort}"
        )
    connection.execute(text(refused))


def _upload(side: EventSide) -> None:
    side.maps.add(ArtifactType.SOURCE_MAP, "~/app.js.map", source_map(), DEBUG_ID)


def test_an_event_is_stored_as_it_came_with_its_resolution_beside_it(
    events_side: EventSide,
) -> None:
    _upload(events_side)
    payload = b'{ "event_id":"%b", "platform": "python" ,"extra":{"a":1}}' % A.encode()
    events_side.put_body(envelope(payload))

    events_side.digest(minified_event(B, release="1.0", environment="production"))

    assert events_side.stored(A).payload == payload
    stored = events_side.stored(B)
    assert (stored.release, stored.environment) == ("1.0", "production")
    resolution = msgspec.json.decode(stored.resolution, type=Resolution)
    assert resolution.stacktraces[0].frames[0].verdict is Verdict.RESOLVED
    assert events_side.queued() == []
    assert events_side.counted() == {("error", "accepted"): 2}


def test_an_issue_gathers_its_events_before_and_after_the_map_arrived(
    events_side: EventSide,
) -> None:
    events_side.digest(minified_event(A))
    (before,) = events_side.issues.list().items
    _upload(events_side)
    events_side.digest(minified_event(B, file="https://h/app-0a1b2c3d.js"))

    (after,) = events_side.issues.list().items

    assert (before.culprit, after.culprit) == (
        "t · https://h/app-5f3c9a1b.js:1:10",
        "pay · src/cart.ts:2",
    )
    assert (after.id, after.event_count, after.latest_event_id) == (before.id, 2, B)


def test_an_event_that_comes_twice_is_stored_once_and_counted_as_such(
    events_side: EventSide,
) -> None:
    events_side.digest(minified_event(A), minified_event(A), minified_event(A))

    assert [issue.event_count for issue in events_side.issues.list().items] == [1]
    assert events_side.counted() == {("error", "accepted"): 1, ("error", "duplicate"): 2}


def test_the_same_event_id_in_two_projects_is_two_events(events_side: EventSide) -> None:
    events_side.digest(minified_event(A), project_id=1)
    events_side.digest(minified_event(A), project_id=2)

    assert events_side.stored(A, 1).issue_id != events_side.stored(A, 2).issue_id


def test_a_malformed_event_is_counted_and_its_neighbour_stored(events_side: EventSide) -> None:
    body = envelope(b"[]", {"event_id": A, "message": "hello"})
    events_side.put_body(body)

    events_side.digest()

    assert events_side.stored(A).title == "hello"
    assert events_side.counted() == {("error", "malformed_event"): 1, ("error", "accepted"): 1}


def test_a_poison_envelope_is_kept_with_its_error_and_stops_nobody(events_side: EventSide) -> None:
    def resolve(project_id: int, event: Event) -> Resolution:
        if project_id == 2:
            raise ZeroDivisionError("poison")
        return events_side.resolve(project_id, event)

    worker = events_side.worker_with(resolve)
    events_side.put(minified_event(A))
    events_side.put(minified_event(B), project_id=2)
    events_side.put(minified_event(C))

    worker.digest_once()

    assert events_side.stored(A).issue_id == events_side.stored(C).issue_id
    (letter,) = events_side.dead_letters.latest(10)
    assert letter.project_id == 2
    assert B.encode() in letter.envelope
    assert letter.error.strip().endswith("ZeroDivisionError: poison")
    assert events_side.queued() == []
    assert events_side.counted()[("error", "dead_letter")] == 1


def test_an_envelope_of_no_project_is_discarded_and_counted(events_side: EventSide) -> None:
    events_side.digest(minified_event(A), project_id=99)

    assert events_side.dead_letters.latest(10) == ()
    assert events_side.counted() == {("error", "project_deleted"): 1}
    assert events_side.issues.list().items == ()


def test_an_envelope_is_saved_whole_or_not_at_all(events_side: EventSide) -> None:
    with events_side.database.write() as connection:
        _refuse(connection, "second")
    body = envelope({"event_id": A, "message": "first"}, {"event_id": B, "message": "second"})
    events_side.put_body(body)

    events_side.worker.digest_once()

    assert events_side.events.get(1, A) is None
    assert events_side.issues.list().items == ()
    assert events_side.dead_letters.count() == 1
    assert events_side.counted() == {("error", "dead_letter"): 1}


def test_what_a_dead_worker_held_is_digested_exactly_once(events_side: EventSide) -> None:
    events_side.put(minified_event(A), minified_event(B))
    held = events_side.outlet.claim(10, datetime.now(UTC))
    assert len(held) == 2

    events_side.outlet.start_over()
    events_side.digest()

    assert [issue.event_count for issue in events_side.issues.list().items] == [2]


@pytest.mark.skipif(not IS_POSTGRESQL, reason="the journal has one reader")
def test_two_workers_with_the_same_envelope_save_it_once(events_side: EventSide) -> None:
    events_side.put(minified_event(A))
    now = datetime.now(UTC)
    (first,) = events_side.outlet.claim(10, now)
    (second,) = events_side.outlet.claim(10, now + 2 * CLAIM)

    for claimed in (second, first):
        digested = events_side.pipeline(events_side.resolve).digest(claimed)
        Save(events_side.database, events_side.outlet).save(
            [DigestedEnvelope(claimed, digested)], now
        )

    assert [issue.event_count for issue in events_side.issues.list().items] == [1]
    assert events_side.counted() == {("error", "accepted"): 1}


def test_an_envelope_that_kills_its_workers_is_given_up_and_its_companions_are_not(
    events_side: EventSide,
) -> None:
    events_side.put(minified_event(A), minified_event(B))
    for _ in range(MAX_ATTEMPTS + 1):
        # A worker claims and dies; `A` is the one it was at. The first death suspects nobody yet.
        events_side.outlet.start_over()
        events_side.outlet.claim(10, datetime.now(UTC))

    events_side.outlet.start_over()
    events_side.digest()

    (letter,) = events_side.dead_letters.latest(10)
    assert A.encode() in letter.envelope
    assert "attempts" in letter.error
    assert events_side.stored(B).event_id == B


def test_a_database_that_refuses_is_not_the_envelope_s_fault(events_side: EventSide) -> None:
    events_side.put(minified_event(A), minified_event(B))
    with events_side.database.write() as connection:
        connection.execute(text("ALTER TABLE issues RENAME TO elsewhere"))
    with pytest.raises(DatabaseError):
        events_side.worker.digest_once()
    with events_side.database.write() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO issues"))

    events_side.digest()

    assert [issue.event_count for issue in events_side.issues.list().items] == [2]
    assert events_side.dead_letters.count() == 0


def test_a_database_that_refuses_while_events_are_read_costs_none_of_them(
    events_side: EventSide,
) -> None:
    refusals = iter([False, True])

    def resolve(project_id: int, event: Event) -> Resolution:
        if next(refusals, False):
            raise OperationalError("SELECT", {}, Exception("disk I/O error"))
        return events_side.resolve(project_id, event)

    worker = events_side.worker_with(resolve)
    events_side.put(minified_event(A), minified_event(B), minified_event(C))

    with pytest.raises(DatabaseError):
        worker.digest_once()
    while worker.digest_once():
        pass

    assert [issue.event_count for issue in events_side.issues.list().items] == [3]
    assert events_side.counted() == {("error", "accepted"): 3}


def test_a_poison_envelope_that_can_not_be_put_aside_yet_costs_none_of_the_others(
    events_side: EventSide,
) -> None:
    events_side.put(minified_event(A), {"event_id": B, "message": "poison"}, minified_event(C))
    with events_side.database.write() as connection:
        _refuse(connection, "poison")
        connection.execute(text("ALTER TABLE dead_letters RENAME TO elsewhere"))
    with pytest.raises(DatabaseError):
        events_side.worker.digest_once()
    with events_side.database.write() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO dead_letters"))

    events_side.digest()

    assert events_side.counted() == {("error", "accepted"): 2, ("error", "dead_letter"): 1}


@pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite has no such states")
def test_a_mistake_in_a_statement_costs_the_envelope_that_leads_to_it_and_no_other(
    events_side: EventSide,
) -> None:
    mistake = (
        "CREATE FUNCTION mistake() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.title = 'poison'"
        " THEN RAISE EXCEPTION 'operator does not exist' USING ERRCODE = '42883'; END IF;"
        " RETURN NEW; END $$"
    )
    with events_side.database.write() as connection:
        connection.execute(text(mistake))
        connection.execute(
            text(
                "CREATE TRIGGER mistake BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION mistake()"
            )
        )

    events_side.put(minified_event(A), {"event_id": B, "message": "poison"}, minified_event(C))

    for _ in range(2 * (MAX_ATTEMPTS + 1)):
        with contextlib.suppress(DatabaseError):
            events_side.digest()

    assert events_side.counted() == {("error", "accepted"): 2, ("error", "dead_letter"): 1}


def test_an_event_that_another_worker_stores_at_the_same_moment_is_a_duplicate(
    events_side: EventSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    events_side.digest(minified_event(A))
    look = Events.known
    too_early = iter([True, True])

    def known(self: Events, connection: Connection, project: int, ids: Sequence[str]) -> set[str]:
        return set() if next(too_early, False) else look(self, connection, project, ids)

    monkeypatch.setattr(Events, "known", known)

    events_side.digest(minified_event(A), minified_event(B))

    assert events_side.dead_letters.count() == 0
    assert events_side.counted() == {("error", "accepted"): 2, ("error", "duplicate"): 1}


@sqlite_only
def test_a_locked_database_is_no_envelopes_fault_however_long(
    events_side: EventSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headwater.storage.database.BUSY_SECONDS", 0.01)
    impatient = Database(events_side.database.url)
    worker = events_side.worker_with(events_side.resolve, impatient)
    events_side.put(minified_event(A), minified_event(B))
    claimed = events_side.outlet.claim(10, datetime.now(UTC))
    events_side.outlet.give_back(claimed, were_tried=True)
    worker.digest_once()  # connected

    events_side.put(minified_event(C))
    with events_side.database.write():
        for _ in range(3 * MAX_ATTEMPTS):
            with pytest.raises(OperationalError, match="locked"):
                worker.digest_once()
    while worker.digest_once():
        pass
    impatient.close()

    assert events_side.dead_letters.count() == 0
    assert events_side.counted() == {("error", "accepted"): 3}


def test_a_resolved_issue_comes_back_with_its_next_event(events_side: EventSide) -> None:
    events_side.digest(minified_event(A))
    (issue,) = events_side.issues.list().items
    events_side.decisions.decide([issue.id], Status.RESOLVED, datetime.now(UTC))

    events_side.digest(minified_event(B))

    (again,) = events_side.issues.list().items
    assert (again.id, again.status) == (issue.id, Status.UNRESOLVED)


def test_the_loop_digests_what_comes_and_ends_when_told(events_side: EventSide) -> None:
    stop = threading.Event()
    loop = threading.Thread(target=events_side.worker.run, args=(stop,))
    loop.start()

    events_side.put(minified_event(A))
    arrived = _soon(lambda: events_side.events.get(1, A) is not None)
    stop.set()
    loop.join(timeout=60)

    assert arrived
    assert not loop.is_alive()


def test_the_loop_outlives_a_database_that_refuses_for_a_while(events_side: EventSide) -> None:
    events_side.put(minified_event(A))
    with events_side.database.write() as connection:
        connection.execute(text("ALTER TABLE issues RENAME TO elsewhere"))
    stop = threading.Event()
    loop = threading.Thread(target=events_side.worker.run, args=(stop,))
    with structlog.testing.capture_logs() as logs:
        loop.start()
        assert _soon(lambda: bool(logs))
        with events_side.database.write() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO issues"))

        assert _soon(lambda: events_side.events.get(1, A) is not None)
        stop.set()
        loop.join(timeout=60)

    assert {entry["event"] for entry in logs} == {"database refused"}


def test_the_loop_outlives_a_database_that_is_none(tmp_path: Path, events_side: EventSide) -> None:
    (tmp_path / "damaged.db").write_bytes(b"no database " * 1000)
    damaged = Database(f"sqlite:///{tmp_path / 'damaged.db'}")
    worker = events_side.worker_with(events_side.resolve, damaged)
    stop = threading.Event()
    loop = threading.Thread(target=worker.run, args=(stop,))

    with structlog.testing.capture_logs() as logs:
        loop.start()
        said = _soon(lambda: len(logs) > 1 or not loop.is_alive())
        was_alive = loop.is_alive()
        stop.set()
        loop.join(timeout=60)
    damaged.close()

    assert said
    assert was_alive
    assert {entry["error"] for entry in logs} == {"file is not a database"}


def test_a_resolver_that_can_t_be_reached_costs_no_envelope_an_attempt(
    events_side: EventSide,
) -> None:
    def resolve(_project_id: int, _event: Event) -> Resolution:
        raise ResolverUnavailable("no memory to start it")

    events_side.put(minified_event(A))
    without = events_side.worker_with(resolve)
    for _ in range(MAX_ATTEMPTS + 1):
        with pytest.raises(ResolverUnavailable):
            without.digest_once()

    events_side.digest()

    assert events_side.stored(A).event_id == A
    assert events_side.dead_letters.count() == 0


def test_the_loop_outlives_a_resolver_that_can_t_be_reached_for_a_while(
    events_side: EventSide,
) -> None:
    refusals = iter([True])

    def resolve(project_id: int, event: Event) -> Resolution:
        if next(refusals, False):
            raise ResolverUnavailable("no memory to start it")
        return events_side.resolve(project_id, event)

    worker = events_side.worker_with(resolve)
    stop = threading.Event()
    loop = threading.Thread(target=worker.run, args=(stop,))
    events_side.put(minified_event(A))
    with structlog.testing.capture_logs() as logs:
        loop.start()
        arrived = _soon(lambda: events_side.events.get(1, A) is not None)
        stop.set()
        loop.join(timeout=60)

    assert arrived
    assert [entry["event"] for entry in logs] == ["resolver unavailable"]
