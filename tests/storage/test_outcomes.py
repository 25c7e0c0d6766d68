"""Counts of what became of everything."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from headwater.storage.database import Database
from headwater.storage.queue.outcomes import (
    FOLDED_AFTER,
    Came,
    Outcome,
    OutcomeKey,
    Outcomes,
)

NOON = datetime(2026, 11, 1, 12, 34, 56, tzinfo=UTC)
HOUR = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def outcomes(database: Database) -> Iterator[Outcomes]:
    outcomes = Outcomes(database)
    yield outcomes
    outcomes.close()


def test_counts_add_up_by_hour_whichever_way_they_come(
    database: Database, outcomes: Outcomes
) -> None:
    outcomes.count(1, "error", "accepted", NOON)
    outcomes.count(1, "error", "accepted", NOON + timedelta(minutes=20), quantity=2)
    outcomes.flush()
    outcomes.count(1, "error", "accepted", NOON)
    with database.write() as connection:
        outcomes.add_all(connection, {OutcomeKey.of(1, "error", "accepted", NOON): 3})
    outcomes.flush()

    assert outcomes.since(NOON) == (Outcome(1, "error", "accepted", HOUR, 7),)


def test_who_flushes_while_another_does_waits_for_what_that_one_took(
    database: Database, outcomes: Outcomes
) -> None:
    outcomes.count(1, "error", "accepted", NOON)
    both = [threading.Thread(target=outcomes.flush) for _ in range(2)]

    with database.write() as connection:  # neither gets to write
        if not database.is_sqlite:
            connection.execute(text("LOCK TABLE outcomes"))
        for each in both:
            each.start()
        both[1].join(timeout=0.3)
        was_waiting = both[1].is_alive()
    for each in both:
        each.join()

    assert was_waiting
    assert outcomes.since(NOON) == (Outcome(1, "error", "accepted", HOUR, 1),)


def test_counts_are_told_apart_by_all_that_names_them(outcomes: Outcomes) -> None:
    outcomes.count(1, "error", "accepted", NOON)
    outcomes.count(2, "error", "accepted", NOON)
    outcomes.count(1, "session", "accepted", NOON)
    outcomes.count(1, "error", "duplicate", NOON)
    outcomes.count(1, "error", "accepted", NOON - timedelta(hours=1))
    outcomes.flush()

    assert len(outcomes.since(NOON - timedelta(hours=1))) == 5
    assert len(outcomes.since(NOON, project_id=1)) == 3


def test_closing_writes_what_has_gathered(database: Database) -> None:
    outcomes = Outcomes(database)
    outcomes.count(1, "error", "accepted", NOON)

    outcomes.close()

    assert len(Outcomes(database).since(NOON)) == 1


def test_a_database_that_refuses_costs_no_counts(database: Database, outcomes: Outcomes) -> None:
    with database.write() as connection:
        connection.execute(text("ALTER TABLE outcomes RENAME TO elsewhere"))
    outcomes.count(1, "error", "accepted", NOON)
    with pytest.raises(Exception, match=r"no such table|does not exist"):
        outcomes.flush()
    with database.write() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO outcomes"))

    outcomes.flush()

    assert [outcome.count for outcome in outcomes.since(NOON)] == [1]


def test_what_came_is_told_by_the_hour_and_by_the_day(outcomes: Outcomes) -> None:
    before = NOON - timedelta(hours=1)
    for project_id, category, reason, quantity in (
        (1, "error", "accepted", 2),
        (2, "error", "accepted", 3),
        (1, "error", "client:before_send", 5),
        (1, "transaction", "client:before_send", 7),
        (1, "session", "not_kept:session", 11),
        (0, "api", "unknown_path", 13),
    ):
        outcomes.count(project_id, category, reason, NOON, quantity)
        outcomes.count(project_id, category, reason, before, 1)
        outcomes.count(project_id, category, reason, NOON - timedelta(hours=2), 100)
    outcomes.flush()
    last = HOUR - timedelta(hours=1)

    assert outcomes.by_hour(before, 1) == (
        Came(last, "error", "accepted", 1),
        Came(last, "error", "client:before_send", 1),
        Came(last, "session", "not_kept:session", 1),
        Came(last, "transaction", "client:before_send", 1),
        Came(HOUR, "error", "accepted", 2),
        Came(HOUR, "error", "client:before_send", 5),
        Came(HOUR, "session", "not_kept:session", 11),
        Came(HOUR, "transaction", "client:before_send", 7),
    )
    of_all = outcomes.by_hour(before, by_day=True)
    assert Came(last, "error", "accepted", 7) in of_all
    assert Came(last, "api", "unknown_path", 14) in of_all


def test_what_is_no_longer_so_is_uncounted_where_it_was_counted(
    database: Database, outcomes: Outcomes
) -> None:
    outcomes.count(1, "error", "dead_letter", NOON, 2)
    outcomes.count(1, "error", "dead_letter", NOON + timedelta(hours=1), 2)
    outcomes.flush()

    with database.write() as connection:
        outcomes.take_back(connection, 1, "error", "dead_letter", NOON)
        outcomes.take_back(connection, 1, "error", "dead_letter", NOON + timedelta(hours=5))
        outcomes.take_back(connection, 2, "error", "dead_letter", NOON)

    assert [outcome.count for outcome in outcomes.since(NOON)] == [1, 2]


def test_days_that_are_long_past_are_folded_and_sums_stay_what_they_were(
    outcomes: Outcomes,
) -> None:
    day = NOON.replace(hour=0, minute=0, second=0)
    for hour in range(0, 48, 5):
        for reason in ("accepted", "duplicate"):
            outcomes.count(1, "error", reason, day + timedelta(hours=hour), hour + 1)
    outcomes.count(2, "error", "accepted", NOON, 3)
    outcomes.flush()
    before = outcomes.event_sums(day, 1), outcomes.by_hour(day, 1, by_day=True)
    now = day + timedelta(days=1) + FOLDED_AFTER + timedelta(hours=23)

    folded = [outcomes.fold(1, now) for _ in range(2)]

    assert folded == [
        8,
        0,
    ]  # of four hours, each with two reasons; the second day has not been long enough
    assert (outcomes.event_sums(day, 1), outcomes.by_hour(day, 1, by_day=True)) == before
    assert [each.hour for each in outcomes.since(day, 1)[:3]] == [
        day,
        day,
        day + timedelta(hours=25),
    ]
    assert [each.hour for each in outcomes.since(day, 2)] == [HOUR]
    assert outcomes.fold(1, now + timedelta(hours=1)) == 10
    assert len(outcomes.since(day, 1)) == 4


def test_what_is_no_longer_so_is_uncounted_though_its_day_was_folded(
    database: Database, outcomes: Outcomes
) -> None:
    outcomes.count(1, "error", "dead_letter", NOON, 2)
    outcomes.count(1, "error", "dead_letter", NOON + timedelta(hours=1), 2)
    outcomes.flush()
    assert outcomes.fold(1, NOON + timedelta(days=1) + FOLDED_AFTER) == 2

    with database.write() as connection:
        outcomes.take_back(connection, 1, "error", "dead_letter", NOON)

    assert [outcome.count for outcome in outcomes.since(NOON - timedelta(days=1))] == [3]


def test_a_count_that_comes_late_is_folded_with_the_others(outcomes: Outcomes) -> None:
    now = NOON + timedelta(days=1) + FOLDED_AFTER
    for _ in range(2):
        outcomes.count(1, "error", "accepted", NOON, 2)
        outcomes.flush()
        assert outcomes.fold(1, now) == 1

    assert [outcome.count for outcome in outcomes.since(NOON - timedelta(days=1))] == [4]
