"""Issues that nothing is left of."""

from datetime import UTC, datetime

import pytest

from headwater.storage.database import Database
from headwater.storage.events.retention import Retained
from headwater.storage.issues.decisions import Decisions
from headwater.storage.issues.forgotten import MAX_CHILDREN, MAX_FORGOTTEN, Forgotten
from headwater.storage.issues.search import Status
from headwater.storage.schema import issue_hashes, issue_tags, issues
from tests.stored import NOW, Stored, days

OLD, LATER, OLDEST = NOW - days(100), NOW - days(90), NOW - days(365)


@pytest.fixture
def stored(database: Database) -> Stored:
    stored = Stored(database)
    stored.project()
    return stored


@pytest.fixture
def forgotten(database: Database) -> Forgotten:
    return Forgotten(database)


def _emptied(stored: Stored) -> int:
    """An issue whose only event was stored long ago, and is gone."""
    issue_id = stored.issue(1, at=OLD)
    Retained(stored.database).remove(stored.ids(issue_id))
    return issue_id


def test_an_issue_goes_that_has_no_event_and_was_not_seen_for_long(
    stored: Stored, forgotten: Forgotten
) -> None:
    emptied = _emptied(stored)
    stored.issue(1, at=OLD)  # still has its event
    just_emptied = stored.issue(1, at=NOW)
    Retained(stored.database).remove(stored.ids(just_emptied))

    assert forgotten.find(1, LATER, OLDEST) == [emptied]
    assert forgotten.find(2, LATER, OLDEST) == []
    assert forgotten.forget([emptied])
    assert emptied not in stored.issues()


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.IGNORED])
def test_a_person_s_decision_outlives_the_events(
    stored: Stored, forgotten: Forgotten, status: Status
) -> None:
    decided = _emptied(stored)
    Decisions(stored.database).decide([decided], status, datetime.now(UTC))

    assert forgotten.find(1, LATER, OLDEST) == []
    assert forgotten.find(1, LATER, LATER) == [decided]


def test_an_issue_that_has_an_event_again_stays(stored: Stored, forgotten: Forgotten) -> None:
    emptied = _emptied(stored)
    stored.add(emptied)

    assert forgotten.forget([emptied])
    assert stored.issues() == [emptied]


def test_what_was_merged_into_an_issue_leads_there_until_it_goes(
    stored: Stored, forgotten: Forgotten
) -> None:
    merged, target = _emptied(stored), _emptied(stored)
    with stored.database.write() as connection:
        connection.execute(issues.update().where(issues.c.id == merged).values(merged_into=target))

    assert forgotten.find(1, LATER, OLDEST) == [target]
    assert forgotten.forget([target])
    assert stored.issues() == []


def test_an_issue_with_much_hanging_on_it_goes_in_several_steps(
    stored: Stored, forgotten: Forgotten
) -> None:
    emptied = _emptied(stored)
    of_issue = {"issue_id": emptied}
    with stored.database.write() as connection:
        connection.execute(
            issue_tags.insert(),
            [
                of_issue | {"key": "user", "value": str(number), "count": 1, "last_seen": OLD}
                for number in range(MAX_CHILDREN + 1)
            ],
        )
        connection.execute(
            issue_hashes.insert(),
            [of_issue | {"project_id": 1, "hash": "a" * 32, "is_final": True}],
        )

    assert [forgotten.forget([emptied]), forgotten.forget([emptied])] == [False, True]
    assert stored.issues() == []


def test_many_issues_go_in_portions(stored: Stored, forgotten: Forgotten) -> None:
    for _ in range(MAX_FORGOTTEN + 3):
        stored.issue(0)
    with stored.database.write() as connection:
        connection.execute(issues.update().values(last_seen=OLD))

    assert len(forgotten.find(1, LATER, OLDEST)) == MAX_FORGOTTEN
