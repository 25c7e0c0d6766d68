"""Dead letters that are retried: from the digest, back to the queue, and through the digest again."""

import gzip
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta

import pytest

from headwater.protocol.event import Event
from headwater.storage.queue.dead_letters import DeadLetter
from headwater.storage.queue.queue import submit
from headwater.storage.queue.retry import Retried, Retry
from headwater.symbolicate.resolution import Resolution
from tests.event_side import EventSide, envelope

EVENT = "a" * 32
BEFORE = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


def _broken(_project: int, _event: Event) -> Resolution:
    raise ValueError("no resolver for this")


@pytest.fixture
def letter(events_side: EventSide) -> DeadLetter:
    """Of a compressed envelope, whose event has no id of its own, received an hour ago."""
    body = gzip.compress(envelope({"message": "no money"}))
    done: Future[None] = submit(events_side.intake, 1, body, BEFORE, EVENT, "gzip")
    done.result(timeout=30)
    worker = events_side.worker_with(_broken)
    while worker.digest_once():
        pass
    (letter,) = events_side.dead_letters.latest(9)
    return letter


def _digest_all(side: EventSide) -> None:
    while side.worker.digest_once():
        pass


def test_one_becomes_the_event_that_the_client_was_told_of(
    events_side: EventSide, letter: DeadLetter
) -> None:
    counted = events_side.counted()

    Retry(events_side.database, events_side.intake).one(letter.id)
    _digest_all(events_side)

    assert letter.last_line == "ValueError: no resolver for this"
    assert counted == {("error", "dead_letter"): 1}
    stored = events_side.stored(EVENT)
    assert (stored.title, stored.received_at) == ("no money", BEFORE)
    assert events_side.counted() == {("error", "dead_letter"): 0, ("error", "accepted"): 1}
    assert events_side.dead_letters.count() == 0


def test_one_that_got_onto_the_queue_twice_is_stored_once(
    events_side: EventSide, letter: DeadLetter
) -> None:
    """A crash between the queue's word and the deletion leaves it in both places."""
    submit(
        events_side.intake, 1, letter.envelope, letter.received_at, letter.event_id, letter.encoding
    ).result(timeout=30)

    Retry(events_side.database, events_side.intake).one(letter.id)
    _digest_all(events_side)

    assert events_side.counted() == {
        ("error", "dead_letter"): 0,
        ("error", "accepted"): 1,
        ("error", "duplicate"): 1,
    }


def test_one_that_still_can_not_be_digested_comes_back(
    events_side: EventSide, letter: DeadLetter
) -> None:
    retried = Retry(events_side.database, events_side.intake).one(letter.id)
    worker = events_side.worker_with(_broken)
    while worker.digest_once():
        pass

    (again,) = events_side.dead_letters.latest(9)
    assert retried == Retried(1)
    assert again.id != letter.id
    assert (again.envelope, again.received_at) == (letter.envelope, BEFORE)
    assert (again.event_id, again.encoding) == (EVENT, "gzip")
    assert events_side.counted() == {("error", "dead_letter"): 1}
