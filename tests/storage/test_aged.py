"""What is beside the events goes by its own bounds."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from headwater.storage.database import Database
from headwater.storage.events import aged
from headwater.storage.events.aged import ISSUES_AT_ONCE, MAX_AGED, Aged, OfProject
from headwater.storage.schema import (
    dead_letters,
    issue_hours,
    issue_tags,
    outcomes,
    project_hours,
    user_reports,
)
from headwater.storage.window import hour_number
from tests.stored import NOW, Stored, days

HOUR = timedelta(hours=1)


@pytest.fixture
def stored(database: Database) -> Stored:
    stored = Stored(database)
    stored.project()
    stored.project()
    return stored


@pytest.fixture
def bounds(database: Database) -> Aged:
    return Aged(database)


def _fill(stored: Stored, table: Any, *rows: dict[str, Any]) -> None:
    with stored.database.write() as connection:
        connection.execute(table.insert(), rows)


def _left(stored: Stored, table: Any) -> int:
    with stored.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _letter(project_id: int = 1, at: datetime = NOW, envelope: bytes = b"{}") -> dict[str, Any]:
    return {
        "project_id": project_id,
        "received_at": at,
        "failed_at": at,
        "error": "no",
        "envelope": envelope,
    }


def _report(project_id: int = 1, at: datetime = NOW) -> dict[str, Any]:
    texts = {"event_id": "a" * 32, "name": "", "email": "", "comments": ""}
    return {"project_id": project_id, "received_at": at} | texts


def test_old_hours_and_tags_of_issues_go(stored: Stored, bounds: Aged) -> None:
    one, other = stored.issue(1), stored.issue(1)
    for issue_id in (one, other):
        _fill(
            stored,
            issue_hours,
            *({"issue_id": issue_id, "hour": NOW - age * HOUR, "count": 1} for age in range(10)),
        )
        _fill(
            stored,
            issue_tags,
            *(
                {
                    "issue_id": issue_id,
                    "key": "release",
                    "value": str(age),
                    "count": 1,
                    "last_seen": NOW - age * HOUR,
                }
                for age in range(10)
            ),
        )

    assert bounds.drop_hours([one], NOW - 4 * HOUR) == 5
    assert bounds.drop_tags([one], NOW - 6 * HOUR) == 3

    assert _left(stored, issue_hours) == 15
    assert _left(stored, issue_tags) == 17
    assert bounds.drop_hours([one], NOW - 4 * HOUR) == 0


def test_one_transaction_removes_no_more_than_its_bound(stored: Stored, bounds: Aged) -> None:
    issue_id = stored.issue(1)
    rows = ({"issue_id": issue_id, "hour": NOW - n * HOUR, "count": 1} for n in range(MAX_AGED + 7))
    _fill(stored, issue_hours, *rows)

    assert bounds.drop_hours([issue_id], NOW + HOUR) == MAX_AGED
    assert bounds.drop_hours([issue_id], NOW + HOUR) == 7


def test_issues_come_by_and_by(stored: Stored, bounds: Aged) -> None:
    ids = [stored.issue(project_id=1 + number % 2) for number in range(ISSUES_AT_ONCE + 2)]

    first = bounds.issues_after(0)

    assert [each.issue_id for each in first] == ids[:-2]
    assert bounds.issues_after(ids[-2]) == [OfProject(ids[-1], 2)]
    assert bounds.issues_after(ids[-1]) == []


def test_outcomes_are_found_for_projects_that_are_gone_too(stored: Stored, bounds: Aged) -> None:
    for project_id in (0, 1, 77):
        row = {"project_id": project_id, "category": "error", "reason": "accepted", "count": 1}
        _fill(stored, outcomes, row | {"hour": NOW}, row | {"hour": NOW - days(91)})

    assert list(bounds.counted_projects()) == [0, 1, 77]
    assert [bounds.drop_outcomes(each, NOW - days(90)) for each in (0, 1, 77)] == [1, 1, 1]
    assert _left(stored, outcomes) == 3


def test_old_hours_of_a_project_go(stored: Stored, bounds: Aged) -> None:
    for project_id in (1, 2):
        row = {"project_id": project_id, "level": "error", "release": "shop@1"}
        row |= {"events": 1, "resolved": 0, "failed": 0}
        ages = (days(89), days(90) - HOUR, days(91), days(400))
        _fill(stored, project_hours, *(row | {"hour": hour_number(NOW - age)} for age in ages))

    assert bounds.drop_project_hours(1, NOW - days(90)) == 2

    assert _left(stored, project_hours) == 6
    assert bounds.drop_project_hours(1, NOW - days(90)) == 0


def test_old_dead_letters_and_reports_of_a_project_go(stored: Stored, bounds: Aged) -> None:
    old, new = NOW - days(91), NOW - days(89)
    for table, row in ((dead_letters, _letter), (user_reports, _report)):
        _fill(stored, table, row(1, old), row(1, new), row(2, old))

    assert bounds.drop_dead_letters(1, NOW - days(90)) == 1
    assert bounds.drop_reports(1, NOW - days(90)) == 1
    assert bounds.drop_reports(2, None) == 0

    assert _left(stored, dead_letters) == _left(stored, user_reports) == 2


def test_of_too_many_the_oldest_go(
    stored: Stored, bounds: Aged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aged, "MAX_DEAD_LETTERS", 5)
    monkeypatch.setattr(aged, "MAX_USER_REPORTS", 5)
    _fill(stored, dead_letters, *(_letter() for _ in range(8)))
    _fill(stored, user_reports, *(_report(2 - number % 2) for number in range(12)))

    assert bounds.drop_most_dead_letters() == 3
    assert bounds.drop_most_dead_letters() == 0
    assert bounds.drop_reports(1, None) == 1

    with stored.database.read() as connection:
        assert list(connection.execute(select(dead_letters.c.id)).scalars()) == [4, 5, 6, 7, 8]
        assert 2 not in connection.execute(select(user_reports.c.id)).scalars().all()
    assert _left(stored, user_reports) == 11


def test_of_too_large_dead_letters_the_oldest_go(
    stored: Stored, bounds: Aged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aged, "MAX_DEAD_LETTER_BYTES", 1_000)
    _fill(stored, dead_letters, *(_letter(envelope=b"a" * 300) for _ in range(5)))

    assert bounds.drop_most_dead_letters() == 2
    assert bounds.drop_most_dead_letters() == 0
    assert _left(stored, dead_letters) == 3
