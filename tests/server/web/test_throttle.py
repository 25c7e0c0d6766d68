"""How often a password may be tried: at the only web process there is, and at any of several."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from headwater.server.web.people.throttle import (
    MAX_COUNTED,
    MAX_FAILURES_OF_ACCOUNT,
    MAX_FAILURES_OF_ADDRESS,
    MAX_FAILURES_OF_PAIR,
    WINDOW,
    Attempts,
    RememberedAttempts,
    Throttle,
)
from headwater.storage.database import Database
from headwater.storage.people.attempts import CountedAttempts
from headwater.storage.schema import failed_attempts
from tests.databases import database_in, postgresql_address

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture(params=["remembered", "counted"])
def attempts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Attempts]:
    if request.param == "remembered":
        yield RememberedAttempts()
        return
    database = database_in(tmp_path)
    yield CountedAttempts(database, "password", WINDOW)
    database.close()


@pytest.fixture
def postgresql() -> Iterator[Database]:
    database = Database(postgresql_address())
    yield database
    database.close()


def _admitted(throttle: Throttle, attempts: list[tuple[str, str]], now: datetime = NOW) -> int:
    return sum(throttle.admit(address, account, now) for address, account in attempts)


def test_one_account_from_one_address_has_ten_tries(attempts: Attempts) -> None:
    throttle = Throttle(attempts)

    admitted = _admitted(throttle, [("1.1.1.1", "ada")] * 20)

    assert admitted == MAX_FAILURES_OF_PAIR
    assert throttle.admit("2.2.2.2", "ada", NOW)


def test_one_address_can_not_go_through_many_accounts(attempts: Attempts) -> None:
    tried = [("1.1.1.1", f"user{number}") for number in range(100)]

    assert _admitted(Throttle(attempts), tried) == MAX_FAILURES_OF_ADDRESS


def test_many_addresses_can_not_go_on_and_on_at_one_account(attempts: Attempts) -> None:
    tried = [(f"10.0.{number // 250}.{number % 250}", "ada") for number in range(500)]

    assert _admitted(Throttle(attempts), tried) == MAX_FAILURES_OF_ACCOUNT


def test_all_addresses_of_one_ipv6_network_are_one(attempts: Attempts) -> None:
    tried = [(f"2001:db8::{number:x}", "ada") for number in range(100)]

    assert _admitted(Throttle(attempts), tried) == MAX_FAILURES_OF_PAIR


def test_after_the_window_everything_is_forgiven(attempts: Attempts) -> None:
    throttle = Throttle(attempts)
    _admitted(throttle, [("1.1.1.1", "ada")] * 20)

    just_before = throttle.admit("1.1.1.1", "ada", NOW + WINDOW - timedelta(seconds=1))
    after = throttle.admit("1.1.1.1", "ada", NOW + WINDOW)

    assert (just_before, after) == (False, True)


def test_a_right_password_forgives_the_slips_before_it(attempts: Attempts) -> None:
    throttle = Throttle(attempts)

    admitted = 0
    for _ in range(3):
        admitted += _admitted(throttle, [("1.1.1.1", "ada")] * MAX_FAILURES_OF_PAIR)
        throttle.forgive("1.1.1.1", "ada")

    assert admitted == 3 * MAX_FAILURES_OF_PAIR


def test_a_right_password_does_not_forgive_what_else_the_address_tried(attempts: Attempts) -> None:
    throttle = Throttle(attempts)
    others = [("1.1.1.1", f"user{number}") for number in range(MAX_FAILURES_OF_ADDRESS - 1)]
    _admitted(throttle, others)

    right = throttle.admit("1.1.1.1", "ada", NOW)
    throttle.forgive("1.1.1.1", "ada")

    assert right
    assert _admitted(throttle, [("1.1.1.1", "bob"), ("1.1.1.1", "eve")]) == 1


def test_what_is_remembered_is_bounded() -> None:
    attempts = RememberedAttempts()

    _admitted(
        Throttle(attempts), [(f"host{number}", f"user{number}") for number in range(MAX_COUNTED)]
    )

    assert attempts.counted <= MAX_COUNTED


def test_what_was_tried_at_one_instance_counts_at_another_and_after_a_restart(
    postgresql: Database,
) -> None:
    one, two, codes = (
        Throttle(CountedAttempts(postgresql, kind, WINDOW))
        for kind in ("password", "password", "code")
    )

    admitted = _admitted(one, [("1.1.1.1", "ada")] * 6) + _admitted(two, [("1.1.1.1", "ada")] * 6)

    assert admitted == MAX_FAILURES_OF_PAIR
    assert codes.admit("1.1.1.1", "ada", NOW)
    two.forgive("1.1.1.1", "ada")
    assert one.admit("1.1.1.1", "ada", NOW)


def test_of_many_who_try_at_once_each_is_counted(postgresql: Database) -> None:
    def guess(_number: int) -> int:
        throttle = Throttle(CountedAttempts(postgresql, "password", WINDOW))
        return _admitted(throttle, [("1.1.1.1", "ada"), ("1.1.1.1", "bob")] * 5)

    with ThreadPoolExecutor(4) as guessers:
        admitted = sum(guessers.map(guess, range(8)))

    assert admitted == 2 * MAX_FAILURES_OF_PAIR


def test_counters_whose_time_is_over_go_with_the_next_attempt(postgresql: Database) -> None:
    throttle = Throttle(CountedAttempts(postgresql, "password", WINDOW))
    _admitted(throttle, [(f"10.0.0.{number}", f"user{number}") for number in range(20)])

    throttle.admit("1.1.1.1", "ada", NOW + WINDOW)

    with postgresql.read() as connection:
        assert len(connection.execute(failed_attempts.select()).all()) == 3
