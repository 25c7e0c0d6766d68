"""Settings → API tokens."""

import html
import re

import pytest

from headwater.storage.tokens import RevokedToken, Scope
from tests.server.web.house import Browser, House, assert_harmless


def _secret(text: str) -> str:
    found = re.search(r'<code id="secret">([0-9a-f]{64})</code>', text)
    assert found
    return found[1]


def test_a_token_is_shown_once_and_works(house: House, browser: Browser) -> None:
    project = house.project()
    now = project.created_at

    made = browser.post(
        "/settings/tokens", data={"name": "CI", "home": "web-shop", "scope": "upload"}
    )
    secret = _secret(made.text)
    token = house.tokens.authenticate(secret, now)

    assert (token.name, token.project_id, token.scope) == ("CI", project.id, Scope.UPLOAD)
    assert token.created_by == house.ada.id
    assert made.headers["cache-control"] == "no-store"
    later = browser.get("/settings/tokens").text
    assert secret not in later
    assert f"{secret[:8]}…" in later


def test_the_snippets_beside_a_new_token_hold_everything(house: House, browser: Browser) -> None:
    house.project()

    made = browser.post(
        "/settings/tokens", data={"name": "CI", "home": "web-shop", "scope": "upload"}
    )
    text = re.sub(r"<[^>]+>", "", html.unescape(made.text))

    secret = _secret(made.text)
    assert text.count(f"authToken: '{secret}'") == 3
    assert f"SENTRY_AUTH_TOKEN='{secret}'" in text
    assert text.count("project: 'web-shop'") == 3
    assert text.count("rl: 'https://errors.example.com'") == 3
    assert_harmless(made)


def test_of_several_projects_none_is_what_a_token_is_good_for_unless_told(
    house: House, browser: Browser
) -> None:
    house.project("Alpha")
    alone = browser.get("/settings/tokens").text
    house.project("Beta")

    plain = browser.get("/settings/tokens").text
    from_beta = browser.get("/settings/tokens?project=beta").text

    assert '<option value="alpha" selected>' in alone
    assert '<option value="">' not in alone
    assert '<option value="" selected>Choose…' in plain
    assert '<option value="alpha">' in plain
    assert '<option value="beta" selected>' in from_beta
    assert '<option value="" selected>' not in from_beta


def test_a_token_for_nothing_that_was_chosen_says_what_is_missing(
    house: House, browser: Browser
) -> None:
    house.project("Alpha")
    house.project("Beta")

    refused = browser.post("/settings/tokens", data={"name": "CI", "home": "", "scope": "upload"})

    assert refused.status_code == 422
    assert "Choose what the token is good for" in refused.text
    assert 'value="CI"' in refused.text
    assert '<option value="" selected>Choose…' in refused.text
    assert house.tokens.all() == ()


def test_without_a_project_a_token_is_for_the_instance(house: House, browser: Browser) -> None:
    made = browser.post("/settings/tokens", data={"name": "All", "home": "*", "scope": "full"})

    token = house.tokens.authenticate(_secret(made.text), house.ada.created_at)
    assert (token.project_id, token.scope) == (None, Scope.FULL)


@pytest.mark.parametrize(
    "form",
    [
        {"name": "", "home": "*", "scope": "upload"},
        {"name": "x" * 201, "home": "*", "scope": "upload"},
        {"name": "CI", "home": "nothing", "scope": "upload"},
        {"name": "CI", "home": "*", "scope": "god"},
        {"name": "CI", "home": "*"},
        {"name": "CI", "scope": "upload"},
        {},
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(
    house: House, browser: Browser, form: dict[str, str]
) -> None:
    refused = browser.post("/settings/tokens", data=form)

    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert house.tokens.all() == ()


def test_revoking_asks_first_and_then_is_final(house: House, browser: Browser) -> None:
    token, secret = house.tokens.create("Old CI", Scope.UPLOAD, None, None, house.ada.created_at)

    asked = browser.get(f"/settings/tokens/{token.id}/revoke")
    still_good = house.tokens.authenticate(secret, house.ada.created_at)
    done = browser.post(f"/settings/tokens/{token.id}/revoke")

    assert "Revoke Old CI" in asked.text
    assert still_good.id == token.id
    assert done.headers["location"] == "/settings/tokens"
    with pytest.raises(RevokedToken):
        house.tokens.authenticate(secret, house.ada.created_at)
    assert "1 revoked" in browser.get("/settings/tokens").text


@pytest.mark.parametrize("token", ["1", "x", "-1", "9" * 30])
def test_a_token_that_is_not_there_can_not_be_revoked(browser: Browser, token: str) -> None:
    assert browser.get(f"/settings/tokens/{token}/revoke").status_code == 404
    assert browser.post(f"/settings/tokens/{token}/revoke").status_code == 404


def test_a_name_of_markup_is_only_text(house: House, browser: Browser) -> None:
    house.tokens.create("<img src=x onerror=1>", Scope.FULL, None, None, house.ada.created_at)

    page = browser.get("/settings/tokens")

    assert_harmless(page)
    assert "&lt;img src=x" in page.text
