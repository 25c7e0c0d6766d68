"""Rates hold for all web processes of an installation together, within what decision 19 says."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from headwater.server.rate_exchange import Own, RateExchange
from headwater.server.rate_limits import AWAKE_SECONDS
from headwater.server_side import rates_of
from headwater.settings import Settings
from headwater.storage.database import Database
from headwater.storage.projects import Project, Projects
from headwater.storage.told_rates import HELD_SECONDS, ToldRates
from tests.databases import postgresql_address
from tests.server.rate_side import Process, RateSide

N = 10
MINUTE = 60.0
PLENTY = 10 * N


@pytest.fixture
def side(tmp_path: Path) -> Iterator[RateSide]:
    database = Database(postgresql_address())
    Projects(database).create("Shop", "node", datetime.now(UTC))
    side = RateSide(tmp_path, database)
    yield side
    side.close()
    database.close()


def _two(side: RateSide, scope: str) -> tuple[Process, Process, Project]:
    """Two processes, and the project that is sent to: with a rate of its own, or of the whole server."""
    if scope == "project":
        return side.start(), side.start(), side.limited(N)
    return side.start(N), side.start(N), side.shop


@pytest.mark.parametrize("scope", ["project", "instance"])
def test_what_one_instance_has_let_in_another_has_no_room_for(side: RateSide, scope: str) -> None:
    one, two, shop = _two(side, scope)
    of_whom = {"project": "project:project_rate", "instance": "organization:instance_rate"}

    taken = one.statuses(shop, 3) + two.statuses(shop, 3)
    side.exchange()
    rest = [*one.statuses(shop, 2), *two.statuses(shop, N)]
    side.exchange()
    refused = [one.send(shop), two.send(shop)]

    assert taken == [200] * 6
    # Four are left; one has taken two of them that two has not heard of.
    assert rest == [200, 200] + [200] * 4 + [429] * (N - 4)
    for answer in refused:
        assert answer.status_code == 429
        seconds = int(answer.headers["retry-after"])
        assert seconds == 6 + 2 * MINUTE / N
        assert answer.headers["x-sentry-rate-limits"] == f"{seconds}:error:{of_whom[scope]}"


def test_what_all_let_in_before_they_hear_of_it_is_taken_from_the_next_minute(
    side: RateSide,
) -> None:
    one, two, shop = _two(side, "project")

    burst = [each.let_in(shop, PLENTY) for each in (one, two)]
    side.exchange()
    side.passes(MINUTE - 1)
    meanwhile = [each.let_in(shop, PLENTY) for each in (one, two)]
    side.passes(1 + MINUTE / N)
    after = one.let_in(shop, PLENTY)

    assert burst == [N, N]  # the bound: a minute's worth more for each further process
    assert meanwhile == [0, 0]
    assert after == 1


@pytest.mark.parametrize("number", [2, 3])
def test_in_a_lasting_flood_all_together_let_in_the_rate(side: RateSide, number: int) -> None:
    rate, minutes = 600, 5
    shop = side.limited(rate)
    processes = [side.start() for _ in range(number)]
    for each in processes:
        each.let_in(shop, rate // number)
    side.exchange()

    let_in = 0
    for _ in range(minutes * 60):
        side.passes(1)
        for each in processes:
            let_in += each.let_in(shop, PLENTY)
            each.exchange()

    # Each hears within a second or two what comes to the others within that time.
    assert rate * minutes * 0.98 <= let_in <= rate * minutes + (number - 1) * rate / 30


def test_who_starts_while_others_have_no_room_has_none_after_the_first_word(side: RateSide) -> None:
    one, _, shop = _two(side, "project")
    one.let_in(shop, PLENTY)
    one.exchange()

    late = side.start()
    first = late.let_in(shop, 1)
    late.exchange()

    assert (first, late.let_in(shop, PLENTY)) == (1, 0)


def test_of_what_was_told_a_while_ago_as_much_has_come_in_again(side: RateSide) -> None:
    one, _, shop = _two(side, "project")
    one.let_in(shop, PLENTY)
    one.exchange()
    side.passes(MINUTE / 2)

    late = side.start()
    late.let_in(shop, 1)
    late.exchange()

    assert late.let_in(shop, PLENTY) == N // 2 - 1


def test_who_had_nothing_to_do_for_long_hears_when_it_has_again(side: RateSide) -> None:
    one, two, shop = _two(side, "project")
    two.let_in(shop, 1)
    side.exchange()
    for _ in range(10):
        side.passes(MINUTE / 2)
        one.let_in(shop, PLENTY)
        side.exchange()

    first = two.let_in(shop, 1)
    two.exchange()

    assert (first, two.let_in(shop, PLENTY)) == (1, 0)
    # And the other hears of that one, and of no more.
    one.exchange()
    side.passes(2 * MINUTE / N)
    assert one.let_in(shop, PLENTY) == 1


def test_a_process_that_died_holds_the_others_back_for_a_minute(side: RateSide) -> None:
    one, two, shop = _two(side, "project")
    two.let_in(shop, 1)
    one.let_in(shop, PLENTY)
    side.exchange()
    before = two.let_in(shop, PLENTY)

    for _ in range(66):
        side.passes(1)
        two.exchange()

    assert before == 0
    assert two.let_in(shop, PLENTY) == N
    assert side.rows() == 1  # what the dead one told is gone


def test_several_that_died_hold_the_others_back_no_longer_than_one(side: RateSide) -> None:
    shop = side.limited(N)
    left, *others = [side.start() for _ in range(5)]
    left.let_in(shop, 1)
    side.exchange()
    for each in others:
        each.let_in(shop, PLENTY)
    side.exchange()

    side.passes(MINUTE)
    before = left.let_in(shop, PLENTY)
    side.passes(MINUTE / N)

    assert (before, left.let_in(shop, PLENTY)) == (0, 1)


def test_without_the_database_each_counts_for_itself(side: RateSide) -> None:
    one, two, shop = _two(side, "project")
    for each in (one, two):
        each.line.is_cut = True

    let_in = 0
    for _ in range(60):
        let_in += one.let_in(shop, PLENTY)
        two.let_in(shop, PLENTY)
        side.exchange()
        side.passes(10)

    assert let_in == pytest.approx(N + N * 590 / 60, abs=1)


def test_after_an_outage_nobody_waits_for_what_came_meanwhile(side: RateSide) -> None:
    one, two, shop = _two(side, "project")
    two.let_in(shop, 1)
    side.exchange()
    two.line.is_cut = True
    for _ in range(10):
        side.passes(MINUTE)
        one.let_in(shop, PLENTY)
        two.let_in(shop, 1)
        side.exchange()

    two.line.is_cut = False
    side.exchange()
    none = two.let_in(shop, PLENTY)
    side.passes(MINUTE + 6)
    side.exchange()

    assert none == 0
    assert two.let_in(shop, PLENTY) == N


def test_a_word_that_was_lost_is_heard_with_the_next(side: RateSide) -> None:
    one, two, shop = _two(side, "project")
    one.let_in(shop, 1)
    two.let_in(shop, 1)
    side.exchange()
    one.let_in(shop, 4)
    one.line.is_cut = True
    side.exchange()
    one.line.is_cut = False

    side.exchange()
    side.exchange()

    assert two.let_in(shop, PLENTY) == N - 6


def test_another_rate_goes_on_from_what_was_let_in(side: RateSide) -> None:
    one, two, shop = _two(side, "project")
    two.let_in(shop, 1)
    one.let_in(shop, PLENTY)
    side.exchange()

    raised = side.limited(N + 5)

    assert [each.let_in(raised, PLENTY) for each in (one, two)] == [4, 4]


def test_rates_of_different_projects_and_of_the_whole_are_apart(side: RateSide) -> None:
    one, two = side.start(3 * N), side.start(3 * N)
    shop = side.limited(N)
    blog = Projects(side.database).create("Blog", "node", datetime.now(UTC))
    two.let_in(shop, 1)
    two.let_in(blog, 1)
    one.let_in(shop, PLENTY)
    side.exchange()

    assert two.let_in(shop, PLENTY) == 0
    assert two.let_in(blog, PLENTY) == 3 * N - 2 - N


def test_events_are_told_in_one_statement_and_nothing_is_when_none_come(side: RateSide) -> None:
    one, _, shop = _two(side, "project")
    one.let_in(side.shop, PLENTY)  # without a rate
    one.exchange()
    without = len(side.statements)
    one.let_in(shop, PLENTY)
    of_events = len(side.statements)
    one.exchange()
    told = len(side.statements)
    one.seconds += AWAKE_SECONDS + 1
    one.exchange()

    assert without == of_events
    assert told == of_events + 1
    assert len(side.statements) == told


def test_what_a_process_of_another_version_says_is_passed_over(side: RateSide) -> None:
    one, _, shop = _two(side, "project")
    foreign = text("INSERT INTO told_rates VALUES ('other', now(), '[\"in another way\"]')")
    with side.database.write() as connection:
        connection.execute(foreign)

    one.let_in(shop, 1)
    one.exchange()

    assert one.let_in(shop, PLENTY) == N - 1


def test_counts_that_were_forgotten_are_told_under_another_name(side: RateSide) -> None:
    exchange, other = (RateExchange(ToldRates(side.database)) for _ in range(2))
    other.round({1: Own(0, 0.0, N)}, 0)
    exchange.round({1: Own(7, 7.0, N)}, 0)
    first = other.round({1: Own(0, 0.0, N)}, 1)

    exchange.round({1: Own(2, 2.0, N)}, 1)
    second = other.round({1: Own(0, 0.0, N)}, 2)

    assert [each[1].taken for each in (first, second)] == [7, 2]


def test_when_some_counts_were_forgotten_the_others_are_not_told_twice(side: RateSide) -> None:
    exchange, other = (RateExchange(ToldRates(side.database)) for _ in range(2))
    whole, shop, none = 0, 1, Own(0, 0.0, N)
    other.round({whole: none, shop: none}, 0)
    exchange.round({whole: Own(7, 7.0, N), shop: Own(7, 7.0, N)}, 0)
    first = other.round({whole: none, shop: none}, 1)

    exchange.round({whole: Own(9, 9.0, N), shop: Own(2, 2.0, N)}, 1)
    second = other.round({whole: none, shop: none}, 2)

    assert {of: each.taken for of, each in first.items()} == {whole: 7, shop: 7}
    assert {of: each.taken for of, each in second.items()} == {whole: 2, shop: 2}


def test_what_is_told_is_forgotten_with_the_next_word_of_anybody(side: RateSide) -> None:
    told = ToldRates(side.database)
    told.exchange("first", {})
    side.passes(HELD_SECONDS + 1)

    heard = told.exchange("second", {})

    assert (heard, side.rows()) == ([], 1)


def test_on_sqlite_nobody_is_told(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'headwater.db'}")
    rates = rates_of(Settings(data_dir=tmp_path, events_per_minute=N), database)

    rates.start()
    rates.exchange()  # there is not even a table

    assert "rates" not in [thread.name for thread in threading.enumerate()]
    rates.close()
    database.close()
