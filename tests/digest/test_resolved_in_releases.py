"""Issues that are resolved in the next release or in a given one, and which events bring them back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from headwater.storage.issues.activity import Activity, Kind
from headwater.storage.issues.announcements import Reason
from headwater.storage.issues.issue import Issue
from headwater.storage.issues.resolved import NEXT_RELEASE
from headwater.storage.issues.search import Status
from headwater.storage.uploads.releases import Releases
from tests.healing_side import HealingSide, healing_side, thrown


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[HealingSide]:
    """An instance on an empty database, with the map of build a."""
    with healing_side(tmp_path) as side:
        side.upload("a")
        yield side


def only(shop: HealingSide) -> Issue:
    (issue,) = shop.every()
    return issue


def resolve(shop: HealingSide, release: str | None) -> None:
    now = datetime.now(UTC)
    shop.decisions.decide([only(shop).id], Status.RESOLVED, now, release=release)


def status_after(shop: HealingSide, number: int, release: str | None, build: str = "a") -> Status:
    """After an event of this release."""
    shop.digest(thrown(number, build, release=release))
    return only(shop).status


def test_releases_seen_so_far_do_not_bring_back_what_is_resolved_in_the_next_one(
    shop: HealingSide,
) -> None:
    shop.digest(thrown(1, "a", release="1.0"), thrown(2, "a", release="1.1"))
    Releases(shop.database).create(1, "1.2", datetime.now(UTC))
    resolve(shop, NEXT_RELEASE)

    stay = [
        status_after(shop, number, release)
        for number, release in enumerate(("1.0", "1.1", "1.2", None), 3)
    ]
    back = status_after(shop, 9, "1.3")

    assert stay == [Status.RESOLVED] * 4
    assert back is Status.UNRESOLVED
    announced = shop.announcements.of_issue(only(shop).id)
    assert announced is not None
    assert announced.reason is Reason.REGRESSION
    said = Activity(shop.database).of_issue(only(shop).id)
    assert [(entry.kind, entry.said) for entry in said] == [(Kind.CAME_BACK, "1.3")]


def test_a_given_release_and_later_ones_bring_back_what_is_resolved_in_it(
    shop: HealingSide,
) -> None:
    shop.digest(thrown(1, "a", release="1.0"), thrown(2, "a", release="1.1"))
    releases = Releases(shop.database)
    releases.create(1, "1.2", datetime.now(UTC))
    resolve(shop, "1.2")
    assert status_after(shop, 3, "1.1") is Status.RESOLVED
    assert status_after(shop, 4, "1.2") is Status.UNRESOLVED

    resolve(shop, "1.2")
    assert status_after(shop, 5, "1.0") is Status.RESOLVED
    assert status_after(shop, 6, "1.3") is Status.UNRESOLVED


def test_a_release_that_nobody_has_heard_of_yet_comes_back_with_its_own_events(
    shop: HealingSide,
) -> None:
    shop.digest(thrown(1, "a", release="1.0"))
    resolve(shop, "2.0")

    assert status_after(shop, 2, "1.5") is Status.RESOLVED
    assert status_after(shop, 3, "2.0") is Status.UNRESOLVED


def test_a_release_of_the_whole_instance_counts_from_its_announcement(shop: HealingSide) -> None:
    shop.digest(thrown(1, "a", release="1.0"))
    Releases(shop.database).create(None, "1.1", datetime.now(UTC))
    resolve(shop, NEXT_RELEASE)

    assert status_after(shop, 2, "1.1") is Status.RESOLVED


@pytest.mark.parametrize(
    ("release", "expected"), [("1.0", Status.RESOLVED), ("1.1", Status.UNRESOLVED)]
)
def test_a_late_map_asks_for_the_release_as_well(
    shop: HealingSide, release: str, expected: Status
) -> None:
    shop.digest(thrown(1, "a", release="1.0"))
    known = only(shop).id
    resolve(shop, NEXT_RELEASE)
    shop.digest(thrown(2, "b", release=release))

    shop.upload("b")
    shop.heal()

    assert (only(shop).id, only(shop).status) == (known, expected)
    told = shop.announcements.of_issue(known)
    assert told is not None
    is_back = expected is Status.UNRESOLVED
    assert told.reason is (Reason.REGRESSION if is_back else Reason.NEW)


def test_what_came_before_it_was_resolved_is_no_regression(shop: HealingSide) -> None:
    shop.digest(thrown(1, "a", release="1.0"))
    shop.put(thrown(2, "a", release="1.0"))
    shop.decisions.decide(
        [only(shop).id], Status.RESOLVED, datetime.now(UTC) + timedelta(seconds=1), release="1.0"
    )

    while shop.worker.digest_once():
        pass

    assert only(shop).status is Status.RESOLVED
