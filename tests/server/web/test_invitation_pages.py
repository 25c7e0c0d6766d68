"""Invitations: from an administrator's form to an account of one's own."""

import html
import re

import pytest

from headwater.storage.people.roles import Rights, Role
from tests.server.web.house import ORIGIN, Browser, House, assert_harmless

NEW = {"new": "battery staple", "again": "battery staple"}


def link_of(text: str) -> str:
    found = re.search(r'<code id="link">([^<]+)</code>', text)
    assert found
    return html.unescape(found[1])


def invite(browser: Browser, **form: str) -> str:
    made = browser.post(
        "/settings/invitations", data={"email": "bob@x.org", "role": "member"} | form
    )
    assert made.status_code == 201
    assert_harmless(made)
    assert made.headers["cache-control"] == "no-store"
    return link_of(made.text)


def test_the_link_makes_an_account_and_signs_it_in_once(house: House, browser: Browser) -> None:
    link = invite(browser)
    stranger = house.stranger()

    page = stranger.get(link)
    entered = stranger.post(link, data=NEW)
    again = house.stranger().post(link, data=NEW)

    assert link.startswith(f"{ORIGIN}/invitations/")
    assert_harmless(page)
    assert "bob@x.org" in page.text
    assert page.headers["referrer-policy"] == "strict-origin"
    assert entered.headers["location"] == "/issues"
    assert stranger.get("/issues").status_code == 200
    assert again.status_code == 404
    bob = house.users.authenticate("bob@x.org", "battery staple")
    assert bob
    assert bob.rights == Rights(Role.MEMBER)


def test_the_link_is_shown_once_and_pending_ones_are_listed_and_taken_back(
    house: House, browser: Browser
) -> None:
    link = invite(browser)
    listed = browser.get("/settings/members")

    assert_harmless(listed)
    assert link.rpartition("/")[2] not in listed.text
    assert "bob@x.org" in listed.text
    revoked = re.search(r"/settings/invitations/\d+/revoke", listed.text)
    assert revoked
    done = browser.post(revoked[0])
    assert "The invitation is taken back" in browser.get(done.headers["location"]).text
    assert house.stranger().get(link).status_code == 404


def test_who_is_invited_to_some_projects_sees_these(house: House, browser: Browser) -> None:
    shop, blog = house.project("Web shop"), house.project("Blog")
    link = invite(browser, sees="some", role="viewer", **{f"project-{blog.id}": "on"})
    stranger = house.stranger()

    stranger.post(link, data=NEW)

    assert "Blog" in stranger.get("/issues").text
    assert stranger.get(f"/projects/{shop.slug}/issues").status_code == 404


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"email": "nonsense", "role": "member"}, "An e-mail address such as"),
        ({"email": "ada@example.com", "role": "member"}, "There is a user ada@example.com"),
        ({"email": "bob@x.org", "role": "nobody"}, "Choose a role"),
        ({"email": "bob@x.org", "role": "member", "sees": "some"}, "at least one project"),
        (
            {"email": "bob@x.org", "role": "admin", "sees": "some", "project-1": "on"},
            "Owners and admins see all",
        ),
    ],
)
def test_an_invitation_that_makes_no_sense_is_not_made_and_the_form_is_kept(
    house: House, browser: Browser, form: dict[str, str], sentence: str
) -> None:
    house.project()

    refused = browser.post("/settings/invitations", data=form)

    assert refused.status_code == 422
    assert sentence in html.unescape(refused.text)
    assert f'value="{form["email"]}"' in refused.text
    assert "No invitation waits" in refused.text


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"new": "short", "again": "short"}, "at least 8 characters"),
        ({"new": "battery staple", "again": "battery stable"}, "not the same"),
        ({"new": "x" * 1025, "again": "x" * 1025}, "at most 1024"),
        ({}, "at least 8 characters"),
    ],
)
def test_a_password_that_will_not_do_leaves_the_invitation(
    house: House, browser: Browser, form: dict[str, str], sentence: str
) -> None:
    link = invite(browser)

    refused = house.stranger().post(link, data=form)

    assert refused.status_code == 422
    assert sentence in refused.text
    assert house.stranger().post(link, data=NEW).status_code == 303


def test_links_that_never_were_and_that_are_over_read_the_same(
    house: House, browser: Browser
) -> None:
    link = invite(browser)
    house.stranger().post(link, data=NEW)

    used = house.stranger().get(link)
    made_up = house.stranger().get("/invitations/" + "0" * 64)

    assert used.status_code == made_up.status_code == 404
    assert used.text == made_up.text
    assert "bob" not in used.text
