"""Issues are found by the files and functions of all frames that are the user's own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from headwater.digest.retention import EventBounds, Retention
from headwater.storage.disk import FreeSpace
from headwater.storage.issues.deletions import Deletions
from headwater.storage.issues.merges import Merges
from headwater.storage.issues.places import MAX_PLACES, IssuePlaces, Place, Stack
from headwater.storage.issues.search import Criterion, Fact, InFile, InFunction, Search
from headwater.storage.issues.unmerges import Unmerges
from headwater.storage.schema import issue_places, places
from tests.healing_side import COLUMNS, FUNCTIONS, HealingSide, healing_side, thrown


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[HealingSide]:
    """An instance on an empty database."""
    with healing_side(tmp_path) as side:
        yield side


def called(number: int, build: str, *functions: str) -> dict[str, Any]:
    """An error of the last of these functions, which the others before it had called."""
    event = thrown(number, build, functions[-1])
    (frame,) = event["exception"]["values"][0]["stacktrace"]["frames"]
    frames = [{**frame, "colno": COLUMNS[FUNCTIONS.index(name)]} for name in functions]
    event["exception"]["values"][0]["stacktrace"]["frames"] = frames
    return event


def found(shop: HealingSide, fact: Fact) -> list[int]:
    return sorted(shop.issues.ids([1], Search((Criterion(fact),)), 100))


def count_of(shop: HealingSide, table: Any) -> int:
    with shop.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_a_caller_finds_the_issue_in_whatever_case(shop: HealingSide) -> None:
    shop.upload("a")
    shop.digest(called(1, "a", "order", "pay"), called(2, "a", "ship"))
    paid, shipped = (issue.id for issue in shop.every())

    assert found(shop, InFunction("ORDER")) == [paid]
    assert found(shop, InFunction("ship")) == [shipped]
    assert found(shop, InFile("Cart.TS")) == [paid, shipped]
    assert found(shop, InFunction("cart.ts")) == []


def test_a_late_map_makes_frames_findable(shop: HealingSide) -> None:
    shop.digest(called(1, "a", "order", "pay"))
    assert found(shop, InFunction("order")) == []

    shop.upload("a")
    shop.heal()

    assert found(shop, InFunction("order")) == [shop.every()[0].id]


def test_an_issue_that_comes_again_after_it_was_deleted_is_findable(shop: HealingSide) -> None:
    shop.upload("a")
    shop.digest(called(1, "a", "order", "pay"))
    Deletions(shop.database).delete([issue.id for issue in shop.every()])
    bounds = EventBounds(days=0, events=0, database=0)
    for _ in Retention(shop.database, bounds, FreeSpace(shop.folder, 0)).steps(datetime.now(UTC)):
        pass

    shop.digest(called(2, "a", "order", "pay"))

    assert found(shop, InFunction("order")) == [issue.id for issue in shop.every()]


def test_frames_follow_merges_and_what_is_taken_apart(shop: HealingSide) -> None:
    shop.upload("a")
    shop.digest(called(1, "a", "order", "pay"), called(2, "a", "ship"))
    paid, shipped = (issue.id for issue in shop.every())
    Merges(shop.database).merge([paid, shipped], datetime.now(UTC))
    assert found(shop, InFunction("ship")) == [paid]
    while shop.healer.follow():
        pass
    shop.digest(called(3, "a", "ship"))

    Unmerges(shop.database).unmerge(paid, None, datetime.now(UTC), None)
    while shop.healer.follow():
        pass

    assert found(shop, InFunction("ship")) == [shipped]
    assert found(shop, InFunction("order")) == [paid]


def test_frames_of_deleted_issues_go(shop: HealingSide, tmp_path: Path) -> None:
    shop.upload("a")
    shop.digest(called(1, "a", "order", "pay"))
    Deletions(shop.database).delete([shop.every()[0].id])

    bounds = EventBounds(days=0, events=0, database=0)
    for _ in Retention(shop.database, bounds, FreeSpace(tmp_path, 0)).steps(datetime.now(UTC)):
        pass

    assert count_of(shop, issue_places) == count_of(shop, places) == 0


def test_what_is_noted_is_not_looked_at_again(shop: HealingSide) -> None:
    shop.digest(thrown(1, "a"))
    stack = Stack(1, shop.every()[0].id, b"digest")
    noted = IssuePlaces()

    def read() -> list[Place]:
        looks.append(1)
        return [Place("src/a.ts", f"f{number}") for number in range(MAX_PLACES + 5)]

    looks: list[int] = []
    for _ in range(3):
        with shop.database.write() as connection:
            noted.add(connection, {stack: read})

    assert looks == [1]
    assert count_of(shop, issue_places) == MAX_PLACES
