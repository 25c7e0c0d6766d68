"""Refused uploads: kept, counted up, bounded."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from headwater.storage.database import Database
from headwater.storage.uploads.refusals import GATHERED, KEPT, Refusal, Refusals, Tally

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
STRANGER = Refusal(
    status=401,
    sentence="The token that starts with 'deadbeef' is not known here.",
    token_prefix="deadbeef",
    token_name=None,
    project_id=None,
    method="POST",
    path="/api/0/organizations/any/chunk-upload/",
    user_agent="sentry-cli/2.58.0",
)
OURS = replace(STRANGER, token_prefix="0123abcd", token_name="CI", project_id=1)


@pytest.fixture
def refusals(database: Database) -> Iterator[Refusals]:
    refusals = Refusals(database)
    yield refusals
    refusals.close()


def seconds(number: float) -> datetime:
    return NOON + timedelta(seconds=number)


def keep(refusals: Refusals, refusal: Refusal, now: datetime) -> None:
    refusals.add(refusal, now)
    refusals.flush()


def test_a_refusal_is_kept_as_it_was(refusals: Refusals) -> None:
    keep(refusals, OURS, NOON)

    (kept,) = refusals.newest(10)
    assert kept.refusal == OURS
    assert (kept.refusal.method, kept.refusal.path) == (OURS.method, OURS.path)
    assert kept.tally == Tally(NOON, NOON, 1)


def test_identical_ones_within_a_minute_are_counted_up(refusals: Refusals) -> None:
    told = [refusals.add(STRANGER, seconds(number)) for number in range(3)]
    refusals.flush()
    keep(refusals, STRANGER, seconds(50))

    (kept,) = refusals.newest(10)
    assert told == [True, False, False]
    assert kept.tally == Tally(NOON, seconds(50), 4)


def test_the_calls_of_one_build_are_one_refusal(refusals: Refusals) -> None:
    refusals.add(OURS, NOON)
    refusals.add(replace(OURS, method="GET", path="/second/"), seconds(1))
    refusals.flush()
    keep(refusals, replace(OURS, path="/third/"), seconds(2))

    (kept,) = refusals.newest(10)
    assert kept.tally.count == 3
    assert kept.refusal.path == OURS.path


def test_the_same_again_later_is_a_row_of_its_own(refusals: Refusals) -> None:
    keep(refusals, STRANGER, NOON)
    keep(refusals, STRANGER, seconds(60))

    assert [kept.tally.count for kept in refusals.newest(10)] == [1, 1]


@pytest.mark.parametrize(
    "other",
    [
        replace(OURS, status=403),
        replace(OURS, sentence="Another."),
        replace(OURS, token_prefix="beefdead"),
        replace(OURS, token_name=None),
        replace(OURS, project_id=None),
        replace(OURS, user_agent="curl"),
    ],
)
def test_what_differs_in_anything_is_told_apart(refusals: Refusals, other: Refusal) -> None:
    keep(refusals, OURS, NOON)
    keep(refusals, other, seconds(1))

    assert [kept.refusal for kept in refusals.newest(10)] == [other, OURS]


def test_only_the_newest_are_kept(refusals: Refusals) -> None:
    for number in range(KEPT + 5):
        keep(refusals, replace(STRANGER, user_agent=f"client {number}"), seconds(number))

    kept = refusals.newest(KEPT * 2)
    assert len(kept) == KEPT
    assert kept[0].refusal.user_agent == f"client {KEPT + 4}"
    assert kept[-1].refusal.user_agent == "client 5"


def test_strangers_do_not_push_out_what_happened_to_our_builds(refusals: Refusals) -> None:
    keep(refusals, OURS, NOON)
    for number in range(KEPT + 5):
        keep(refusals, replace(STRANGER, user_agent=f"client {number}"), seconds(number + 1))

    assert refusals.newest(KEPT * 2)[-1].refusal == OURS


def test_a_flood_costs_no_memory_and_is_named_in_the_log(refusals: Refusals) -> None:
    with capture_logs() as logged:
        for number in range(GATHERED * 3):
            refusals.add(replace(STRANGER, user_agent=f"client {number}"), NOON)
        has_room_for_ours = refusals.add(OURS, NOON)
        refusals.flush()

    # A regular flush may come in between, and make room.
    told = sum(line.get("count", 0) for line in logged)
    assert has_room_for_ours
    assert len(refusals.newest(KEPT)) + told == GATHERED * 3 + 1
    assert told > 0


def test_a_project_sees_what_may_concern_it(refusals: Refusals) -> None:
    instance = replace(OURS, project_id=None, token_name="All")
    for refusal in (OURS, replace(OURS, project_id=2), instance, STRANGER):
        keep(refusals, refusal, NOON)

    found = {kept.refusal for kept in refusals.concerning(1, NOON, 10)}

    assert found == {OURS, instance, STRANGER}


def test_what_is_too_old_or_too_many_is_left_out(refusals: Refusals) -> None:
    keep(refusals, OURS, NOON)
    keep(refusals, STRANGER, seconds(100))

    assert [kept.refusal for kept in refusals.concerning(1, seconds(1), 10)] == [STRANGER]
    assert [kept.refusal for kept in refusals.concerning(1, NOON, 1)] == [STRANGER]
    assert [kept.refusal for kept in refusals.newest(1)] == [STRANGER]


def test_texts_are_cut_and_hold_nothing_that_hides_others() -> None:
    hostile = replace(
        STRANGER,
        user_agent="a\x00b\r\nc\u202ed\x1b[31m",
        path="/" + "x" * 10_000,
        token_prefix="deadbeefdeadbeef",
        sentence="\ud800",
    )

    assert hostile.user_agent == "a\ufffdb\ufffd\ufffdc\ufffdd\ufffd[31m"
    assert hostile.path == "/" + "x" * 298 + "…"
    assert hostile.token_prefix == "deadbee…"
    assert hostile.sentence == "\ufffd"


def test_closing_writes_what_has_gathered(database: Database) -> None:
    refusals = Refusals(database)
    refusals.add(OURS, NOON)

    refusals.close()

    assert [kept.refusal for kept in Refusals(database).newest(10)] == [OURS]


def test_a_database_that_refuses_costs_nothing(database: Database, refusals: Refusals) -> None:
    with database.write() as connection:
        connection.execute(text("ALTER TABLE upload_refusals RENAME TO elsewhere"))
    refusals.add(OURS, NOON)
    with pytest.raises(Exception, match=r"no such table|does not exist"):
        refusals.flush()
    refusals.add(OURS, seconds(1))
    with database.write() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO upload_refusals"))

    refusals.flush()

    assert [kept.tally for kept in refusals.newest(10)] == [Tally(NOON, seconds(1), 2)]
