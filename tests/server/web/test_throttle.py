"""How often a password may be tried: at the only web process there is, and at any of several."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, text

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
from tests.databases import postgresql_address


class Clock:
    """Of the process's memory, or of the database: what is counted there becomes older."""

    def __init__(self, database: Database | None = None) -> None:
        self.seconds = 1e6
        self._database = database

    def passes(self, time: timedelta) -> None:
        self.seconds += time.total_seconds()
        if self._database is not None:
            earlier = text(
                "UPDATE failed_attempts SET since = since - make_interval(secs => :seconds)"
            )
            with self._database.write() as connection:
                connection.execute(earlier, {"seconds": time.total_seconds()})


@pytest.fixture
def postgresql() -> Iterator[Database]:
    database = Database(postgresql_address())
    yield database
    database.close()


@pytest.fixture(params=["remembered", "counted"])
def counting(request: pytest.FixtureRequest) -> tuple[Attempts, Clock]:
    if request.param == "remembered":
        clock = Clock()
        return RememberedAttempts(lambda: clock.seconds), clock
    database = request.getfixturevalue("postgresql")
    return CountedAttempts(database, "password", WINDOW), Clock(database)


@pytest.fixture
def attempts(counting: tuple[Attempts, Clock]) -> Attempts:
    return counting[0]


@pytest.fixture
def clock(counting: tuple[Attempts, Clock]) -> Clock:
    return counting[1]


def _admitted(throttle: Throttle, attempts: list[tuple[str, str]]) -> int:
    return sum(throttle.admit(address, account) for address, account in attempts)


def test_one_account_from_one_address_has_ten_tries(attempts: Attempts) -> None:
    throttle = Throttle(attempts)

    admitted = _admitted(throttle, [("1.1.1.1", "ada")] * 20)

    assert admitted == MAX_FAILURES_OF_PAIR
    assert throttle.admit("2.2.2.2", "ada")


def test_one_address_can_not_go_through_many_accounts(attempts: Attempts) -> None:
    tried = [("1.1.1.1", f"user{number}") for number in range(100)]

    assert _admitted(Throttle(attempts), tried) == MAX_FAILURES_OF_ADDRESS


def test_many_addresses_can_not_go_on_and_on_at_one_account(attempts: Attempts) -> None:
    tried = [(f"10.0.{number // 250}.{number % 250}", "ada") for number in range(500)]

    assert _admitted(Throttle(attempts), tried) == MAX_FAILURES_OF_ACCOUNT


def test_all_addresses_of_one_ipv6_network_are_one(attempts: Attempts) -> None:
    tried = [(f"2001:db8::{number:x}", "ada") for number in range(100)]

    assert _admitted(Throttle(attempts), tried) == MAX_FAILURES_OF_PAIR


def test_after_the_window_everything_is_forgiven(attempts: Attempts, clock: Clock) -> None:
    throttle = Throttle(attempts)
    _admitted(throttle, [("1.1.1.1", "ada")] * 20)

    clock.passes(WINDOW - timedelta(seconds=30))
    just_before = throttle.admit("1.1.1.1", "ada")
    clock.passes(timedelta(seconds=30))
    after = throttle.admit("1.1.1.1", "ada")

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

    right = throttle.admit("1.1.1.1", "ada")
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
    assert codes.admit("1.1.1.1", "ada")
    two.forgive("1.1.1.1", "ada")
    assert one.admit("1.1.1.1", "ada")


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

    Clock(postgresql).passes(WINDOW)
    throttle.admit("1.1.1.1", "ada")

    with postgresql.read() as connection:
        assert len(connection.execute(failed_attempts.select()).all()) == 3


def test_whoever_is_refused_writes_nothing(postgresql: Database) -> None:
    throttle = Throttle(CountedAttempts(postgresql, "password", WINDOW))
    _admitted(throttle, [("1.1.1.1", "ada")] * MAX_FAILURES_OF_PAIR)
    statements: list[str] = []
    event.listen(
        postgresql.engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )

    admitted = _admitted(throttle, [("1.1.1.1", "ada")] * 5)

    assert admitted == 0
    assert [each.split()[0] for each in statements] == ["SELECT"] * 5


def test_the_database_is_told_no_time_by_an_instance_s_clock(postgresql: Database) -> None:
    throttle = Throttle(CountedAttempts(postgresql, "password", WINDOW))
    given: list[object] = []
    event.listen(
        postgresql.engine,
        "before_cursor_execute",
        lambda *said: given.extend(dict(said[3]).values()),
    )

    throttle.admit("1.1.1.1", "ada")
    throttle.forgive("1.1.1.1", "ada")

    assert WINDOW in given
    assert not [each for each in given if isinstance(each, datetime)]
