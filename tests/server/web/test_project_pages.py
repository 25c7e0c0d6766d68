"""Making a project, and setting it up."""

import html
import re

import pytest

from tests.server.web.house import Browser, House, assert_harmless


def test_a_new_project_leads_to_its_set_up(house: House, browser: Browser) -> None:
    made = browser.post("/projects/new", data={"name": "Web Shop", "platform": "node"})

    (project,) = house.projects.all()
    assert made.headers["location"] == "/projects/web-shop/set-up"
    assert (project.name, project.platform) == ("Web Shop", "node")


def test_a_refused_project_keeps_what_was_typed(house: House, browser: Browser) -> None:
    refused = browser.post("/projects/new", data={"name": "x" * 201, "platform": "python"})

    assert refused.status_code == 422
    assert "x" * 201 in refused.text
    assert '<option value="python" selected>' in refused.text
    assert "at most 200 characters" in refused.text
    assert house.projects.all() == ()


def test_a_platform_that_is_not_offered_is_none(house: House, browser: Browser) -> None:
    browser.post("/projects/new", data={"name": "Shop", "platform": "<script>"})

    assert house.projects.all()[0].platform is None


def test_the_set_up_has_the_dsn_of_the_address_that_was_used(
    house: House, browser: Browser
) -> None:
    project = house.project()

    page = browser.get("/projects/web-shop/set-up")
    text = html.unescape(re.sub(r"</?span[^>]*>", "", page.text))

    dsn = f"https://{project.public_key}@errors.example.com/{project.id}"
    assert f'<code id="dsn">{dsn}</code>' in text
    assert text.count(f"'{dsn}'") == 5
    assert_harmless(page)


def test_the_set_up_prefers_the_public_address(house: House) -> None:
    public = House(
        house.database, House.pages_of(house.database, "https://public.example"), house.ada
    )
    project = house.project()

    text = public.browser().get("/projects/web-shop/set-up").text

    assert f"https://{project.public_key}@public.example/{project.id}" in text
    assert "errors.example.com" not in text


def test_the_set_up_opens_at_the_projects_platform(house: House, browser: Browser) -> None:
    house.project("Shop", "javascript-nextjs")

    text = browser.get("/projects/shop/set-up").text

    assert '<details name="sdk" open>\n<summary>Next.js, server' in text
    assert '<details name="build" open>\n<summary>Next.js' in text
    assert text.count(" open>") == 2


def test_python_has_nothing_to_upload(house: House, browser: Browser) -> None:
    house.project("Billing", "python")

    text = browser.get("/projects/billing/set-up").text

    assert "Upload source maps" not in text
    assert "sentry_sdk.init" in text


def test_a_project_that_is_not_there_is_named(browser: Browser) -> None:
    page = browser.get("/projects/nothing/set-up")

    assert page.status_code == 404
    assert "There is no project &#39;nothing&#39;" in page.text


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_a_name_of_markup_is_only_text(browser: Browser, name: str) -> None:
    made = browser.post("/projects/new", data={"name": name})

    assert_harmless(browser.get(made.headers["location"]))
    assert_harmless(browser.get("/issues"))
