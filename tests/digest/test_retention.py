"""Events go by age, by number and by size, in small steps, on a real database."""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from structlog.testing import capture_logs

from headwater.digest.retention import EventBounds, Retention
from headwater.digest.thinning import MIN_KEPT
from headwater.storage.database import Database
from headwater.storage.deleted_projects import DeletedProjects
from headwater.storage.disk import FreeSpace
from headwater.storage.events.retention import MAX_REMOVED, Retained
from headwater.storage.issues.decisions import Decisions
from headwater.storage.issues.search import Status
from headwater.storage.migrate import migrate
from headwater.storage.pages import Pages
from headwater.storage.projects import Choices, Projects
from headwater.storage.schema import (
    dead_letters,
    events,
    issue_hours,
    issues,
    projects,
    removed_events,
)
from tests.stored import NOW, Stored, asked, days

NOTHING = EventBounds(days=0, events=0, database=0)
MB = 1024**2


class SmallDisk:
    """A disk of its own for one database: what its files don't take is free."""

    def __init__(self, folder: Path, size: int, reserve: int) -> None:
        self._folder, self._size, self._reserve = folder, size, reserve

    @property
    def free(self) -> int:
        return self._size - sum(each.stat().st_size for each in self._folder.glob("*.db*"))

    def missing(self, reserves: int = 1) -> int:
        return max(0, reserves * self._reserve - self.free)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'headwater.db'}")
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def stored(database: Database) -> Stored:
    stored = Stored(database)
    stored.project()
    return stored


def _retention(stored: Stored, bounds: EventBounds, disk: SmallDisk | None = None) -> Retention:
    return Retention(stored.database, bounds, disk or FreeSpace(Path.cwd(), 0))


def _steps(stored: Stored, bounds: EventBounds, disk: SmallDisk | None = None) -> int:
    return sum(1 for _ in _retention(stored, bounds, disk).steps(NOW))


def test_nothing_goes_that_no_bound_names(stored: Stored) -> None:
    stored.issue(500, at=NOW - days(5_000))

    _steps(stored, NOTHING)

    assert len(stored.ids()) == 500


def test_events_go_when_they_are_too_old_and_their_issue_with_the_last(stored: Stored) -> None:
    gone = stored.issue(300, at=NOW - days(91))
    stays = stored.issue(5, at=NOW - days(91))
    stored.add(stays, 3, at=NOW - days(89))

    with capture_logs() as logs:
        _steps(stored, EventBounds(days=90, events=0, database=0))

    assert stored.issues() == [stays]
    assert len(stored.ids(stays)) == len(stored.ids()) == 3
    assert stored.row(stays).event_count == 8
    assert gone not in stored.issues()
    assert [(each["why"], each["count"]) for each in logs] == [("too old", 305)]


def test_a_project_s_own_bounds_come_before_the_instance_s(stored: Stored) -> None:
    forever = Choices(max_age_days=0)
    for choices in (Choices(max_age_days=30), forever, replace(forever, max_events=30)):
        stored.project(choices)
    ids = [stored.issue(100, project, at=NOW - days(20)) for project in (1, 2, 3, 4)]

    _steps(stored, EventBounds(days=15, events=50, database=0))

    assert [len(stored.ids(each)) for each in ids] == [0, 50, 50, 30]


def test_an_issue_that_somebody_resolved_waits_for_a_year(stored: Stored) -> None:
    young, old = stored.issue(1, at=NOW - days(100)), stored.issue(1, at=NOW - days(400))
    for issue_id in (young, old):
        Decisions(stored.database).decide([issue_id], Status.RESOLVED, datetime.now(UTC))

    _steps(stored, EventBounds(days=90, events=0, database=0))

    assert stored.ids() == []
    assert stored.issues() == [young]


def test_redundant_events_of_large_issues_go_before_the_only_event_of_a_small_one(
    stored: Stored,
) -> None:
    rare = [stored.issue(1, at=NOW - days(50)) for _ in range(30)]
    large, larger = stored.issue(400), stored.issue(1_000)

    _steps(stored, EventBounds(days=90, events=500, database=0))

    assert all(len(stored.ids(each)) == 1 for each in rare)
    assert 450 <= len(stored.ids()) <= 500
    assert abs(len(stored.ids(large)) - len(stored.ids(larger))) <= 1


def test_where_every_issue_is_small_the_longest_unseen_lose_their_events(stored: Stored) -> None:
    ids = [stored.issue(2, at=NOW - days(number)) for number in range(40)]

    _steps(stored, EventBounds(days=90, events=50, database=0))

    assert [len(stored.ids(each)) for each in ids] == [2] * 25 + [0] * 15
    assert stored.issues() == ids


def test_a_count_that_was_wrong_does_not_stop_it(stored: Stored) -> None:
    issue_id, other = stored.issue(200), stored.issue(200)
    with stored.database.write() as connection:
        connection.execute(events.delete().where(events.c.issue_id == issue_id))

    _steps(stored, EventBounds(days=90, events=100, database=0))

    assert 0 < len(stored.ids(other)) == Retained(stored.database).stored() <= 100


