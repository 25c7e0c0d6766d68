"""Maps that come after the events: titles, issues and counts are as if they had come before."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from headwater.digest import healing
from headwater.digest.healing import RETRY, Healer
from headwater.digest.worker import Worker
from headwater.storage.events.healings import Kind
from headwater.storage.events.retention import Retained
from headwater.storage.issues.search import Status
from headwater.storage.schema import events, issues, seen_releases
from headwater.symbolicate.resolution import RESOLUTION_VERSION, Resolution
from headwater.symbolicate.verdicts import Verdict
from tests.healing_side import COLUMNS, SOURCE, START, HealingSide, healing_side, thrown


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[HealingSide]:
    """An instance on an empty database."""
    with healing_side(tmp_path) as side:
        yield side


def verdicts_of(side: HealingSide, number: int) -> set[Verdict]:
    resolution = msgspec.json.decode(side.event(number).resolution, type=Resolution)
    return {frame.verdict for trace in resolution.stacktraces for frame in trace.frames}


def _moment(number: int) -> datetime:
    return START + timedelta(minutes=7 * number)


def in_german(number: int, build: str) -> dict[str, Any]:
    """Minified, it is told by its message, and so is an issue of its own."""
    event = thrown(number, build)
    event["exception"]["values"][0]["value"] = "kein Geld"
    return event


def test_an_upload_resolves_the_events_that_came_before_it(shop: HealingSide) -> None:
    shop.digest(thrown(1, "a"), thrown(2, "a"))
    (before,) = shop.every()
    shop.upload("a")

    shop.heal()

    (after,) = shop.every()
    assert (after.id, after.event_count) == (before.id, 2)
    assert after.culprit == "pay · src/cart.ts:2"
    assert verdicts_of(shop, 1) == verdicts_of(shop, 2) == {Verdict.RESOLVED}
    assert shop.healings.waiting() == 0


def test_what_only_looked_alike_is_taken_apart(shop: HealingSide) -> None:
    shop.digest(thrown(1, "a", "pay"), thrown(2, "a", "order"), thrown(3, "a", "pay"))
    (mixed,) = shop.every()
    shop.decisions.decide([mixed.id], Status.RESOLVED, datetime.now(UTC))
    shop.upload("a")

    shop.heal()

    first, second = shop.every()
    assert shop.events_of(first.id) == {f"{1:032x}", f"{3:032x}"}
    assert (first.id, first.culprit) == (mixed.id, "pay · src/cart.ts:2")
    assert second.culprit == "order · src/cart.ts:5"
    assert shop.counted_wrongly() == []
    # Nobody reopened them: what was decided was decided for both.
    assert first.status is second.status is Status.RESOLVED


def test_what_was_two_issues_becomes_one_and_leaves_a_tombstone(shop: HealingSide) -> None:
    shop.upload("a")
    shop.digest(thrown(1, "a"))
    (known,) = shop.every()
    shop.digest(in_german(2, "b"), in_german(3, "b"))
    shop.decisions.decide([known.id], Status.RESOLVED, datetime.now(UTC))
    provisional = shop.stored(f"{2:032x}").issue_id
    shop.upload("b")

    shop.heal()

    (one,) = shop.every()
    assert (one.id, one.event_count, one.status) == (known.id, 3, Status.RESOLVED)
    assert provisional != known.id
    found = shop.issues.get(provisional)
    assert found is not None
    assert found.id == known.id
    assert shop.counted_wrongly() == []
    # And whatever comes without a map is led there as well.
    shop.digest(in_german(4, "c"))
    assert shop.event(4).issue_id == known.id


def test_an_upload_between_resolving_and_storing_is_not_missed(shop: HealingSide) -> None:
    def upload_and_look() -> None:
        if not shop.contents:
            shop.upload("a")
            shop.heal()

    shop.put(thrown(1, "a"))
    worker = Worker(shop.database, shop.outlet, shop.resolving(upload_and_look))
    while worker.digest_once():
        pass
    assert verdicts_of(shop, 1) == {Verdict.DEBUG_ID_NOT_UPLOADED}

    shop.heal()

    assert verdicts_of(shop, 1) == {Verdict.RESOLVED}


def test_an_upload_for_the_release_resolves_events_without_debug_ids(shop: HealingSide) -> None:
    shop.digest(
        thrown(1, "a", release="1.0", debug_meta={}), thrown(2, "a", release="1.1", debug_meta={})
    )

    shop.upload("a", release="1.0")
    shop.heal()

    assert verdicts_of(shop, 1) == {Verdict.RESOLVED}
    assert verdicts_of(shop, 2) == {Verdict.RELEASE_NOT_UPLOADED}


def test_an_upload_to_the_wrong_project_changes_nothing_until_it_comes_to_the_right_one(
    shop: HealingSide,
) -> None:
    shop.digest(thrown(1, "a"))
    shop.upload("a", home=2)
    shop.heal()
    assert Verdict.RESOLVED not in verdicts_of(shop, 1)

    shop.upload("a", home=1)
    shop.heal()

    assert verdicts_of(shop, 1) == {Verdict.RESOLVED}


def test_a_storage_that_comes_back_is_noticed(shop: HealingSide) -> None:
    shop.upload("a")
    shop.is_unplugged = True
    shop.digest(thrown(1, "a"))
    shop.heal()
    assert verdicts_of(shop, 1) == {Verdict.STORAGE_READ_FAILED}

    shop.is_unplugged = False
    shop.healer = shop.new_healer()
    shop.heal()

    assert verdicts_of(shop, 1) == {Verdict.RESOLVED}


def test_what_time_does_not_mend_costs_a_look_at_the_newest_events_only(shop: HealingSide) -> None:
    shop.upload("a")
    shop.heal()
    shop.is_unplugged = True
    shop.digest(*(thrown(number, "a") for number in range(1, 251)))
    healer = Healer(shop.database, shop.resolving(), portion=20)

    healer.look(datetime.now(UTC) + RETRY)
    assert [healer.heal_once(datetime.now(UTC)) for _ in range(2)] == [20, 0]

    shop.is_unplugged = False
    shop.healer = shop.new_healer()
    shop.heal()
    assert all(verdicts_of(shop, number) == {Verdict.RESOLVED} for number in range(1, 251))


def test_a_new_version_resolves_the_events_of_projects_again_that_were_made_before_it(
    shop: HealingSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.heal()
    made_since = shop.projects.create("New", None, datetime.now(UTC)).id
    monkeypatch.setattr(healing, "RESOLUTION_VERSION", RESOLUTION_VERSION + 1)
    shop.healer = shop.new_healer()

    shop.healer.look(datetime.now(UTC))

    asked = [shop.healings.of(project, Kind.PROJECT, "") for project in (1, 2, made_since)]
    assert all(one is not None and one.finished_at is None for one in asked)


def test_a_project_is_not_resolved_again_by_the_version_that_it_was_made_under(
    shop: HealingSide,
) -> None:
    shop.heal()
    project = shop.projects.create("New", None, datetime.now(UTC)).id
    shop.healer.tend(datetime.now(UTC))
    shop.healer = shop.new_healer()

    shop.healer.look(datetime.now(UTC))

    assert shop.healings.of(project, Kind.PROJECT, "") is None


def test_an_event_that_cannot_be_read_holds_up_none_of_the_others(shop: HealingSide) -> None:
    shop.upload("a")
    shop.digest(thrown(1, "a"), thrown(2, "a", "order"))
    shop.digest(in_german(3, "b"), thrown(4, "c", "ship", exception={"values": [{"type": "t"}]}))
    with shop.database.write() as connection:
        of_last = events.c.event_id == f"{4:032x}"
        home = select(events.c.issue_id).where(events.c.event_id == f"{3:032x}").scalar_subquery()
        connection.execute(events.update().where(of_last).values(payload=b"?", issue_id=home))
        connection.execute(
            issues.update().where(issues.c.id == home).values(event_count=2, shown_at=_moment(3))
        )
    shop.upload("b")

    shop.heal()

    assert shop.event(3).issue_id == shop.event(1).issue_id


def test_what_was_resolved_stays_so_though_its_map_be_gone(shop: HealingSide) -> None:
    bundle = shop.upload("a")
    shop.digest(thrown(1, "a"))
    shop.delete(bundle)
    (issue,) = shop.every()

    shop.healings.ask(1, Kind.ISSUE, str(issue.id), datetime.now(UTC))
    shop.heal()

    assert verdicts_of(shop, 1) == {Verdict.RESOLVED}
    found = shop.healings.of(1, Kind.ISSUE, str(issue.id))
    assert found is not None
    assert (found.done, found.total, found.changed) == (1, 1, 0)
    assert found.finished_at is not None


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (Kind.EVENT, f"{2:032x}"),
        (Kind.ISSUE, "1"),
        (Kind.RELEASE, "1.0"),
        (Kind.PROJECT, ""),
    ],
)
def test_what_nobody_remembers_wanting_is_resolved_again_when_asked(
    shop: HealingSide, kind: Kind, subject: str
) -> None:
    shop.digest(*(thrown(number, "a", release="1.0") for number in range(1, 4)))
    shop.forget_wants()
    shop.upload("a")
    shop.heal()
    assert verdicts_of(shop, 2) == {Verdict.DEBUG_ID_NOT_UPLOADED}

    shop.healings.ask(1, kind, subject, datetime.now(UTC))
    shop.heal()

    assert verdicts_of(shop, 2) == {Verdict.RESOLVED}
    found = shop.healings.of(1, kind, subject)
    assert found is not None
    assert found.changed == found.done == found.total == (1 if kind is Kind.EVENT else 3)


def test_more_events_than_fit_into_one_portion_are_all_resolved(shop: HealingSide) -> None:
    shop.digest(*(thrown(number, "a", "pay" if number % 3 else "ship") for number in range(1, 251)))
    shop.upload("a")

    shop.heal()

    assert sorted(issue.event_count for issue in shop.every()) == [83, 167]
    assert all(verdicts_of(shop, number) == {Verdict.RESOLVED} for number in range(1, 251))
    assert shop.counted_wrongly() == []


def test_an_issue_that_retention_has_thinned_keeps_its_count_when_it_is_merged(
    shop: HealingSide,
) -> None:
    shop.upload("a")
    shop.digest(thrown(1, "a"))
    shop.digest(*(in_german(number, "b") for number in range(2, 6)))
    Retained(shop.database).remove([shop.event(2).id, shop.event(3).id])
    shop.upload("b")

    shop.heal()

    (one,) = shop.every()
    assert one.event_count == 5
    assert one.last_seen - one.first_seen == timedelta(minutes=28)
    assert shop.counted_wrongly() == []


def test_another_text_of_the_same_source_moves_no_issue_that_has_one_error(
    shop: HealingSide,
) -> None:
    shop.upload("a", source=SOURCE.replace("throw", "/* ? */ throw"))
    shop.digest(thrown(1, "a"), thrown(2, "a"))
    shop.upload("a")

    shop.heal()

    assert sum(issue.event_count for issue in shop.every()) == 2
    assert shop.counted_wrongly() == []


def test_components_that_came_before_their_map_are_resolved_as_well(shop: HealingSide) -> None:
    event = thrown(1, "a")
    (error,) = event["exception"]["values"]
    file = error.pop("stacktrace")["frames"][0]["filename"]
    event["contexts"] = {"react": {"componentStack": f"\n    at t ({file}:1:{COLUMNS[1]})"}}
    shop.digest(event)
    assert verdicts_of(shop, 1) == {Verdict.DEBUG_ID_NOT_UPLOADED}
    shop.upload("a")

    shop.heal()

    (issue,) = shop.every()
    assert verdicts_of(shop, 1) == {Verdict.RESOLVED}
    assert issue.culprit == "order · src/cart.ts:5"


def test_events_that_came_before_their_release_was_counted_are_no_part_of_it(
    shop: HealingSide,
) -> None:
    shop.digest(thrown(1, "a", release="1.0"), thrown(2, "a", release="1.0"))
    with shop.database.write() as connection:  # as of a server that did not count yet
        connection.execute(seen_releases.delete())
    shop.worker = Worker(shop.database, shop.outlet, shop.resolving())
    shop.digest(thrown(3, "a", release="1.0"))
    shop.upload("a")

    shop.heal()

    with shop.database.read() as connection:
        counted = select(seen_releases.c.events, seen_releases.c.resolved, seen_releases.c.failed)
        assert connection.execute(counted).all() == [(1, 1, 0)]
