"""What a person merged and takes apart again, whatever came meanwhile."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from headwater.digest.retention import EventBounds, Retention
from headwater.storage.disk import FreeSpace
from headwater.storage.events.healings import Kind
from headwater.storage.events.retention import Retained
from headwater.storage.events.revisions import Draft, Revisions
from headwater.storage.issues.activity import Activity
from headwater.storage.issues.activity import Kind as Said
from headwater.storage.issues.decisions import Decisions, Mute
from headwater.storage.issues.deletions import Deletions
from headwater.storage.issues.issue import Issue
from headwater.storage.issues.merges import CannotMerge, Merges
from headwater.storage.issues.search import Status
from headwater.storage.issues.unmerges import Unmerges
from tests.healing_side import HealingSide, Told, healing_side, thrown


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[HealingSide]:
    """An instance on an empty database."""
    with healing_side(tmp_path) as side:
        yield side


def worded(number: int, words: str, build: str = "", **more: Any) -> dict[str, object]:
    """An error of its own, whatever its frames say."""
    event = thrown(number, build or words, **more)
    event["exception"]["values"][0]["value"] = words
    return event


def merge(shop: HealingSide, *issue_ids: int) -> int:
    return Merges(shop.database).merge(issue_ids, datetime.now(UTC))


def take_out(shop: HealingSide, target: int, *origins: int) -> None:
    Unmerges(shop.database).unmerge(target, origins or None, datetime.now(UTC), None)


def follow(shop: HealingSide) -> None:
    while shop.healer.follow():
        pass


def ids(shop: HealingSide) -> list[int]:
    return [issue.id for issue in shop.every()]


def issue_of(shop: HealingSide, issue_id: int) -> Issue:
    found = shop.issues.get(issue_id)
    assert found is not None
    return found


@pytest.fixture
def two(shop: HealingSide) -> tuple[int, int]:
    """An issue of two events, and one of three."""
    shop.digest(worded(1, "first"), worded(2, "second"), worded(3, "first"))
    shop.digest(worded(4, "second"), worded(5, "second"))
    first, second = ids(shop)
    return first, second


@pytest.mark.parametrize("is_followed", [True, False])
def test_what_is_taken_apart_is_as_it_was(
    shop: HealingSide, two: tuple[int, int], *, is_followed: bool
) -> None:
    before: set[Told] = shop.told()
    first, second = two
    merge(shop, first, second)
    if is_followed:
        follow(shop)

    take_out(shop, first, second)
    follow(shop)

    assert shop.told() == before
    assert shop.counted_wrongly() == []
    assert issue_of(shop, second).id == second


def test_what_came_since_goes_to_the_issue_that_it_would_have_been_of(
    shop: HealingSide, two: tuple[int, int], tmp_path: Path
) -> None:
    first, second = two
    merge(shop, first, second)
    follow(shop)
    shop.digest(worded(6, "second"), worded(7, "first"), worded(8, "second"))
    assert ids(shop) == [first]

    take_out(shop, first, second)
    follow(shop)
    shop.digest(worded(9, "second"))

    (tmp_path / "never").mkdir()
    with healing_side(tmp_path / "never") as never:
        numbers = {1: "first", 2: "second", 3: "first", 4: "second", 5: "second"}
        numbers |= {6: "second", 7: "first", 8: "second", 9: "second"}
        for number, words in numbers.items():
            never.digest(worded(number, words))
        assert shop.told() == never.told()
    assert shop.counted_wrongly() == []


def test_taking_apart_twice_is_taking_apart_once(shop: HealingSide, two: tuple[int, int]) -> None:
    before = shop.told()
    merge(shop, *two)

    take_out(shop, *two)
    take_out(shop, *two)
    follow(shop)
    take_out(shop, *two)

    assert shop.told() == before


def test_what_was_merged_in_two_steps_is_taken_apart_in_two(shop: HealingSide) -> None:
    shop.digest(worded(1, "first"), worded(2, "second"), worded(3, "third"))
    first, second, third = ids(shop)
    before = shop.told()
    merge(shop, second, third)
    follow(shop)
    shop.digest(worded(4, "third"))
    merge(shop, first, second)
    follow(shop)

    take_out(shop, first)
    follow(shop)

    assert ids(shop) == [first, second]
    assert issue_of(shop, third).id == second
    assert len(shop.events_of(second)) == issue_of(shop, second).event_count == 3
    take_out(shop, second, third)
    follow(shop)
    assert len(shop.events_of(third)) == issue_of(shop, third).event_count == 2
    assert {told for told in before if told.title != "Error: third"} <= shop.told()
    assert shop.counted_wrongly() == []


def test_each_has_the_state_that_it_had_unless_somebody_has_decided_since(
    shop: HealingSide, two: tuple[int, int]
) -> None:
    first, second = two
    shop.decisions.decide([second], Status.IGNORED, datetime.now(UTC))
    merge(shop, first, second)
    take_out(shop, first, second)
    assert issue_of(shop, second).status is Status.IGNORED
    follow(shop)

    merge(shop, first, second)
    shop.decisions.decide([first], Status.RESOLVED, datetime.now(UTC) + timedelta(seconds=1))
    take_out(shop, first, second)

    assert issue_of(shop, second).status is Status.RESOLVED


def test_its_activity_comes_back_and_both_say_what_was_done(
    shop: HealingSide, two: tuple[int, int]
) -> None:
    first, second = two
    activity = Activity(shop.database)
    activity.note([second], Said.COMMENT, datetime.now(UTC), None, "look")
    merge(shop, first, second)
    assert [entry.said for entry in activity.of_issue(first)] == ["look"]

    take_out(shop, first, second)

    assert [entry.said for entry in activity.of_issue(first)] == [f"#{second} out"]
    assert [entry.said for entry in activity.of_issue(second)] == ["look", f"it out of #{first}"]


def test_while_events_are_on_their_way_back_nothing_is_merged_and_nothing_lost(
    shop: HealingSide, two: tuple[int, int], tmp_path: Path
) -> None:
    first, second = two
    merge(shop, first, second)
    follow(shop)
    shop.digest(worded(6, "second"))
    take_out(shop, first, second)

    with pytest.raises(CannotMerge):
        merge(shop, first, second)
    Deletions(shop.database).delete([first])
    bounds = EventBounds(days=0, events=0, database=0)
    for _ in Retention(shop.database, bounds, FreeSpace(tmp_path, 0)).steps(datetime.now(UTC)):
        pass

    follow(shop)
    assert len(shop.events_of(second)) == issue_of(shop, second).event_count == 4
    assert ids(shop) == [second]
    assert shop.counted_wrongly() == []


def test_what_retention_took_meanwhile_stays_counted(
    shop: HealingSide, two: tuple[int, int]
) -> None:
    first, second = two
    merge(shop, first, second)
    follow(shop)
    retained = Retained(shop.database)
    retained.remove([shop.event(number).id for number in (1, 2, 4)])

    take_out(shop, first, second)
    follow(shop)

    assert (issue_of(shop, first).event_count, issue_of(shop, second).event_count) == (2, 3)
    assert shop.counted_wrongly() == []
    assert retained.stored(1) == 2


def test_a_late_map_does_not_take_apart_what_a_person_merged(shop: HealingSide) -> None:
    shop.digest(worded(1, "no money", "a"), worded(2, "no stock", "b", function="ship"))
    first, second = ids(shop)
    merge(shop, first, second)
    follow(shop)

    for build in ("b", "a"):
        shop.upload(build)
        shop.heal()

    assert ids(shop) == [first]
    assert len(shop.events_of(first)) == 2
    shop.digest(worded(3, "no stock", "b", function="ship"), worded(4, "no money", "a"))
    assert ids(shop) == [first]
    take_out(shop, first, second)
    follow(shop)
    assert shop.events_of(second) == {f"{2:032x}", f"{3:032x}"}
    assert "ship" in issue_of(shop, second).culprit
    assert "pay" in issue_of(shop, first).culprit
    assert shop.counted_wrongly() == []


def test_numbers_of_events_that_are_gone_may_come_again(
    shop: HealingSide, two: tuple[int, int], tmp_path: Path
) -> None:
    first, second = two
    shop.digest(worded(6, "another"), worded(7, "another"))
    merge(shop, first, second)
    follow(shop)
    Deletions(shop.database).delete([ids(shop)[-1]])
    bounds = EventBounds(days=0, events=0, database=0)
    for _ in Retention(shop.database, bounds, FreeSpace(tmp_path, 0)).steps(datetime.now(UTC)):
        pass
    shop.digest(worded(8, "second"), worded(9, "second"))

    take_out(shop, first, second)
    follow(shop)

    assert len(shop.events_of(second)) == issue_of(shop, second).event_count == 5
    assert issue_of(shop, first).event_count == 2
    assert shop.counted_wrongly() == []


def test_what_two_processes_take_apart_is_counted_once(
    shop: HealingSide, two: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two
    merge(shop, first, second)
    follow(shop)
    shop.digest(*(worded(number, "second") for number in (6, 7, 8)))
    take_out(shop, first, second)
    read = Revisions.some

    def meanwhile(revisions: Revisions, which: Sequence[int]) -> Sequence[Draft]:
        drafts = read(revisions, which)
        monkeypatch.setattr(Revisions, "some", read)
        shop.new_healer().follow()
        return drafts

    monkeypatch.setattr(Revisions, "some", meanwhile)
    follow(shop)

    assert issue_of(shop, first).event_count == 2
    assert len(shop.events_of(second)) == issue_of(shop, second).event_count == 6
    assert shop.counted_wrongly() == []


def test_events_that_go_while_they_are_read_hold_up_none_of_the_others(
    shop: HealingSide, two: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two
    merge(shop, first, second)
    follow(shop)
    shop.digest(*(worded(number, "second") for number in (6, 7, 8)))
    take_out(shop, first, second)
    monkeypatch.setattr("headwater.digest.taking_apart.PORTION", 1)
    read = Revisions.some

    def meanwhile(revisions: Revisions, which: Sequence[int]) -> Sequence[Draft]:
        monkeypatch.setattr(Revisions, "some", read)
        Retained(shop.database).remove(which)
        return read(revisions, which)

    monkeypatch.setattr(Revisions, "some", meanwhile)
    follow(shop)

    assert len(shop.events_of(first)) == 2
    assert len(shop.events_of(second)) == 5
    assert shop.counted_wrongly() == []


def test_resolve_again_goes_on_where_the_issue_went(shop: HealingSide) -> None:
    shop.digest(worded(1, "no money", "a"), worded(2, "no stock", "b"))
    first, second = ids(shop)
    shop.forget_wants()
    shop.upload("b")
    shop.heal()
    shop.healings.ask(1, Kind.ISSUE, str(second), datetime.now(UTC))

    merge(shop, first, second)
    follow(shop)
    shop.heal()

    assert "pay" in issue_of(shop, first).culprit


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.IGNORED])
def test_a_merge_does_not_hide_an_unresolved_issue_behind_a_decided_one(
    shop: HealingSide, two: tuple[int, int], status: Status
) -> None:
    first, second = two
    decisions = Decisions(shop.database)
    decisions.decide([first], status, datetime.now(UTC), Mute(users=3))

    merge(shop, first, second)

    merged = issue_of(shop, first)
    assert merged.status is Status.UNRESOLVED
    assert (merged.muted_users, merged.muted_events) == (None, None)
    take_out(shop, first, second)
    follow(shop)
    assert issue_of(shop, second).status is Status.UNRESOLVED
    assert shop.counted_wrongly() == []


def test_decided_issues_are_as_the_oldest_and_taken_out_as_they_were(
    shop: HealingSide, two: tuple[int, int]
) -> None:
    first, second = two
    decisions = Decisions(shop.database)
    decisions.decide([first], Status.IGNORED, datetime.now(UTC))
    decisions.decide([second], Status.RESOLVED, datetime.now(UTC))

    merge(shop, first, second)

    assert issue_of(shop, first).status is Status.IGNORED
    take_out(shop, first, second)
    assert issue_of(shop, second).status is Status.RESOLVED


def test_an_open_issue_stays_open_and_the_decided_one_is_taken_out_as_it_was(
    shop: HealingSide, two: tuple[int, int]
) -> None:
    first, second = two
    Decisions(shop.database).decide([second], Status.RESOLVED, datetime.now(UTC))

    merge(shop, first, second)

    assert issue_of(shop, first).status is Status.UNRESOLVED
    take_out(shop, first, second)
    assert issue_of(shop, second).status is Status.RESOLVED