def test_the_database_is_kept_below_its_size_and_the_file_becomes_smaller(
    stored: Stored, tmp_path: Path
) -> None:
    rare = stored.issue(1, at=NOW - days(80))
    stored.issue(6_000, weight=6_000)
    pages = Pages(stored.database)
    pages.checkpoint(truncate=True)
    before = (tmp_path / "headwater.db").stat().st_size

    _steps(stored, EventBounds(days=90, events=0, database=before // 3))
    pages.checkpoint(truncate=True)

    assert 0.2 * before < pages.space().used <= before / 3
    assert (tmp_path / "headwater.db").stat().st_size < before / 3 + 18 * MB
    assert stored.ids(rare)


def test_a_disk_that_is_nearly_full_gets_room_from_redundant_events(
    stored: Stored, tmp_path: Path
) -> None:
    rare = stored.issue(1, at=NOW - days(80))
    stored.issue(2_000, weight=6_000)
    Pages(stored.database).checkpoint(truncate=True)
    size = (tmp_path / "headwater.db").stat().st_size
    disk = SmallDisk(tmp_path, size + 3 * MB, reserve=3 * MB)

    _steps(stored, NOTHING, disk)

    assert disk.free >= 6 * MB
    assert stored.ids(rare)
    assert len(stored.ids()) > 500


def test_a_disk_that_something_else_fills_costs_no_events(stored: Stored, tmp_path: Path) -> None:
    stored.issue(1_000)

    _steps(stored, NOTHING, SmallDisk(tmp_path, 0, reserve=100 * MB))

    assert len(stored.ids()) == 1_000


def test_on_a_short_disk_the_log_is_emptied_before_anything_else(
    stored: Stored, tmp_path: Path
) -> None:
    stored.issue(500, at=NOW - days(91))
    with stored.database.write() as connection:
        refusal = "BEGIN SELECT RAISE(ABORT, 'no room'); END"
        connection.execute(text(f"CREATE TRIGGER full BEFORE DELETE ON events {refusal}"))
    disk = SmallDisk(tmp_path, 0, reserve=100 * MB)

    with pytest.raises(DatabaseError, match="no room"):
        _steps(stored, EventBounds(days=90, events=0, database=0), disk)

    assert (tmp_path / "headwater.db-wal").stat().st_size == 0


def test_a_step_is_small_and_what_was_begun_is_finished_by_another(stored: Stored) -> None:
    issue_id = stored.issue(3 * MAX_REMOVED)
    bounds = EventBounds(days=90, events=50, database=0)
    steps = _retention(stored, bounds).steps(NOW)

    next(steps)
    steps.close()

    assert len(stored.ids(issue_id)) == 2 * MAX_REMOVED
    _steps(stored, bounds)
    assert len(stored.ids(issue_id)) == 50


def test_it_stops_when_told_and_goes_on_after_a_fault(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored.issue(100, at=NOW - days(1_000))
    stop = threading.Event()
    bounds = EventBounds(days=90, events=0, database=0)
    looks = 0

    def all_of(projects: Projects) -> tuple[object, ...]:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise OSError("gone")
        stop.set()
        return real(projects)

    real = Projects.all
    monkeypatch.setattr(Projects, "all", all_of)
    monkeypatch.setattr("headwater.digest.retention.EVERY_SECONDS", 0)

    with capture_logs() as logs:
        _retention(stored, bounds).run(stop)

    assert looks == 2
    assert [each["log_level"] for each in logs][:1] == ["warning"]


def test_a_large_project_that_goes_leaves_the_others_their_turn(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = stored.project()
    gone = {stored.issue(MAX_REMOVED + 1) for _ in range(5)}
    of_other = stored.issue(10, other, at=NOW - days(1_000))
    monkeypatch.setattr("headwater.digest.retention.EMPTYING_STEPS", 3)
    retention = _retention(stored, EventBounds(days=90, events=0, database=0))
    assert DeletedProjects(stored.database).delete(1, NOW)

    for _ in retention.steps(NOW):
        pass
    at_first = set(stored.issues()), stored.event_ids(of_other)
    for _ in range(20):
        for _ in retention.steps(NOW):
            pass

    assert at_first[0] >= gone
    assert at_first[1] == set()
    assert not gone & set(stored.issues())


def test_as_long_as_a_deleted_project_goes_there_is_no_pause_between_two_looks(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        stored.issue(MAX_REMOVED + 1)
    monkeypatch.setattr("headwater.digest.retention.EMPTYING_STEPS", 2)
    assert DeletedProjects(stored.database).delete(1, NOW)
    stop = threading.Event()
    thread = threading.Thread(target=_retention(stored, NOTHING).run, args=[stop])

    thread.start()
    began = time.monotonic()
    while stored.issues() and time.monotonic() - began < 20:
        time.sleep(0.05)
    stop.set()
    thread.join()

    assert stored.issues() == []


def test_deleted_projects_of_which_only_the_row_is_left_are_no_work(stored: Stored) -> None:
    retention = _retention(stored, NOTHING)
    for _ in retention.steps(NOW):
        pass
    without = sum(1 for _ in retention.steps(NOW))
    deleted = DeletedProjects(stored.database)
    for project in [stored.project() for _ in range(3)]:
        assert deleted.delete(project, NOW)
    for _ in range(5):
        for _ in retention.steps(NOW):
            pass

    assert len(deleted.pending()) == 3
    assert sum(1 for _ in retention.steps(NOW)) == without


def test_issues_of_a_deleted_project_are_found_past_those_that_are_deleted_already(
    stored: Stored,
) -> None:
    stored.issue()

    with asked(stored.database) as statements:
        DeletedProjects(stored.database).delete_issues(1)

    look, parameters = next(each for each in statements if each[0].startswith("SELECT"))
    with stored.database.read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {look}", parameters).all()
    assert "project_id=? AND status=?" in str(plan)


def test_counts_beside_the_events_go_too(stored: Stored) -> None:
    issue_id = stored.issue(1)
    hours = [
        {"issue_id": issue_id, "hour": NOW - days(age), "count": 1} for age in (1, 89, 91, 500)
    ]
    with stored.database.write() as connection:
        connection.execute(issue_hours.insert(), hours)

    _steps(stored, NOTHING)
    with stored.database.read() as connection:
        assert len(connection.execute(issue_hours.select()).all()) == 3

    _steps(stored, EventBounds(days=90, events=0, database=0))
    with stored.database.read() as connection:
        assert len(connection.execute(issue_hours.select()).all()) == 2


def test_too_many_dead_letters_are_told_of_when_they_go(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headwater.storage.events.aged.MAX_DEAD_LETTERS", 2)
    letter = {"project_id": 1, "received_at": NOW, "failed_at": NOW, "error": "", "envelope": b""}
    with stored.database.write() as connection:
        connection.execute(dead_letters.insert(), [letter] * 5)

    with capture_logs() as logs:
        _steps(stored, NOTHING)

    assert [(each["why"], each["count"]) for each in logs] == [("too many dead letters", 3)]


def test_without_a_reason_nothing_is_written(stored: Stored) -> None:
    stored.issue(100)
    retention = _retention(stored, EventBounds(days=90, events=1_000, database=MB * 1_000))
    list(retention.steps(NOW))

    with asked(stored.database) as statements:
        list(retention.steps(NOW))

    assert statements
    assert {each.partition(" ")[0] for each, _ in statements} <= {"SELECT", "PRAGMA", "BEGIN"}
    assert "BEGIN IMMEDIATE" not in {each for each, _ in statements}


ISSUES = st.lists(
    st.lists(st.tuples(st.integers(1, 80), st.integers(0, 120)), min_size=1, max_size=4),
    min_size=1,
    max_size=6,
)
"""Of each issue portions of so many events, so many days old."""


@pytest.fixture(scope="module")
def kept() -> Iterator[Stored]:
    """One database for all examples, in memory where there is such a folder."""
    memory = Path("/dev/shm")  # noqa: S108 # a file system, not a file's name
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        database = Database(f"sqlite:///{folder}/headwater.db")
        migrate(database)
        yield Stored(database)
        database.close()


@contextmanager
def _emptied(stored: Stored) -> Iterator[int]:
    """A project of its own for one example."""
    try:
        yield stored.project()
    finally:
        with stored.database.write() as connection:
            for table in (events, removed_events, issues, projects):
                connection.execute(table.delete())


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],  # to shrink one takes minutes
)
@given(portions=ISSUES, limit=st.integers(20, 300))
def test_every_issue_keeps_its_first_and_latest_event_and_the_counts_hold(
    kept: Stored, portions: list[list[tuple[int, int]]], limit: int
) -> None:
    with _emptied(kept) as project_id:
        ages: dict[int, list[int]] = {kept.issue(0, project_id): [] for _ in portions}
        in_order = [
            (age, issue_id, count)
            for issue_id, of_issue in zip(ages, portions, strict=True)
            for count, age in of_issue
        ]
        for age, issue_id, count in sorted(in_order, reverse=True):
            kept.add(issue_id, count, project_id, at=NOW - days(age))
            ages[issue_id] += [age] * count
        before = {issue_id: list(kept.ids(issue_id)) for issue_id in ages}

        _steps(kept, EventBounds(days=90, events=limit, database=0))

        within = {
            issue_id: [
                n for n, age in zip(before[issue_id], ages[issue_id], strict=True) if age <= 90
            ]
            for issue_id in ages
        }
        left = {issue_id: kept.ids(issue_id) for issue_id in ages}
        retained = Retained(kept.database)
        total = sum(map(len, left.values()))
        assert total == retained.stored(project_id) <= limit
        assert set(kept.issues()) == {issue_id for issue_id in ages if within[issue_id]}
        for issue_id in kept.issues():
            assert kept.row(issue_id).event_count == len(before[issue_id])
        if sum(min(len(each), MIN_KEPT) for each in within.values()) <= limit:
            for issue_id, ids in within.items():
                assert not ids or {ids[0], ids[-1]} <= set(left[issue_id])
        if sum(map(len, within.values())) <= limit:
            assert left == within
