"""Counts of what became of everything."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from headwater.storage.database import Database
from headwater.storage.outcomes import Outcome, Outcomes

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
        outcomes.add(connection, 1, "error", "accepted", NOON, quantity=3)
    outcomes.flush()

    assert outcomes.since(NOON) == (Outcome(1, "error", "accepted", HOUR, 7),)


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
    with pytest.raises(Exception, match="no such table"):
        outcomes.flush()
    with database.write() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO outcomes"))

    outcomes.flush()

    assert [outcome.count for outcome in outcomes.since(NOON)] == [1]
