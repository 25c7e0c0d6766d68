"""Dead letters going back to the queue."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from headwater.storage.database import Database
from headwater.storage.queue import retry as retrying
from headwater.storage.queue.dead_letters import DeadLetters
from headwater.storage.queue.outcomes import OutcomeKey, Outcomes
from headwater.storage.queue.queue import QueuedEnvelope
from headwater.storage.queue.retry import Retried, Retry
from tests.belt import Belt

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
CAME = NOON - timedelta(hours=3)


@pytest.fixture
def letters(database: Database) -> DeadLetters:
    """Three of project 7 and one of project 8; each was counted."""
    letters, outcomes = DeadLetters(database), Outcomes(database)
    with database.write() as connection:
        for number in range(4):
            project = 8 if number == 3 else 7
            queued = QueuedEnvelope(number, project, CAME, b"envelope %d" % number, 3)
            queued = replace(queued, event_id=str(number) * 32, encoding="gzip")
            letters.bury(connection, queued, "ValueError: why", NOON)
            outcomes.add_all(connection, {OutcomeKey.of(project, "error", "dead_letter", NOON): 1})
    return letters


def _dead(database: Database) -> dict[int, int]:
    return {each.project_id: each.count for each in Outcomes(database).since(NOON)}


def _envelopes(letters: DeadLetters) -> Iterator[bytes]:
    yield from (letter.envelope for letter in letters.latest(10))


def test_one_goes_back_as_it_came_and_is_no_longer_dead(
    database: Database, letters: DeadLetters
) -> None:
    belt = Belt()
    wanted = letters.list(7).items[-1]

    retried = Retry(database, belt).one(wanted.id)

    assert retried == Retried(1)
    assert belt.kept == [(7, b"envelope 0", CAME, "0" * 32, "gzip")]
    assert list(_envelopes(letters)) == [b"envelope 3", b"envelope 2", b"envelope 1"]
    assert _dead(database) == {7: 2, 8: 1}


def test_one_that_is_gone_already_is_nobody_s_fault(
    database: Database, letters: DeadLetters
) -> None:
    assert Retry(database, Belt()).one(99) == Retried(0)
    assert letters.count() == 4


def test_all_of_a_project_go_back_oldest_first(database: Database, letters: DeadLetters) -> None:
    belt = Belt()

    retried = Retry(database, belt).all(7)

    assert retried == Retried(3)
    assert [envelope for _, envelope, *_ in belt.kept] == [b"envelope %d" % n for n in range(3)]
    assert list(_envelopes(letters)) == [b"envelope 3"]
    assert _dead(database) == {7: 0, 8: 1}


def test_what_a_full_queue_does_not_take_stays(database: Database, letters: DeadLetters) -> None:
    belt = Belt(room=2)

    retried = Retry(database, belt).all(7)

    assert retried == Retried(2, left=1, fault="the queue is full")
    assert list(_envelopes(letters)) == [b"envelope 3", b"envelope 2"]
    assert _dead(database) == {7: 1, 8: 1}


def test_what_did_not_survive_stays(database: Database, letters: DeadLetters) -> None:
    belt = Belt(unlucky=(b"envelope 1",))

    retried = Retry(database, belt).all(7)

    assert retried == Retried(2, left=1, fault="the disk is gone")
    assert list(_envelopes(letters)) == [b"envelope 3", b"envelope 1"]


class Silent(Belt):
    """Never says what became of an envelope."""

    def offer(self, *_: object) -> None:
        pass


def test_of_one_that_the_queue_is_silent_about_nothing_is_lost(
    database: Database, letters: DeadLetters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "DURABLE_SECONDS", 0)
    wanted = letters.list(7).items[0]

    retried = Retry(database, Silent()).one(wanted.id)

    assert (retried.put_back, retried.left) == (0, 1)
    assert "did not say within 0 seconds" in retried.fault
    assert letters.get(wanted.id) is not None


class Watched(Belt):
    """Has something done before it takes an envelope, the first time or every time."""

    def __init__(self, before: Callable[[], object]) -> None:
        super().__init__()
        self.before = before

    def offer(self, *envelope: Any) -> None:
        self.before()
        super().offer(*envelope)


def test_two_who_retry_the_same_one_uncount_it_once(
    database: Database, letters: DeadLetters
) -> None:
    wanted = letters.list(8).items[0].id
    belt = Belt()
    slower = Watched(lambda: Retry(database, belt).one(wanted))

    Retry(database, slower).one(wanted)

    assert (len(belt.kept), len(slower.kept)) == (1, 1)
    assert letters.count(8) == 0
    assert _dead(database) == {7: 3, 8: 0}


def test_no_more_than_a_request_s_worth_goes_back_at_once_and_the_rest_is_told(
    database: Database, letters: DeadLetters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "MAX_RETRIED", 2)

    assert Retry(database, Belt()).all(7) == Retried(2, left=1)
    assert letters.count(7) == 1


def test_envelopes_that_do_not_fit_into_memory_together_go_one_after_the_other(
    database: Database, letters: DeadLetters, monkeypatch: pytest.MonkeyPatch
) -> None:
    present: list[int] = []
    belt = Watched(lambda: present.append(letters.count(7)))
    monkeypatch.setattr(retrying, "MAX_BATCH_BYTES", 20)
    Retry(database, belt).all(7)

    assert present == [3, 3, 1]
