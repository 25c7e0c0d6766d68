"""How many events came to a project, by hour, level and release, and how their frames came out."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from headwater.digest.retention import EventBounds, Retention
from headwater.storage.disk import FreeSpace
from headwater.storage.events import project_hours as module
from headwater.storage.events.project_hours import (
    NO_RELEASE,
    OTHER,
    Came,
    HourKey,
    add_hours,
    recount_hours,
)
from headwater.storage.issues.deletions import Deletions
from headwater.storage.issues.merges import Merges
from headwater.storage.schema import project_hours
from headwater.storage.window import hour_begins, hour_number
from tests.event_side import EventSide, minified_event
from tests.healing_side import HealingSide, healing_side, thrown

HOUR = timedelta(hours=1)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[HealingSide]:
    """An instance on an empty database."""
    with healing_side(tmp_path) as side:
        yield side


def counted(side: EventSide, project_id: int = 1) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Level and release → events, frames resolved and failed, over all hours."""
    columns = project_hours.c
    numbers = (func.sum(each) for each in (columns.events, columns.resolved, columns.failed))
    wanted = (
        select(columns.level, columns.release, *numbers)
        .where(columns.project_id == project_id)
        .group_by(columns.level, columns.release)
    )
    with side.database.read() as connection:
        return {(row[0], row[1]): (row[2], row[3], row[4]) for row in connection.execute(wanted)}


def test_events_are_counted_by_level_and_release(events_side: EventSide) -> None:
    events_side.digest(
        minified_event("a" * 32, release="shop@1"),
        minified_event("b" * 32, release="shop@1", level="warning"),
        minified_event("c" * 32, release=" shop@2 "),
        minified_event("d" * 32, release="  "),
        minified_event("e" * 32),
    )
    events_side.digest(minified_event("f" * 32, release="shop@1"))

    assert counted(events_side) == {
        ("error", "shop@1"): (2, 0, 2),
        ("warning", "shop@1"): (1, 0, 1),
        ("error", "shop@2"): (1, 0, 1),
        ("error", NO_RELEASE): (2, 0, 2),
    }
    assert counted(events_side, 2) == {}


def test_the_hour_is_that_of_receiving_whatever_the_client_says(events_side: EventSide) -> None:
    before = hour_number(datetime.now(UTC))
    events_side.digest(minified_event("a" * 32, timestamp="2026-01-01T00:00:00Z"))

    with events_side.database.read() as connection:
        (hour,) = connection.execute(select(project_hours.c.hour)).scalars()

    assert before <= hour <= hour_number(datetime.now(UTC))
    assert hour_begins(hour) <= datetime.now(UTC) < hour_begins(hour) + 2 * HOUR


def test_an_event_that_came_twice_is_counted_once(events_side: EventSide) -> None:
    for _ in range(2):
        events_side.digest(minified_event("a" * 32, release="shop@1"))

    assert counted(events_side) == {("error", "shop@1"): (1, 0, 1)}


def test_releases_beyond_the_limit_are_counted_together(
    events_side: EventSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_HOUR_RELEASES", 2)

    _add(events_side, "a", "b", "c")
    _add(events_side, "d", "b", "a", NO_RELEASE)

    assert counted(events_side) == {
        ("error", "a"): (2, 0, 0),
        ("error", "b"): (2, 0, 0),
        ("error", OTHER): (2, 0, 0),
        ("error", NO_RELEASE): (1, 0, 0),
    }


def test_the_limit_is_of_each_hour_and_project(
    events_side: EventSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_HOUR_RELEASES", 1)

    _add(events_side, "a")
    _add(events_side, "b", hour=2)
    _add(events_side, "c", project_id=2)

    assert set(counted(events_side)) == {("error", "a"), ("error", "b")}
    assert set(counted(events_side, 2)) == {("error", "c")}


def _add(side: EventSide, *releases: str, hour: int = 1, project_id: int = 1) -> None:
    keys = [HourKey(project_id, hour, "error", release) for release in releases]
    with side.database.write() as connection:
        add_hours(connection, {key: Came(1) for key in keys})


def test_a_map_that_comes_later_changes_how_frames_came_out(shop: HealingSide) -> None:
    shop.digest(
        thrown(1, "a", release="shop@1"),
        thrown(2, "a", release="shop@1"),
        thrown(3, "a", level="fatal"),
    )
    failed = counted(shop)

    shop.upload("a")
    shop.heal()

    assert failed == {("error", "shop@1"): (2, 0, 2), ("fatal", NO_RELEASE): (1, 0, 1)}
    assert counted(shop) == {("error", "shop@1"): (2, 2, 0), ("fatal", NO_RELEASE): (1, 1, 0)}


def test_what_is_healed_of_a_release_beyond_the_limit_is_healed_among_the_others(
    shop: HealingSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_HOUR_RELEASES", 1)
    shop.digest(thrown(1, "a", release="shop@1"), thrown(2, "a", release="shop@2"))

    shop.upload("a")
    shop.heal()

    assert counted(shop) == {("error", "shop@1"): (1, 1, 0), ("error", OTHER): (1, 1, 0)}


def test_what_came_before_hours_were_counted_leaves_no_trace(events_side: EventSide) -> None:
    key = HourKey(1, 5, "error", "shop@1")
    with events_side.database.write() as connection:
        recount_hours(connection, {key: Came(0, 1, -1)})
        add_hours(connection, {key._replace(hour=6): Came(1, 0, 1)})
        recount_hours(connection, {key._replace(hour=6): Came(0, 3, -3)})

    assert counted(events_side) == {("error", "shop@1"): (1, 3, 0)}


def test_merged_and_deleted_issues_stay_counted(shop: HealingSide, tmp_path: Path) -> None:
    shop.digest(*(_worded(number, "a", word) for number, word in enumerate("xyz")))
    before = counted(shop)
    first, second, third = (issue.id for issue in shop.every())

    Merges(shop.database).merge([first, second], datetime.now(UTC))
    Deletions(shop.database).delete([third])
    bounds = EventBounds(days=0, events=0, database=0)
    for _ in Retention(shop.database, bounds, FreeSpace(tmp_path, 0)).steps(datetime.now(UTC)):
        pass

    assert before == {("error", NO_RELEASE): (3, 0, 3)}
    assert counted(shop) == before


def test_old_hours_go_with_retention(shop: HealingSide, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    for age in (1, 89 * 24, 91 * 24):
        _add(shop, f"shop@{age}", hour=hour_number(now - age * HOUR))

    bounds = EventBounds(days=0, events=0, database=0)
    for _ in Retention(shop.database, bounds, FreeSpace(tmp_path, 0)).steps(now):
        pass

    assert set(counted(shop)) == {("error", "shop@1"), ("error", "shop@2136")}


def _worded(number: int, build: str, words: str) -> dict[str, Any]:
    """An error of its own, whatever its frames say."""
    event = thrown(number, build)
    event["exception"]["values"][0]["value"] = words
    return event
