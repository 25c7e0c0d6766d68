"""Signing in and out, and what keeps strangers from it."""

import pytest

from headwater.server.web.people.throttle import MAX_FAILURES_OF_PAIR
from tests.server.web.house import PASSWORD, Browser, House

ADA = {"email": "ada@example.com", "password": PASSWORD}


def test_the_right_password_opens_the_page_that_was_asked_for(house: House) -> None:
    stranger = house.stranger()
    house.project()

    turned_away = stranger.get("/projects/web-shop/set-up?x=1")
    asked = stranger.get(turned_away.headers["location"])
    signed_in = stranger.post("/sign-in", data=ADA | {"next": "/projects/web-shop/set-up?x=1"})

    assert turned_away.status_code == 303
    assert 'value="/projects/web-shop/set-up?x=1"' in asked.text
    assert signed_in.headers["location"] == "/projects/web-shop/set-up?x=1"
    assert stranger.get("/projects/web-shop/set-up").status_code == 200


def test_the_cookie_can_only_be_read_by_us_over_https(house: House) -> None:
    cookie = house.stranger().post("/sign-in", data=ADA).headers["set-cookie"].lower()

    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" in cookie
    assert "domain" not in cookie


def test_over_plain_http_the_cookie_does_not_insist_on_https(house: House) -> None:
    cookie = house.stranger("http://localhost:8080").post("/sign-in", data=ADA)

    assert "secure" not in cookie.headers["set-cookie"].lower()


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(house: House) -> None:
    stranger = house.stranger()

    wrong = stranger.post("/sign-in", data={"email": "ada@example.com", "password": "x"})
    unknown = stranger.post("/sign-in", data={"email": "bob@example.com", "password": "x"})

    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace("ada@", "bob@") == unknown.text
    assert "set-cookie" not in wrong.headers


def test_a_failed_attempt_keeps_the_address_and_not_the_password(house: House) -> None:
    page = house.stranger().post(
        "/sign-in", data={"email": "ada@example.com", "password": "hunter2", "next": "/issues/3"}
    )

    assert 'value="ada@example.com"' in page.text
    assert 'value="/issues/3"' in page.text
    assert "hunter2" not in page.text


def test_signing_in_makes_a_new_session_and_ends_the_old_one(house: House) -> None:
    browser = house.browser()
    old = browser.cookies["headwater_session"]

    browser.post("/sign-in", data=ADA)

    assert browser.cookies["headwater_session"] != old
    with_old = house.stranger()
    with_old.cookies.set("headwater_session", old, domain="errors.example.com")
    assert with_old.get("/issues").status_code == 303


def test_signing_out_ends_the_session_for_good(house: House) -> None:
    browser = house.browser()
    secret = browser.cookies["headwater_session"]

    left = browser.post("/sign-out")

    assert left.headers["location"] == "/sign-in"
    again = house.stranger()
    again.cookies.set("headwater_session", secret)
    assert again.get("/issues").headers["location"] == "/sign-in?next=/issues"


def test_after_many_failures_even_the_right_password_must_wait(house: House) -> None:
    stranger = house.stranger()
    for _ in range(MAX_FAILURES_OF_PAIR):
        stranger.post("/sign-in", data={"email": "ada@example.com", "password": "x"})

    locked = stranger.post("/sign-in", data=ADA)

    assert locked.status_code == 429
    assert "Try again in 15 minutes" in locked.text
    assert "set-cookie" not in locked.headers


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "/sign-out"]
)
def test_signing_in_never_leads_elsewhere(house: House, elsewhere: str) -> None:
    signed_in = house.stranger().post("/sign-in", data=ADA | {"next": elsewhere})

    assert signed_in.headers["location"] == "/issues"


def test_who_is_signed_in_need_not_sign_in(browser: Browser) -> None:
    assert browser.get("/sign-in?next=/settings/tokens").headers["location"] == "/settings/tokens"
