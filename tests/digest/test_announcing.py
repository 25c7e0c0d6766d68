"""What is to be told of issues, and when: not before an upload that is on its way had its time."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from headwater.storage.issues.announcements import Announcement, Reason
from headwater.storage.issues.search import Status
from tests.healing_side import WINDOW, HealingSide, healing_side, thrown


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[HealingSide]:
    """An instance on an empty database."""
    with healing_side(tmp_path) as side:
        yield side


def just(number: int, build: str, function: str = "pay") -> dict[str, Any]:
    """An event of this moment."""
    return thrown(number, build, function) | {"timestamp": datetime.now(UTC).timestamp()}


def due(side: HealingSide, after: timedelta = timedelta(0)) -> Sequence[Announcement]:
    return side.announcements.due(datetime.now(UTC) + after)


def test_a_new_issue_that_is_readable_is_told_of_at_once_and_once(shop: HealingSide) -> None:
    shop.upload("a")
    shop.digest(just(1, "a"), just(2, "a"))

    (found,) = due(shop)

    assert (found.issue_id, found.reason) == (shop.every()[0].id, Reason.NEW)
    assert shop.announcements.told(found)
    assert not shop.announcements.told(found)
    assert due(shop, WINDOW) == []


def test_one_that_only_waits_for_its_upload_is_told_of_after_a_while(shop: HealingSide) -> None:
    shop.digest(just(1, "a"))

    assert due(shop) == []
    assert [found.reason for found in due(shop, WINDOW)] == [Reason.NEW]


def test_the_upload_ends_the_waiting(shop: HealingSide) -> None:
    shop.digest(just(1, "a", "pay"), just(2, "a", "order"))
    shop.upload("a")

    shop.heal()

    assert {found.issue_id for found in due(shop)} == {issue.id for issue in shop.every()}
    assert len(shop.every()) == 2


def test_what_was_told_of_as_one_issue_is_not_told_of_again_when_it_is_several(
    shop: HealingSide,
) -> None:
    shop.digest(just(1, "a", "pay"), just(2, "a", "order"))
    (found,) = due(shop, WINDOW)
    shop.announcements.told(found)
    shop.upload("a")

    shop.heal()

    assert len(shop.every()) == 2
    assert due(shop, WINDOW) == []


def test_an_old_acquaintance_is_not_told_of(shop: HealingSide) -> None:
    shop.upload("a")
    shop.digest(just(1, "a"))
    shop.announcements.told(due(shop)[0])
    event = just(2, "b")
    event["exception"]["values"][0]["value"] = "kein Geld"
    shop.digest(event)
    assert len(due(shop, WINDOW)) == 1
    shop.upload("b")

    shop.heal()

    assert due(shop, WINDOW) == []


def test_an_issue_that_is_back_is_told_of(shop: HealingSide) -> None:
    shop.upload("a")
    shop.digest(just(1, "a"))
    (issue,) = shop.every()
    shop.decisions.decide([issue.id], Status.RESOLVED, datetime.now(UTC))

    shop.digest(just(2, "a"))

    (found,) = due(shop)
    assert (found.issue_id, found.reason) == (issue.id, Reason.REGRESSION)


def test_one_that_came_back_before_its_upload_is_told_of_with_the_upload(
    shop: HealingSide,
) -> None:
    shop.upload("a")
    shop.digest(just(1, "a"))
    (issue,) = shop.every()
    shop.announcements.told(due(shop)[0])
    shop.decisions.decide([issue.id], Status.RESOLVED, datetime.now(UTC))
    event = just(2, "b")
    event["exception"]["values"][0]["value"] = "kein Geld"
    shop.digest(event)
    shop.upload("b")

    shop.heal()

    (found,) = due(shop, WINDOW)
    assert (found.issue_id, found.reason) == (issue.id, Reason.REGRESSION)
    (after,) = shop.every()
    assert (after.id, after.status) == (issue.id, Status.UNRESOLVED)


def test_nobody_waits_for_what_is_minified_for_another_reason(shop: HealingSide) -> None:
    shop.digest(just(1, "a") | {"debug_meta": {}})

    assert len(due(shop)) == 1


def test_when_the_while_is_over_the_event_says_that_nothing_was_uploaded(
    shop: HealingSide,
) -> None:
    shop.digest(just(1, "a"))
    before = shop.event(1).resolution
    shop.seconds = WINDOW.total_seconds()
    shop.healer = shop.new_healer()

    shop.heal()

    assert b'"pending_upload"' in before
    assert b'"debug_id_not_uploaded"' in shop.event(1).resolution


def test_the_api_says_what_is_still_to_be_told(shop: HealingSide) -> None:
    shop.digest(just(1, "a"))
    url, headers = "/api/0/issues/1/", shop.token()

    waiting = shop.client.get(url, headers=headers).json()["announcement"]
    shop.announcements.told(due(shop, WINDOW)[0])

    assert waiting["reason"] == "new"
    assert datetime.fromisoformat(waiting["dueAt"]) > datetime.now(UTC)
    assert shop.client.get(url, headers=headers).json()["announcement"] is None
