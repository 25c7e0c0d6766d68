"""How often a password may be tried."""

from datetime import UTC, datetime, timedelta

from headwater.server.web.people.throttle import (
    MAX_COUNTED,
    MAX_FAILURES_OF_ACCOUNT,
    MAX_FAILURES_OF_ADDRESS,
    MAX_FAILURES_OF_PAIR,
    WINDOW,
    Throttle,
)

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def _admitted(throttle: Throttle, attempts: list[tuple[str, str]], now: datetime = NOW) -> int:
    return sum(throttle.admit(address, account, now) for address, account in attempts)


def test_one_account_from_one_address_has_ten_tries() -> None:
    throttle = Throttle()

    admitted = _admitted(throttle, [("1.1.1.1", "ada")] * 20)

    assert admitted == MAX_FAILURES_OF_PAIR
    assert throttle.admit("2.2.2.2", "ada", NOW)


def test_one_address_can_not_go_through_many_accounts() -> None:
    attempts = [("1.1.1.1", f"user{number}") for number in range(100)]

    assert _admitted(Throttle(), attempts) == MAX_FAILURES_OF_ADDRESS


def test_many_addresses_can_not_go_on_and_on_at_one_account() -> None:
    attempts = [(f"10.0.{number // 250}.{number % 250}", "ada") for number in range(500)]

    assert _admitted(Throttle(), attempts) == MAX_FAILURES_OF_ACCOUNT


def test_all_addresses_of_one_ipv6_network_are_one() -> None:
    attempts = [(f"2001:db8::{number:x}", "ada") for number in range(100)]

    assert _admitted(Throttle(), attempts) == MAX_FAILURES_OF_PAIR


def test_after_the_window_everything_is_forgiven() -> None:
    throttle = Throttle()
    _admitted(throttle, [("1.1.1.1", "ada")] * 20)

    just_before = throttle.admit("1.1.1.1", "ada", NOW + WINDOW - timedelta(seconds=1))
    after = throttle.admit("1.1.1.1", "ada", NOW + WINDOW)

    assert (just_before, after) == (False, True)


def test_a_right_password_forgives_the_slips_before_it() -> None:
    throttle = Throttle()

    admitted = 0
    for _ in range(3):
        admitted += _admitted(throttle, [("1.1.1.1", "ada")] * MAX_FAILURES_OF_PAIR)
        throttle.forgive("1.1.1.1", "ada")

    assert admitted == 3 * MAX_FAILURES_OF_PAIR


def test_a_right_password_does_not_forgive_what_else_the_address_tried() -> None:
    throttle = Throttle()
    others = [("1.1.1.1", f"user{number}") for number in range(MAX_FAILURES_OF_ADDRESS - 1)]
    _admitted(throttle, others)

    right = throttle.admit("1.1.1.1", "ada", NOW)
    throttle.forgive("1.1.1.1", "ada")

    assert right
    assert _admitted(throttle, [("1.1.1.1", "bob"), ("1.1.1.1", "eve")]) == 1


def test_what_is_counted_is_bounded() -> None:
    throttle = Throttle()

    _admitted(throttle, [(f"host{number}", f"user{number}") for number in range(MAX_COUNTED)])

    assert throttle.counted <= MAX_COUNTED
