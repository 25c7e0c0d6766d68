"""Issues that a person merged or deleted, while events come, are resolved again and are removed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from headwater.digest.healing import Healer
from headwater.digest.retention import EventBounds, Retention
from headwater.storage.disk import FreeSpace
from headwater.storage.events.retention import Retained
from headwater.storage.issues.deletions import Deletions
from headwater.storage.issues.hashes import HashTaken
from headwater.storage.issues.merges import MAX_MERGED, CannotMerge, Merges, check_mergeable
from headwater.storage.issues.search import Status
from headwater.storage.issues.tombstones import Tombstones
from tests.healing_side import HealingSide, healing_side, thrown


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[HealingSide]:
    """An instance on an empty database."""
    with healing_side(tmp_path) as side:
        yield side


def follow(shop: HealingSide) -> None:
    merges = Merges(shop.database)
    while merges.follow():
        pass


def retain(shop: HealingSide, folder: Path) -> None:
    bounds = EventBounds(days=0, events=0, database=0)
    for _ in Retention(shop.database, bounds, FreeSpace(folder, 0)).steps(datetime.now(UTC)):
        pass


def worded(number: int, build: str, words: str) -> dict[str, object]:
    """An error of its own, whatever its frames say."""
    event = thrown(number, build)
    event["exception"]["values"][0]["value"] = words
    return event


def three_issues(shop: HealingSide) -> list[int]:
    shop.digest(worded(1, "a", "first"), worded(2, "b", "second"), worded(3, "c", "third"))
    found = [issue.id for issue in shop.every()]
    assert len(found) == 3
    return found


def test_deleted_events_are_not_brought_back_by_their_map(
    shop: HealingSide, tmp_path: Path
) -> None:
    shop.digest(thrown(1, "a"), thrown(2, "a"))
    (issue,) = shop.every()
    Deletions(shop.database).delete([issue.id])

    shop.upload("a")
    shop.heal()
    shop.digest(thrown(3, "a"))

    (new,) = shop.every()
    assert (new.event_count, new.status) == (1, Status.UNRESOLVED)
    retain(shop, tmp_path)
    assert shop.events_of(new.id) == {f"{3:032x}"}
    assert shop.counted_wrongly() == []


def test_a_merge_while_events_are_resolved_again_counts_them_once(shop: HealingSide) -> None:
    shop.digest(worded(1, "a", "first"), worded(2, "b", "second"), worded(3, "b", "second"))
    first, second = (issue.id for issue in shop.every())
    merges = Merges(shop.database)
    waiting = [first, second]

    def merge_once() -> None:
        if waiting:
            merges.merge(waiting, datetime.now(UTC))
            waiting.clear()

    healer = Healer(shop.database, shop.resolving(merge_once), retry=timedelta(0))
    shop.upload("b")
    healer.look(datetime.now(UTC))

    with pytest.raises(HashTaken):
        healer.heal_once(datetime.now(UTC))

    follow(shop)
    while healer.heal_once(datetime.now(UTC)):
        pass
    assert sum(issue.event_count for issue in shop.every()) == 3
    assert shop.counted_wrongly() == []


def test_what_is_on_its_way_goes_on_to_where_its_aim_went(shop: HealingSide) -> None:
    first, second, third = three_issues(shop)
    Merges(shop.database).merge([second, third], datetime.now(UTC))

    # As a healer does that has emptied the second.
    with shop.database.write() as connection:
        Tombstones(shop.database).leave(connection, second, first)
    follow(shop)

    assert f"{3:032x}" in shop.events_of(first)


def test_deleting_where_a_merge_led_deletes_what_was_merged(
    shop: HealingSide, tmp_path: Path
) -> None:
    first, second, third = three_issues(shop)
    Merges(shop.database).merge([first, second], datetime.now(UTC))

    Deletions(shop.database).delete([first])
    retain(shop, tmp_path)

    assert [issue.id for issue in shop.every()] == [third]
    assert shop.issues.get(second) is None
    assert shop.events_of(first) == shop.events_of(second) == frozenset()


def test_retention_does_not_take_what_has_yet_to_move_for_removed(shop: HealingSide) -> None:
    first, second, _ = three_issues(shop)
    Merges(shop.database).merge([first, second], datetime.now(UTC))
    retained = Retained(shop.database)

    retained.recount(first)
    follow(shop)

    assert retained.stored(1) == 3


def test_an_event_that_came_before_the_issue_was_resolved_does_not_reopen_it(
    shop: HealingSide,
) -> None:
    shop.upload("a")
    shop.digest(thrown(1, "a"))
    (issue,) = shop.every()
    shop.put(thrown(2, "a"))
    shop.decisions.decide([issue.id], Status.RESOLVED, datetime.now(UTC))

    while shop.worker.digest_once():
        pass

    (after,) = shop.every()
    assert (after.event_count, after.status) == (2, Status.RESOLVED)
    shop.digest(thrown(3, "a"))
    assert shop.every()[0].status is Status.UNRESOLVED


def test_not_too_many_are_merged_at_once() -> None:
    check_mergeable([1] * MAX_MERGED)
    with pytest.raises(CannotMerge):
        check_mergeable([1] * (MAX_MERGED + 1))
