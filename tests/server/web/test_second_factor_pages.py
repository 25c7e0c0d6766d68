"""A second factor: set up, asked for at the door, and given up."""

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from headwater.server.web.people.throttle import MAX_FAILURES_OF_PAIR
from headwater.storage.people.second_factors import STEP_SECONDS, SecondFactors
from tests.server.web.house import PASSWORD, Browser, House, assert_harmless

PLACE = "/settings/second-factor"
ADA = {"email": "ada@example.com", "password": PASSWORD}


def code_in(house: House, steps: int = 0) -> str:
    """What Ada's phone shows so many half minutes from now."""
    factor = SecondFactors(house.database).of(house.ada.id)
    assert factor
    moment = datetime.now(UTC) + timedelta(seconds=steps * STEP_SECONDS)
    return pyotp.TOTP(factor.secret).at(moment)


@pytest.fixture
def codes(house: House) -> tuple[str, ...]:
    """Ada has a second factor since yesterday; her recovery codes."""
    factors, yesterday = SecondFactors(house.database), datetime.now(UTC) - timedelta(days=1)
    factors.begin(house.ada.id, yesterday)
    codes = factors.confirm(house.ada.id, code_in(house, -2 * 24 * 60), yesterday)
    assert codes
    return codes


def test_it_is_set_up_with_a_password_and_a_code_and_shows_ten_codes_once(
    house: House, browser: Browser
) -> None:
    offered = browser.get(PLACE)
    refused = browser.post(f"{PLACE}/begin", data={"current": "x"})
    browser.post(f"{PLACE}/begin", data={"current": PASSWORD})
    shown = browser.get(PLACE)
    wrong = browser.post(f"{PLACE}/confirm", data={"code": "12345"})
    other, old = house.browser(), browser.cookies["headwater_session"]
    done = browser.post(f"{PLACE}/confirm", data={"code": code_in(house)})
    after = browser.get(PLACE)

    for page in (offered, shown, wrong, done, after):
        assert_harmless(page)
        assert page.headers["cache-control"] == "no-store"
    assert refused.status_code == wrong.status_code == 422
    assert "<svg" in shown.text
    secret = SecondFactors(house.database).of(house.ada.id)
    assert secret
    assert secret.secret[:4] in shown.text
    assert len(re.findall(r"(?m)^(?:<pre[^>]*>)?(?:\w{4}-){3}\w{4}$", done.text)) == 10
    assert "<svg" not in after.text
    assert secret.secret[:4] not in after.text
    assert other.get("/issues").status_code == 303
    assert browser.cookies["headwater_session"] != old


@pytest.mark.usefixtures("codes")
def test_signing_in_asks_for_the_code_on_a_second_page(house: House) -> None:
    stranger = house.stranger()

    asked = stranger.post("/sign-in", data=ADA | {"next": "/settings/tokens"})
    cookie = asked.headers["set-cookie"].lower()
    between = stranger.get("/issues")
    page = stranger.get(asked.headers["location"])
    wrong = stranger.post("/sign-in/code", data={"code": "12345", "next": "/settings/tokens"})
    entered = stranger.post(
        "/sign-in/code", data={"code": code_in(house), "next": "/settings/tokens"}
    )

    assert asked.headers["location"] == "/sign-in/code?next=/settings/tokens"
    assert "headwater_session=" not in cookie
    for flag in ("httponly", "secure", "samesite=lax", "path=/sign-in"):
        assert flag in cookie
    assert between.status_code == 303
    assert_harmless(page)
    assert 'value="/settings/tokens"' in page.text
    assert wrong.status_code == 422
    assert 'value="/settings/tokens"' in wrong.text
    assert entered.headers["location"] == "/settings/tokens"
    assert stranger.get("/issues").status_code == 200


@pytest.mark.usefixtures("codes")
def test_a_code_that_was_seen_is_good_no_more(house: House) -> None:
    code = code_in(house)
    first, second = house.stranger(), house.stranger()
    for stranger in (first, second):
        stranger.post("/sign-in", data=ADA)

    assert first.post("/sign-in/code", data={"code": code}).status_code == 303
    assert second.post("/sign-in/code", data={"code": code}).status_code == 422


def test_a_recovery_code_lets_in(house: House, codes: tuple[str, ...]) -> None:
    stranger = house.stranger()
    stranger.post("/sign-in", data=ADA)

    entered = stranger.post("/sign-in/code", data={"code": codes[3]})

    assert entered.headers["location"] == "/issues"
    assert "9 of your recovery codes are left" in stranger.get(PLACE).text


@pytest.mark.usefixtures("codes")
def test_codes_are_throttled_and_signing_in_again_does_not_forgive(house: House) -> None:
    stranger = house.stranger()
    for number in range(MAX_FAILURES_OF_PAIR):
        if number % 5 == 0:
            stranger.post("/sign-in", data=ADA)
        stranger.post("/sign-in/code", data={"code": "12345"})

    locked = stranger.post("/sign-in/code", data={"code": code_in(house)})

    assert locked.status_code == 429
    assert "Too many attempts" in locked.text
    assert stranger.get("/issues").status_code == 303


@pytest.mark.usefixtures("codes")
def test_without_the_password_there_is_no_second_page(house: House) -> None:
    stranger = house.stranger()

    asked = stranger.get("/sign-in/code")
    answered = stranger.post("/sign-in/code", data={"code": code_in(house)})

    assert asked.headers["location"] == answered.headers["location"] == "/sign-in"


def test_new_codes_and_doing_without_ask_for_a_code(house: House, codes: tuple[str, ...]) -> None:
    browser = house.browser()
    refused = [browser.post(f"{PLACE}/{what}", data={"code": "1"}) for what in ("codes", "remove")]

    made = browser.post(f"{PLACE}/codes", data={"code": codes[0]})
    old = browser.post(f"{PLACE}/remove", data={"code": codes[1]})
    removed = browser.post(f"{PLACE}/remove", data={"code": code_in(house)})

    assert [answer.status_code for answer in (*refused, old)] == [422] * 3
    assert made.status_code == 201
    assert codes[2] not in made.text
    assert removed.headers["location"] == PLACE
    assert SecondFactors(house.database).of(house.ada.id) is None
    stranger = house.stranger()
    assert stranger.post("/sign-in", data=ADA).headers["location"] == "/issues"
