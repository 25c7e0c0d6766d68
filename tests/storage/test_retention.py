"""Events that can go, and those that stay."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from headwater.storage.database import Database
from headwater.storage.events.redundancy import MAX_WITNESSES
from headwater.storage.events.retention import MAX_REMOVED, IssueSize, Retained
from headwater.storage.schema import events, issues
from tests.databases import sqlite_only
from tests.stored import NOW, Stored, asked, days


@pytest.fixture
def stored(database: Database) -> Stored:
    stored = Stored(database)
    stored.project()
    return stored


@pytest.fixture
def retained(database: Database) -> Retained:
    return Retained(database)


def _thin(stored: Stored, retained: Retained, issue_id: int, kept: int) -> list[int]:
    while ids := retained.redundant(issue_id, kept):
        retained.remove(ids, issue_id)
    return list(stored.ids(issue_id))


def test_an_issue_keeps_its_first_its_latest_and_more_of_the_newer_events(
    stored: Stored, retained: Retained
) -> None:
    issue_id = stored.issue(4_096)
    ids = list(stored.ids(issue_id))

    kept = _thin(stored, retained, issue_id, 60)

    assert len(kept) == 60
    assert (kept[0], kept[-1]) == (ids[0], ids[-1])
    for octave in range(5, 12):
        ages = range(2**octave, 2 ** (octave + 1))
        assert 1 <= sum(ids[-1] - each in ages for each in kept) <= 15, f"{octave}: {kept}"


def test_what_is_kept_does_not_depend_on_the_portions(stored: Stored, retained: Retained) -> None:
    issue_id = stored.issue(300)

    at_once = set(stored.ids(issue_id)) - set(retained.redundant(issue_id, 40))
    for kept in (250, 160, 90):
        _thin(stored, retained, issue_id, kept)
    by_and_by = set(_thin(stored, retained, issue_id, 40))

    # The one that stays for the sake of its release may be another.
    assert len(by_and_by - at_once) <= 1


def test_the_event_that_happened_last_stays_even_if_it_was_stored_before_others(
    stored: Stored, retained: Retained
) -> None:
    issue_id = stored.issue(50)
    (latest,) = stored.add(issue_id, at=NOW + timedelta(hours=1))
    name = stored.row(issue_id).latest_event_id
    stored.add(issue_id, 50)
    with stored.database.write() as connection:
        connection.execute(issues.update().values(latest_event_id=name))

    kept = _thin(stored, retained, issue_id, 2)

    assert kept == [1, latest]


def test_of_each_release_and_environment_one_event_stays(
    stored: Stored, retained: Retained
) -> None:
    issue_id = stored.issue(30)
    witnesses = [
        stored.add(issue_id, 30, release=release, environment=environment)[0]
        for release in (None, "2")
        for environment in ("production", "staging")
    ]
    stored.add(issue_id, 200)

    kept = _thin(stored, retained, issue_id, 10)

    assert len(kept) == 10
    assert {stored_kind(stored, each) for each in kept} == {
        ("1", "production"),
        *((stored_kind(stored, each)) for each in witnesses if each in kept),
    }
    assert len({stored_kind(stored, each) for each in kept}) == 5


def stored_kind(stored: Stored, number: int) -> tuple[str | None, str | None]:
    with stored.database.read() as connection:
        row = connection.execute(events.select().where(events.c.id == number)).one()
    return row.release, row.environment


def test_an_issue_with_a_release_for_each_event_is_thinned_as_well(
    stored: Stored, retained: Retained
) -> None:
    issue_id = stored.issue()
    for number in range(3 * MAX_WITNESSES):
        stored.add(issue_id, release=str(number))

    assert len(_thin(stored, retained, issue_id, 4)) == 4


def test_nothing_is_redundant_in_a_small_issue(stored: Stored, retained: Retained) -> None:
    assert retained.redundant(stored.issue(3), 3) == ()
    assert retained.redundant(stored.issue(1), 0) == ()
    assert retained.redundant(stored.issue(0), 0) == ()


def test_what_was_removed_is_counted_and_what_was_seen_stays_counted(
    stored: Stored, retained: Retained
) -> None:
    large, small = stored.issue(30), stored.issue(2)

    removed = retained.remove(list(stored.ids(large))[:10])

    assert removed == 10
    assert retained.remove(list(stored.ids(large))[:0]) == 0
    assert retained.stored(1) == retained.stored() == len(stored.ids()) == 22
    assert retained.largest(1, 1) == [IssueSize(large, 20), IssueSize(small, 2)]
    assert retained.largest(None, 2) == [IssueSize(large, 20)]
    assert stored.row(large).event_count == 30


def test_one_transaction_removes_no_more_than_its_bound(stored: Stored, retained: Retained) -> None:
    issue_id = stored.issue(MAX_REMOVED + 50)

    assert retained.remove(stored.ids(issue_id)) == MAX_REMOVED
    assert len(retained.all_of(issue_id)) == 50


def test_an_event_that_moved_to_another_issue_meanwhile_is_not_removed(
    stored: Stored, retained: Retained
) -> None:
    issue_id, other = stored.issue(10), stored.issue(1)
    ids = retained.redundant(issue_id, 2)
    with stored.database.write() as connection:
        connection.execute(events.update().where(events.c.id == ids[0]).values(issue_id=other))

    assert retained.remove(ids, issue_id) == len(ids) - 1
    assert ids[0] in stored.ids(other)


def test_an_issue_whose_latest_event_went_names_the_one_that_is_left(
    stored: Stored, retained: Retained
) -> None:
    issue_id = stored.issue(3)
    first, second, third = stored.ids(issue_id)

    retained.remove([third])
    assert {stored.row(issue_id).latest_event_id} < stored.event_ids(issue_id)

    retained.remove([first, second])
    assert stored.row(issue_id).latest_event_id is None


def test_a_count_that_does_not_fit_is_made_to_fit(stored: Stored, retained: Retained) -> None:
    issue_id = stored.issue(10)
    retained.remove(stored.ids(issue_id)[:5])
    with stored.database.write() as connection:
        connection.execute(events.delete().where(events.c.id == 7))

    retained.recount(issue_id)

    assert retained.stored() == len(stored.ids()) == 4
    assert stored.row(issue_id).event_count == 10


def test_what_was_merged_into_another_issue_is_not_counted(
    stored: Stored, retained: Retained
) -> None:
    issue_id, other = stored.issue(4), stored.issue(3)
    with stored.database.write() as connection:
        connection.execute(issues.update().where(issues.c.id == other).values(merged_into=issue_id))

    assert retained.stored(1) == 4
    assert retained.longest_unseen(1) == [issue_id]


def test_expired_are_events_that_came_before(stored: Stored, retained: Retained) -> None:
    stored.project()
    old = stored.issue(3, at=NOW - days(91))
    stored.issue(3, 2, at=NOW - days(91))
    stored.add(old, 2, at=NOW - days(89))

    assert list(retained.expired(1, NOW - days(90), NOW)) == [1, 2, 3]
    assert list(retained.expired(1, NOW - days(92), NOW)) == []


def test_events_of_a_clock_that_ran_ahead_go_with_those_after_them(
    stored: Stored, retained: Retained
) -> None:
    stored.project()
    issue_id = stored.issue(2, at=NOW + days(4_000))
    for _ in range(MAX_REMOVED // 50):
        stored.add(issue_id, 60, at=NOW + days(4_000))
        stored.add(issue_id, 1, at=NOW - days(91))
    stored.add(issue_id, 3, at=NOW + days(4_000))
    stored.add(issue_id, 1, at=NOW - days(1))

    gone = 0
    while ids := retained.expired(1, NOW - days(90), NOW):
        gone += retained.remove(ids)

    assert gone == 2 + 2 * 61
    assert len(stored.ids()) == 4


def test_events_of_a_clock_that_ran_behind_stay_with_those_before_them(
    stored: Stored, retained: Retained
) -> None:
    stored.project()
    issue_id = stored.issue(1, at=NOW - days(91))
    stored.add(issue_id, 1, at=NOW - days(2))
    stored.add(issue_id, 1, at=NOW - days(20_000))

    assert list(retained.expired(1, NOW - days(90), NOW)) == [1]
    assert list(retained.expired(1, NOW - days(1), NOW)) == [1, 2, 3]


def test_issues_not_seen_for_longest_come_first(stored: Stored, retained: Retained) -> None:
    newer = stored.issue(1, at=NOW)
    older = stored.issue(1, at=NOW - days(1))
    stored.issue(0)

    assert list(retained.longest_unseen(1)) == [older, newer]


def test_the_size_of_all_events_is_estimated_from_the_latest(
    stored: Stored, retained: Retained
) -> None:
    assert retained.event_bytes() == 0
    stored.issue(10, weight=2_000)

    assert 20_000 <= retained.event_bytes() <= 40_000


@sqlite_only
@pytest.mark.parametrize(
    "ask",
    [
        lambda retained: retained.stored(1),
        lambda retained: retained.largest(1, 0),
        lambda retained: retained.longest_unseen(1),
        lambda retained: retained.expired(1, NOW, NOW),
        lambda retained: retained.redundant(1, 2),
        lambda retained: retained.all_of(1),
        lambda retained: retained.remove([7, 8, 9], 1),
        lambda retained: retained.recount(1),
    ],
    ids=["stored", "largest", "unseen", "expired", "redundant", "all", "remove", "recount"],
)
def test_no_question_reads_all_events(
    stored: Stored, retained: Retained, ask: Callable[[Retained], Any]
) -> None:
    issue_id = stored.issue(50)
    with stored.database.write() as connection:  # so that `recount` has something to do
        connection.execute(events.delete().where(events.c.issue_id == issue_id, events.c.id > 40))

    with asked(stored.database) as statements:
        ask(retained)

    assert statements
    for statement, parameters in statements:
        for step in plan(stored.database, statement, parameters):
            assert not step.startswith("SCAN events"), f"{step}\n{statement}"


def plan(database: Database, statement: str, parameters: Any) -> list[str]:
    """What SQLite would do, step by step."""
    if not statement.startswith(("SELECT", "DELETE", "UPDATE", "INSERT", "WITH")):
        return []
    with database.read() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [row.detail for row in rows]


@sqlite_only
def test_a_plan_shows_when_all_events_are_read(stored: Stored) -> None:
    assert plan(stored.database, "SELECT count(*) FROM events WHERE title = 'a'", ()) == [
        "SCAN events"
    ]
