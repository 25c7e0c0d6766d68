"""What stands before every page."""

import re

import pytest
from starlette.routing import Route

from headwater.server.web.form import MAX_FORM
from tests.server.web.house import ORIGIN, Browser, House

OPEN = (
    "/sign-in",
    "/sign-in/code",
    "/invitations/{secret}",
    "/{path:path}",
    "/static/{digest}/{name}",
)


def _routes(house: House) -> list[Route]:
    return [route for route in house.pages.routes() if isinstance(route, Route)]


def test_every_page_but_the_way_in_needs_a_session(house: House) -> None:
    stranger = house.stranger()
    closed = [route for route in _routes(house) if route.path not in OPEN]

    for route in closed:
        method = "POST" if "POST" in (route.methods or ()) else "GET"
        answer = stranger.request(method, re.sub(r"{\w+}", "1", route.path))
        assert answer.status_code == 303, route.path
        assert answer.headers["location"].startswith("/sign-in"), route.path

    assert len(closed) > 10


def test_no_form_is_taken_from_another_site_and_nothing_is_done(house: House) -> None:
    browser = house.browser()
    browser.headers["Origin"] = "https://evil.example"
    forms = [route for route in _routes(house) if "POST" in (route.methods or ())]

    for route in forms:
        path = re.sub(r"{\w+}", "1", route.path)
        assert browser.post(path, data={"name": "x"}).status_code == 403, route.path

    assert len(forms) >= 6
    assert house.projects.all() == ()
    assert house.tokens.all() == ()


def test_a_form_that_does_not_say_where_it_comes_from_is_refused(house: House) -> None:
    browser = house.browser()
    del browser.headers["Origin"]

    refused = browser.post("/projects/new", data={"name": "Shop"})

    assert refused.status_code == 403
    assert "PUBLIC_URL" in refused.text


def test_a_form_over_the_public_address_is_ours_behind_a_proxy_that_hides_it(
    house: House,
) -> None:
    browser = house.browser()
    browser.headers["Host"] = "10.0.0.5:8080"
    browser.headers["Sec-Fetch-Site"] = "same-origin"

    made = browser.post("/projects/new", data={"name": "Shop"})

    assert made.status_code == 303


def test_every_page_says_what_a_browser_may_do_with_it(house: House) -> None:
    for answer in (
        house.stranger().get("/sign-in"),
        house.stranger().get("/issues"),
        house.browser().get("/issues"),
        house.browser().get("/nothing/here"),
        house.browser().post("/projects/new", data={}),
    ):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"


def test_a_page_that_is_not_there_says_so_in_words(browser: Browser) -> None:
    page = browser.get("/nothing/here")

    assert page.status_code == 404
    assert "There is no such page" in page.text
    assert "/nothing/here" in page.text


@pytest.mark.parametrize("origin", [ORIGIN, "https://evil.example"])
def test_a_form_for_a_page_that_is_not_there_is_told_so(house: House, origin: str) -> None:
    for browser in (house.browser(), house.stranger()):
        browser.headers["Origin"] = origin

        page = browser.post("/nothing/here", data={"name": "x"})

        assert page.status_code == 404
        assert "PUBLIC_URL" not in page.text


def test_strangers_do_not_learn_which_projects_there_are(house: House) -> None:
    house.project("Secret plans")

    for path in ("/sign-in", "/nothing", "/projects/secret-plans/issues"):
        assert "Secret" not in house.stranger().get(path).text


def test_a_form_beyond_the_limit_is_refused(browser: Browser) -> None:
    answer = browser.post("/projects/new", data={"name": "x" * MAX_FORM})

    assert answer.status_code == 413
    assert f"{MAX_FORM:,}" in answer.text


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "text/plain"])
def test_a_form_of_another_kind_is_refused(browser: Browser, kind: str) -> None:
    answer = browser.post("/projects/new", content=b"{}", headers={"Content-Type": kind})

    assert answer.status_code == 400


def test_the_start_page_is_the_list_of_issues(browser: Browser) -> None:
    assert browser.get(f"{ORIGIN}/").headers["location"] == "/issues"
