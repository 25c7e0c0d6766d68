"""A project's settings, in the browser."""

import html

import pytest
from msgspec.structs import replace

from headwater.grouping.versions import CURRENT
from headwater.storage.projects import Choices, Project
from tests.server.web.house import Browser, House, assert_harmless

PAGE = "/projects/web-shop/settings"
FORM = {
    "name": "The shop",
    "scrubs_secrets": "on",
    "sensitive_fields": "iban\r\ntax id",
    "events_per_minute": "600",
    "max_events": "",
    "max_age_days": "30",
    "max_artifact_age_days": "60",
    "max_releases": "20",
    "max_artifacts": "5000000000",
}


@pytest.fixture
def shop(house: House) -> Project:
    return house.project()


def _choices(house: House) -> Choices:
    project = house.projects.get("web-shop")
    assert project
    return project.choices


def test_what_is_saved_is_in_force_and_in_the_form(
    house: House, shop: Project, browser: Browser
) -> None:
    saved = browser.post(PAGE, data=FORM)
    page = browser.get(saved.headers["location"])

    assert _choices(house) == replace(
        shop.choices,
        sensitive_fields=("iban", "tax id"),
        events_per_minute=600,
        max_age_days=30,
        max_artifact_age_days=60,
        max_releases=20,
        max_artifacts=5_000_000_000,
    )
    assert_harmless(page)
    assert "Saved." in page.text
    assert 'value="The shop"' in page.text
    assert 'name="scrubs_secrets" value="on" checked' in page.text
    assert "iban\ntax id</textarea>" in page.text
    assert 'name="events_per_minute" value="600"' in page.text
    assert 'name="max_events" value=""' in page.text
    assert "Saved." not in browser.get(PAGE).text


@pytest.mark.usefixtures("shop")
def test_a_box_that_is_not_ticked_switches_scrubbing_off(house: House, browser: Browser) -> None:
    browser.post(PAGE, data={name: value for name, value in FORM.items() if "scrubs" not in name})

    assert not _choices(house).scrubs_secrets
    assert "checked" not in browser.get(PAGE).text


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("name", " ", "A project needs a name."),
        ("events_per_minute", "many", "Events per minute must be a whole number from 1"),
        ("max_events", "0", "Events kept must be a whole number from 1"),
        ("max_age_days", "-3", "Days that events are kept must be a whole number"),
        ("sensitive_fields", "x" * 101, "The name of a field has at most 100 characters"),
    ],
)
def test_what_makes_no_sense_is_not_saved_and_what_was_typed_stays(
    house: House, shop: Project, browser: Browser, field: str, text: str, sentence: str
) -> None:
    refused = browser.post(PAGE, data={**FORM, "name": "New", field: text})
    said = html.unescape(refused.text)

    assert refused.status_code == 422
    assert_harmless(refused)
    assert sentence in said
    assert text in said
    assert 'name="max_age_days" value=' in said
    after = house.projects.get("web-shop")
    assert after == shop


@pytest.mark.usefixtures("shop")
def test_all_that_is_wrong_is_said_at_once(browser: Browser) -> None:
    refused = browser.post(PAGE, data={**FORM, "max_events": "x", "max_age_days": "y"})

    assert "Events kept must" in refused.text
    assert "Days that events are kept must" in refused.text


def test_a_project_of_an_older_grouping_can_move_to_the_newest(
    house: House, shop: Project, browser: Browser
) -> None:
    house.projects.choose(shop.id, Choices(grouping="0", max_events=7))

    before = browser.get(PAGE).text
    browser.post(PAGE, data=FORM)
    kept = _choices(house).grouping
    browser.post(f"{PAGE}/grouping")
    after = browser.get(PAGE).text

    assert f"Move to version {CURRENT.name}" in before
    assert kept == "0"
    assert _choices(house).grouping == CURRENT.name
    assert _choices(house).earlier_grouping == "0"
    assert "Move to version" not in after
    assert "Issues that version 0 made" in after


def test_moving_twice_forgets_nothing(house: House, shop: Project, browser: Browser) -> None:
    house.projects.choose(shop.id, Choices(grouping="0"))
    for _ in range(2):
        browser.post(f"{PAGE}/grouping")

    assert _choices(house).earlier_grouping == "0"


def test_the_form_of_another_site_changes_nothing(
    house: House, shop: Project, browser: Browser
) -> None:
    browser.headers["Origin"] = "https://evil.example"

    assert browser.post(PAGE, data=FORM).status_code == 403
    assert browser.post(f"{PAGE}/grouping").status_code == 403
    assert _choices(house) == shop.choices


def test_a_project_that_is_not_there_has_no_settings(browser: Browser) -> None:
    assert browser.get("/projects/nothing/settings").status_code == 404
    assert browser.post("/projects/nothing/settings", data=FORM).status_code == 404
