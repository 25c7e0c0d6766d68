"""Settings → API tokens."""

import html
import re
from datetime import UTC, datetime, time, timedelta

import pytest

from headwater.storage.people.roles import Rights, Role
from headwater.storage.people.tokens import MakerMayNot, RevokedToken, Scope
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


def test_a_token_has_a_last_day(house: House, browser: Browser) -> None:
    house.project()
    form = {"name": "CI", "home": "web-shop", "scope": "upload"}
    soon = (datetime.now(UTC) + timedelta(days=30)).date()

    made = browser.post("/settings/tokens", data=form | {"until": soon.isoformat()})
    refused = [
        browser.post("/settings/tokens", data=form | {"until": until})
        for until in ("2001-01-01", "tomorrow", "9999-12-31")
    ]

    (token,) = house.tokens.all()
    assert token.expires_at == datetime.combine(soon + timedelta(days=1), time(), UTC)
    assert f"Its last day is {soon}" in made.text
    assert [answer.status_code for answer in refused] == [422] * 3
    assert 'value="tomorrow"' in refused[1].text
    assert soon.isoformat() in browser.get("/settings/tokens").text


def test_each_sees_their_own_tokens_and_those_of_projects_that_they_lead(house: House) -> None:
    shop, blog = house.project("Web shop"), house.project("Blog")
    bob = house.person("bob@x.org", in_projects={shop.id: Role.ADMIN})
    house.person("vera@x.org", Role.VIEWER)
    now = house.ada.created_at
    for name, home, maker in (
        ("ada's shop", shop.id, house.ada.id),
        ("ada's blog", blog.id, house.ada.id),
        ("ada's all", None, house.ada.id),
        ("bob's blog", blog.id, bob.id),
    ):
        house.tokens.create(name, Scope.UPLOAD, home, maker, now)

    pages = {
        who: html.unescape(house.browser(who).get("/settings/tokens").text)
        for who in ("ada@example.com", "bob@x.org", "vera@x.org")
    }
    seen = {who: re.findall(r"(?:ada|bob)'s (?:shop|blog|all)(?=\n)", pages[who]) for who in pages}

    assert seen["ada@example.com"] == ["bob's blog", "ada's all", "ada's blog", "ada's shop"]
    assert seen["bob@x.org"] == ["bob's blog", "ada's shop"]
    assert seen["vera@x.org"] == []
    assert "you read only" in pages["vera@x.org"]
    assert "You have no token yet" in pages["vera@x.org"]
    assert house.browser("bob@x.org").get("/settings/tokens/2/revoke").status_code == 404
    assert house.browser("bob@x.org").post("/settings/tokens/3/revoke").status_code == 404


def test_a_token_is_made_only_for_what_one_is_a_member_of(house: House) -> None:
    shop, _ = house.project("Web shop"), house.project("Blog")
    house.person("bob@x.org", Role.VIEWER, {shop.id: Role.MEMBER})
    browser = house.browser("bob@x.org")
    form = {"name": "CI", "scope": "full"}

    page = browser.get("/settings/tokens?project=blog").text
    refused = [
        browser.post("/settings/tokens", data=form | {"home": home}).status_code
        for home in ("blog", "*", "nowhere")
    ]
    made = browser.post("/settings/tokens", data=form | {"home": "web-shop"})

    assert '<option value="web-shop" selected>' in page
    assert 'value="blog"' not in page
    assert 'value="*"' not in page
    assert refused == [422] * 3
    assert made.status_code == 201


def test_a_token_of_somebody_who_may_no_more_is_shown_as_refused_and_taken_over(
    house: House, browser: Browser
) -> None:
    shop = house.project()
    bob = house.person("bob@x.org")
    token, secret = house.tokens.create("CI", Scope.UPLOAD, shop.id, bob.id, bob.created_at)
    house.users.change_rights(bob.id, Rights(Role.VIEWER))

    with pytest.raises(MakerMayNot):
        house.tokens.authenticate(secret, bob.created_at)
    listed = browser.get("/settings/tokens")
    browser.post(f"/settings/tokens/{token.id}/take-over")

    assert_harmless(listed)
    assert "Refused: bob@x.org is no member" in listed.text
    assert house.tokens.authenticate(secret, bob.created_at).created_by == house.ada.id
    assert "Refused: bob" not in browser.get("/settings/tokens").text


def test_where_a_token_was_used_from_is_listed(house: House, browser: Browser) -> None:
    _, secret = house.tokens.create("CI", Scope.FULL, None, None, house.ada.created_at)
    house.tokens.authenticate(secret, house.ada.created_at, "192.0.2.7")

    page = browser.get("/settings/tokens").text

    assert "192.0.2.7" in page
    assert "by a command" in page
