"""Hours that the database adds up are the same events as hours one by one."""

from datetime import timedelta

import pytest

from headwater.server.web.issues.spark import DAY, MONTH, spark
from headwater.storage.database import Database
from headwater.storage.issues.figures import IssueFigures
from headwater.storage.issues.hours import IssueHours, hour_of
from tests.stored import NOW, Stored

HOURS = 24 * 31
"""More than a month of them, so that its edges are there."""


@pytest.fixture
def issue(database: Database) -> int:
    """One with events in every hour but each seventh, some of them ahead of time; and another like it."""
    stored = Stored(database)
    project_id = stored.project()
    numbers = [stored.issue(project_id=project_id) for _ in range(2)]
    last = hour_of(NOW) + timedelta(hours=3)
    hours = {
        (number, last - timedelta(hours=place)): place + 1
        for number in numbers
        for place in range(HOURS)
        if place % 7
    }
    with database.write() as connection:
        IssueHours().add(connection, hours)
    return numbers[0]


def test_a_month_by_the_day_and_its_last_day_by_the_hour_draw_the_same_curves(
    database: Database, issue: int
) -> None:
    figures = IssueFigures(database)
    hourly = figures.of([issue], MONTH.since(NOW))[issue].hours

    both = figures.of([issue], MONTH.since(NOW), MONTH.hours, DAY.since(NOW))[issue].hours

    assert len(both) < len(hourly) / 10
    assert spark(both, MONTH, NOW) == spark(hourly, MONTH, NOW)
    assert spark(both, DAY, NOW) == spark(hourly, DAY, NOW)


def test_a_month_by_the_day_draws_the_same_curve(database: Database, issue: int) -> None:
    figures = IssueFigures(database)
    hourly = figures.of([issue], MONTH.since(NOW))[issue].hours

    daily = figures.of([issue], MONTH.since(NOW), MONTH.hours)[issue].hours

    assert len(daily) == MONTH.bars
    assert spark(daily, MONTH, NOW) == spark(hourly, MONTH, NOW)
