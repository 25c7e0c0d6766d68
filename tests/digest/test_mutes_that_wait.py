"""Mutes that end with so many more events or users, while events move from issue to issue."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from headwater.storage.issues.decisions import Mute
from headwater.storage.issues.issue import Issue
from headwater.storage.issues.merges import Merges
from headwater.storage.issues.search import Status
from headwater.storage.issues.unmerges import Unmerges
from tests.healing_side import HealingSide, healing_side, thrown


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[HealingSide]:
    """An instance on an empty database."""
    with healing_side(tmp_path) as side:
        yield side


def worded(number: int, words: str, **more: Any) -> dict[str, object]:
    event = thrown(number, words, **more)
    event["exception"]["values"][0]["value"] = words
    return event


def of_user(number: int, words: str, user: str) -> dict[str, object]:
    return worded(number, words, user={"id": user})


def issue_of(shop: HealingSide, issue_id: int) -> Issue:
    found = shop.issues.get(issue_id)
    assert found is not None
    return found


def mute(shop: HealingSide, issue_id: int, ends: Mute) -> None:
    shop.decisions.decide([issue_id], Status.IGNORED, datetime.now(UTC), ends)


def follow(shop: HealingSide) -> None:
    while shop.healer.follow():
        pass


def test_merging_does_not_count_as_more_events(shop: HealingSide) -> None:
    shop.digest(worded(1, "first"), *(worded(number, "second") for number in range(2, 9)))
    first, second = (issue.id for issue in shop.every())
    mute(shop, first, Mute(events=2))
    mute(shop, second, Mute())
    Merges(shop.database).merge([first, second], datetime.now(UTC))
    follow(shop)

    shop.digest(worded(10, "second"))
    assert issue_of(shop, first).status is Status.IGNORED
    Unmerges(shop.database).unmerge(first, None, datetime.now(UTC), None)
    follow(shop)
    assert issue_of(shop, first).status is Status.IGNORED
    shop.digest(worded(11, "first"), worded(12, "first"))

    assert issue_of(shop, first).status is Status.UNRESOLVED


def test_merging_does_not_count_as_more_users(shop: HealingSide) -> None:
    shop.digest(of_user(1, "first", "ada"), of_user(2, "second", "ada"))
    shop.digest(of_user(3, "second", "bob"), of_user(4, "second", "eve"))
    first, second = (issue.id for issue in shop.every())
    mute(shop, first, Mute(users=2))
    mute(shop, second, Mute())
    Merges(shop.database).merge([first, second], datetime.now(UTC))
    follow(shop)

    shop.digest(of_user(5, "second", "bob"), of_user(6, "first", "kim"))
    assert issue_of(shop, first).status is Status.IGNORED
    shop.digest(of_user(7, "second", "lea"))

    assert issue_of(shop, first).status is Status.UNRESOLVED


def test_what_is_split_off_waits_for_as_many_more_as_the_rest(shop: HealingSide) -> None:
    shop.digest(*(thrown(number, "a", "pay") for number in range(1, 5)))
    shop.digest(*(thrown(number, "a", "ship") for number in range(5, 8)))
    (mixed,) = shop.every()
    mute(shop, mixed.id, Mute(events=3))

    shop.upload("a")
    shop.heal()

    left = {issue.event_count: issue for issue in shop.every()}
    assert sorted(left) == [3, 4]
    assert all(issue.status is Status.IGNORED for issue in left.values())
    assert {count: issue.muted_events for count, issue in left.items()} == {3: 6, 4: 7}
