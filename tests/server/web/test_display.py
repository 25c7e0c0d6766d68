"""Light, dark and the editor: what one browser has chosen."""

import pytest

from tests.server.web.house import Browser, House

EDITOR = "vscode://file/home/ada/shop/{path}:{line}:{column}"


def test_colours_are_as_chosen(browser: Browser) -> None:
    before = browser.get("/issues").text
    browser.post("/settings/display", data={"theme": "dark", "editor": ""})

    assert '<html lang="en">' in before
    assert 'data-theme="dark"' in browser.get("/issues").text


def test_an_editor_is_kept_and_shown_again(browser: Browser) -> None:
    browser.post("/settings/display", data={"theme": "", "editor": EDITOR})

    assert f'value="{EDITOR}"' in browser.get("/settings/display").text


@pytest.mark.parametrize(
    "editor", ["javascript://%0aalert(1)//{path}", "data://x/{path}", "vscode://file/x", "{path}"]
)
def test_what_is_no_editor_is_said_and_kept(browser: Browser, editor: str) -> None:
    refused = browser.post("/settings/display", data={"theme": "", "editor": editor})

    assert refused.status_code == 422
    assert "An editor&#39;s address looks like" in refused.text
    assert f'value="{editor}"' in refused.text
    assert f'value="{editor}"' not in browser.get("/settings/display").text


def test_keys_are_switched_off_and_on_again(browser: Browser) -> None:
    assert 'data-keys="off"' not in browser.get("/issues").text

    browser.post("/settings/display", data={"theme": "", "editor": ""})
    without = browser.get("/issues").text
    browser.post("/settings/display", data={"theme": "", "editor": "", "keys": "on"})

    assert 'data-keys="off"' in without
    assert 'data-keys="off"' not in browser.get("/issues").text


def test_a_wrong_editor_leaves_the_keys_as_they_were(browser: Browser) -> None:
    refused = browser.post("/settings/display", data={"theme": "", "editor": "x", "keys": "on"})

    assert refused.status_code == 422
    assert 'name="keys" value="on" checked' in refused.text


def test_a_repository_is_the_projects(house: House, browser: Browser) -> None:
    house.project()
    saved = {"name": "Web shop", "repository": "https://github.com/acme/shop"}

    assert browser.post("/projects/web-shop/settings", data=saved).status_code == 303
    assert 'value="https://github.com/acme/shop"' in browser.get("/projects/web-shop/settings").text
    refused = browser.post("/projects/web-shop/settings", data=saved | {"repository": "acme/shop"})
    assert refused.status_code == 422
    assert "A repository is an address such as" in refused.text
