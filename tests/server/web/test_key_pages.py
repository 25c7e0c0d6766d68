"""A project's DSNs: copied, replaced, deleted."""

import html
import re
from datetime import UTC, datetime

import pytest

from headwater.storage.project_keys import MAX_KEYS, ProjectKeys
from headwater.storage.projects import Project
from tests.server.web.house import Browser, House, assert_harmless

PAGE = "/projects/web-shop/keys"


@pytest.fixture
def shop(house: House) -> Project:
    return house.project()


def dsns(browser: Browser) -> list[str]:
    """Those on the page, as they are copied."""
    page = browser.get(PAGE)
    assert_harmless(page)
    return [html.unescape(each) for each in re.findall(r'id="dsn-\d+">([^<]+)<', page.text)]


def test_a_dsn_is_replaced_by_making_another_and_deleting_the_first(
    house: House, shop: Project, browser: Browser
) -> None:
    (first,) = dsns(browser)

    browser.post(PAGE)
    second, still = dsns(browser)
    old = ProjectKeys(house.database).of(shop.id)[1]
    sure = browser.get(f"{PAGE}/{old.id}/delete")
    deleted = browser.post(f"{PAGE}/{old.id}/delete")

    assert first == still == f"https://{shop.public_key}@errors.example.com/{shop.id}"
    assert first in html.unescape(sure.text)
    assert deleted.headers["location"] == PAGE
    assert dsns(browser) == [second]
    assert house.projects.by_public_key(shop.public_key) is None
    assert second in html.unescape(browser.get("/projects/web-shop/set-up").text)


def test_the_newest_dsn_is_the_one_that_is_told(
    house: House, shop: Project, browser: Browser
) -> None:
    browser.post(PAGE)

    newest = ProjectKeys(house.database).of(shop.id)[0]
    told = house.projects.get("web-shop")

    assert told
    assert told.public_key == newest.public_key != shop.public_key
    assert house.projects.by_public_key(shop.public_key)


def test_the_only_dsn_stays(house: House, shop: Project, browser: Browser) -> None:
    only = ProjectKeys(house.database).of(shop.id)[0]

    refused = browser.post(f"{PAGE}/{only.id}/delete")

    assert refused.status_code == 422
    assert "only key" in refused.text
    assert len(dsns(browser)) == 1


def test_a_key_of_another_project_is_not_deleted_from_here(
    house: House, shop: Project, browser: Browser
) -> None:
    other = house.project("Other")
    foreign = house.second_key(other)
    browser.post(PAGE)

    assert browser.post(f"{PAGE}/{foreign}/delete").status_code == 404
    assert len(ProjectKeys(house.database).of(other.id)) == 2
    assert len(ProjectKeys(house.database).of(shop.id)) == 2


def test_beyond_the_most_there_may_be_a_sentence_says_so(
    house: House, shop: Project, browser: Browser
) -> None:
    keys = ProjectKeys(house.database)
    for _ in range(MAX_KEYS - 1):
        keys.add(shop.id, datetime.now(UTC))

    refused = browser.post(PAGE)

    assert refused.status_code == 422
    assert f"at most {MAX_KEYS} keys" in refused.text
    assert len(keys.of(shop.id)) == MAX_KEYS
