"""One's own account: password, address, sessions, in words and in effect."""

import re

import pytest

from headwater.server.web.browser_words import browser_in_words
from headwater.server.web.people.throttle import MAX_FAILURES_OF_PAIR
from headwater.storage.people.roles import Role
from tests.server.web.house import PASSWORD, Browser, House, assert_harmless

PROFILE = "/settings/profile"
CHANGED = {"current": PASSWORD, "new": "battery staple", "again": "battery staple"}


def test_a_new_password_ends_every_other_session_and_rotates_this_one(
    house: House, browser: Browser
) -> None:
    elsewhere, old = house.browser(), browser.cookies["headwater_session"]

    done = browser.post(f"{PROFILE}/password", data=CHANGED)

    assert done.headers["location"] == f"{PROFILE}?saved=password"
    assert "Your password is changed" in browser.get(done.headers["location"]).text
    assert elsewhere.get("/issues").headers["location"].startswith("/sign-in")
    assert browser.cookies["headwater_session"] != old
    assert house.users.authenticate("ada@example.com", "battery staple")
    assert house.users.authenticate("ada@example.com", PASSWORD) is None


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"current": "wrong"}, "not your present password"),
        ({"again": "battery"}, "not the same"),
        ({"new": "short", "again": "short"}, "at least 8 characters"),
    ],
)
def test_a_password_is_not_changed_without_the_present_one_or_for_a_slip(
    house: House, browser: Browser, form: dict[str, str], sentence: str
) -> None:
    refused = browser.post(f"{PROFILE}/password", data=CHANGED | form)

    assert refused.status_code == 422
    assert sentence in refused.text
    assert "battery" not in refused.text
    assert house.users.authenticate("ada@example.com", PASSWORD)


def test_the_present_password_can_not_be_guessed_from_an_open_browser(
    house: House, browser: Browser
) -> None:
    for _ in range(MAX_FAILURES_OF_PAIR):
        browser.post(f"{PROFILE}/password", data=CHANGED | {"current": "x"})

    locked = browser.post(f"{PROFILE}/password", data=CHANGED)

    assert "Too many attempts" in locked.text
    assert house.users.authenticate("ada@example.com", PASSWORD)


def test_another_address_is_the_name_from_now_on(house: House, browser: Browser) -> None:
    form = {"email": "Ada@Lovelace.example", "current": PASSWORD}

    done = browser.post(f"{PROFILE}/email", data=form)

    page = browser.get(done.headers["location"])
    assert_harmless(page)
    assert "ada@lovelace.example" in page.text
    assert house.users.authenticate("ada@lovelace.example", PASSWORD)


def test_an_address_that_is_taken_is_not_told_to_be(house: House, browser: Browser) -> None:
    house.person("bob@x.org")

    taken = browser.post(f"{PROFILE}/email", data={"email": "bob@x.org", "current": PASSWORD})
    wrong = browser.post(f"{PROFILE}/email", data={"email": "new@x.org", "current": "x"})

    assert taken.status_code == wrong.status_code == 422
    assert "can&#39;t be used here" in taken.text
    assert "already" not in taken.text
    assert 'value="new@x.org"' in wrong.text
    assert house.users.by_email("ada@example.com")


def test_sessions_are_listed_in_words_and_end_one_by_one(house: House, browser: Browser) -> None:
    elsewhere = house.browser()
    elsewhere.headers["User-Agent"] = (
        "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"
    )
    stranger = house.stranger()
    stranger.headers["User-Agent"] = elsewhere.headers["User-Agent"]
    stranger.post("/sign-in", data={"email": "ada@example.com", "password": PASSWORD})
    house.person("bob@x.org")
    bobs = house.browser("bob@x.org")

    page = browser.get(PROFILE)
    names = re.findall(r"/sessions/([0-9a-f]{16})/end", page.text)

    assert_harmless(page)
    assert len(names) == 3
    assert "Firefox 133 on Linux" in page.text
    assert "127.0.0.1" in page.text
    assert browser.cookies["headwater_session"] not in page.text
    (theirs,) = re.findall(r"/sessions/([0-9a-f]{16})/end", stranger.get(PROFILE).text)[:1]
    bobs.post(f"{PROFILE}/sessions/{theirs}/end")
    assert stranger.get("/issues").status_code == 200
    for name in names:
        browser.post(f"{PROFILE}/sessions/{name}/end")
    assert stranger.get("/issues").status_code == 303


def test_everywhere_is_here_too(house: House, browser: Browser) -> None:
    elsewhere = house.browser()

    left = browser.post(f"{PROFILE}/sessions/end")

    assert left.headers["location"] == "/sign-in"
    assert elsewhere.get("/issues").headers["location"].startswith("/sign-in")
    assert house.browser().get("/issues").status_code == 200


def test_the_profile_is_everybodys(house: House) -> None:
    house.person("vera@x.org", Role.VIEWER, all_projects=False)

    page = house.browser("vera@x.org").get(PROFILE)

    assert page.status_code == 200
    assert "Members" not in page.text


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
                " Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"
            ),
            "Edge 131 on Windows",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML,"
                " like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
            ),
            "Safari 18 on iPhone",
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko)"
                " Chrome/131.0.6778.39 Mobile Safari/537.36"
            ),
            "Chrome 131 on Android",
        ),
        ("curl/8.5.0", "curl 8"),
        ("Mozilla/5.0 (Macintosh)", "A browser on macOS"),
        ("", "An unknown browser"),
        ("<script>", "An unknown browser"),
    ],
)
def test_a_browser_is_told_in_words(user_agent: str, words: str) -> None:
    assert browser_in_words(user_agent) == words
