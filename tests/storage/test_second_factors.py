"""Second factors: which code is right, how often, and what is left when the phone is gone."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select

from headwater.storage.database import Database
from headwater.storage.people.roles import Role
from headwater.storage.people.second_factors import RECOVERY_CODES, SecondFactors
from headwater.storage.people.users import Users
from headwater.storage.schema import recovery_codes

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
STEP = timedelta(seconds=30)


@pytest.fixture
def ada(database: Database) -> int:
    return Users(database).create("ada@example.com", "correct horse", Role.OWNER, NOW).id


def code(factors: SecondFactors, ada: int, moment: datetime) -> str:
    """What the phone shows."""
    found = factors.of(ada)
    assert found
    return pyotp.TOTP(found.secret).at(moment)


def confirmed(database: Database, ada: int) -> tuple[SecondFactors, tuple[str, ...]]:
    """A second factor that was confirmed an hour ago."""
    factors = SecondFactors(database)
    factors.begin(ada, NOW)
    before = NOW - timedelta(hours=1)
    codes = factors.confirm(ada, code(factors, ada, before), before)
    assert codes
    return factors, codes


def test_the_codes_are_those_of_the_rfc() -> None:
    """RFC 6238, appendix B, SHA1; six digits are the last six of its eight."""
    totp = pyotp.TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")

    assert [totp.at(second) for second in (59, 1111111109, 20000000000)] == [
        "287082",
        "081804",
        "353130",
    ]


def test_the_phone_names_the_account_and_the_server(database: Database, ada: int) -> None:
    factors = SecondFactors(database)
    factors.begin(ada, NOW)
    factor = factors.of(ada)
    assert factor

    told = pyotp.parse_uri(factor.address("ada@example.com", "errors.example.com"))

    assert (told.name, told.issuer) == ("ada@example.com", "Headwater errors.example.com")
    assert told.secret == factor.secret


def test_nothing_is_asked_for_until_a_code_was_right(database: Database, ada: int) -> None:
    factors = SecondFactors(database)
    factors.begin(ada, NOW)
    right = code(factors, ada, NOW)

    wrong = factors.confirm(ada, "000000" if right != "000000" else "111111", NOW)
    before = factors.is_asked_for(ada)
    codes = factors.confirm(ada, right, NOW)

    assert wrong is None
    assert not before
    assert not factors.takes(ada, right, NOW)
    assert factors.is_asked_for(ada)
    assert len(set(codes or ())) == RECOVERY_CODES
    assert factors.confirmed() == frozenset({ada})


def test_beginning_again_keeps_the_secret_that_the_phone_may_have(
    database: Database, ada: int
) -> None:
    factors = SecondFactors(database)
    factors.begin(ada, NOW)
    first = factors.of(ada)

    factors.begin(ada, NOW)

    assert factors.of(ada) == first


@pytest.mark.parametrize(
    ("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_off_by_half_a_minute(
    database: Database, ada: int, steps: int, *, right: bool
) -> None:
    factors, _ = confirmed(database, ada)

    shown = code(factors, ada, NOW + steps * STEP)

    assert factors.takes(ada, shown, NOW) is right


def test_a_code_is_taken_once_and_none_before_it_afterwards(database: Database, ada: int) -> None:
    factors, _ = confirmed(database, ada)
    earlier, present = code(factors, ada, NOW - STEP), code(factors, ada, NOW)

    assert factors.takes(ada, f" {present[:3]} {present[3:]}", NOW)
    assert not factors.takes(ada, present, NOW)
    assert not factors.takes(ada, earlier, NOW)
    assert factors.takes(ada, code(factors, ada, NOW + STEP), NOW + STEP)


def test_a_recovery_code_lets_in_once_however_it_is_typed(database: Database, ada: int) -> None:
    factors, codes = confirmed(database, ada)

    assert factors.takes(ada, codes[0].upper().replace("-", " "), NOW)
    assert not factors.takes(ada, codes[0], NOW)
    assert factors.takes(ada, codes[1], NOW)
    left = factors.of(ada)
    assert left
    assert left.codes_left == RECOVERY_CODES - 2


def test_new_recovery_codes_end_the_old_ones(database: Database, ada: int) -> None:
    factors, old = confirmed(database, ada)

    new = factors.new_codes(ada)

    assert not factors.takes(ada, old[0], NOW)
    assert factors.takes(ada, new[0], NOW)


def test_recovery_codes_are_nowhere_in_the_database(database: Database, ada: int) -> None:
    _, codes = confirmed(database, ada)

    with database.read() as connection:
        stored = {row.code_hash for row in connection.execute(select(recovery_codes))}

    assert len(stored) == RECOVERY_CODES
    assert not any(part in hashed for hashed in stored for part in codes)


def test_without_one_no_code_is_right_and_removing_leaves_nothing(
    database: Database, ada: int
) -> None:
    factors, codes = confirmed(database, ada)
    present = code(factors, ada, NOW)

    factors.remove(ada)

    assert factors.of(ada) is None
    assert not factors.takes(ada, present, NOW)
    assert not factors.takes(ada, codes[0], NOW)


@pytest.mark.parametrize("nonsense", ["", "1", "é" * 6, "\udcff", "٣٣٣٣٣٣", "0" * 40])
def test_nonsense_is_no_code(database: Database, ada: int, nonsense: str) -> None:
    factors, _ = confirmed(database, ada)

    assert not factors.takes(ada, nonsense, NOW)
