"""Settings → Members, and a project's members: who may give what to whom."""

import pytest

from headwater.storage.people.roles import Rights, Role
from headwater.storage.people.second_factors import SecondFactors
from headwater.storage.people.tokens import RevokedToken, Scope
from tests.server.web.house import Browser, House, assert_harmless

MEMBERS = "/settings/members"


def rights_of(house: House, email: str) -> Rights:
    user = house.users.by_email(email)
    assert user
    return user.rights


def test_everybody_is_listed_with_what_they_may(house: House, browser: Browser) -> None:
    shop = house.project("Web shop")
    house.project("Blog")
    house.person("bob@x.org", Role.VIEWER, {shop.id: Role.ADMIN}, all_projects=False)

    page = browser.get(MEMBERS)

    assert_harmless(page)
    assert page.text.index("ada@example.com") < page.text.index("bob@x.org")
    assert "1 of 2" in page.text
    assert "No invitation waits" in page.text


def test_a_role_and_projects_are_given_and_the_sessions_end(house: House, browser: Browser) -> None:
    shop, blog = house.project("Web shop"), house.project("Blog")
    bob = house.person("bob@x.org")
    theirs = house.browser("bob@x.org")
    form = {"role": "viewer", "sees": "some", f"role-{blog.id}": "member"}

    done = browser.post(f"{MEMBERS}/{bob.id}", data=form)
    page = browser.get(done.headers["location"])

    assert_harmless(page)
    assert "Saved." in page.text
    assert rights_of(house, "bob@x.org") == Rights(
        Role.VIEWER, all_projects=False, in_projects={blog.id: Role.MEMBER}
    )
    assert theirs.get("/issues").headers["location"].startswith("/sign-in")
    assert house.browser("bob@x.org").get("/projects/blog/issues").status_code == 200
    assert house.browser("bob@x.org").get(f"/projects/{shop.slug}/issues").status_code == 404


def test_nothing_changed_leaves_everybody_signed_in(house: House, browser: Browser) -> None:
    bob = house.person("bob@x.org")
    theirs = house.browser("bob@x.org")

    browser.post(f"{MEMBERS}/{bob.id}", data={"role": "member", "sees": "all"})

    assert theirs.get("/issues").status_code == 200


def test_ones_own_rights_go_on_in_a_new_session(house: House, browser: Browser) -> None:
    house.person("olga@x.org", Role.OWNER)
    old = browser.cookies["headwater_session"]

    browser.post(f"{MEMBERS}/{house.ada.id}", data={"role": "member", "sees": "all"})

    assert browser.cookies["headwater_session"] != old
    assert browser.get("/issues").status_code == 200
    assert browser.get(MEMBERS).status_code == 403


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"role": "god"}, "Choose a role"),
        ({}, "Choose a role"),
        ({"role": "viewer", "role-1": "owner"}, "In a project somebody is"),
    ],
)
def test_rights_that_make_no_sense_are_refused_and_the_form_is_kept(
    house: House, browser: Browser, form: dict[str, str], sentence: str
) -> None:
    house.project()
    bob = house.person("bob@x.org")

    refused = browser.post(f"{MEMBERS}/{bob.id}", data=form | {"sees": "some"})

    assert refused.status_code == 422
    assert sentence in refused.text
    assert 'value="some" checked' in refused.text
    assert rights_of(house, "bob@x.org") == Rights(Role.MEMBER)


def test_the_last_owner_stays(house: House, browser: Browser) -> None:
    lowered = browser.post(f"{MEMBERS}/{house.ada.id}", data={"role": "admin"})
    removed = browser.post(f"{MEMBERS}/{house.ada.id}/remove")

    assert lowered.status_code == removed.status_code == 422
    assert "The last owner stays one" in lowered.text
    assert "The last owner stays one" in removed.text
    assert rights_of(house, "ada@example.com").role is Role.OWNER


def test_an_admin_does_nothing_to_an_owner_and_makes_none(house: House) -> None:
    house.person("adam@x.org", Role.ADMIN)
    bob = house.person("bob@x.org")
    admin = house.browser("adam@x.org")

    page = admin.get(f"{MEMBERS}/{house.ada.id}")
    answers = [
        admin.post(f"{MEMBERS}/{house.ada.id}", data={"role": "viewer"}),
        admin.post(f"{MEMBERS}/{house.ada.id}/remove"),
        admin.get(f"{MEMBERS}/{house.ada.id}/remove"),
        admin.post(f"{MEMBERS}/{house.ada.id}/reset-second-factor"),
    ]
    raised = admin.post(f"{MEMBERS}/{bob.id}", data={"role": "owner"})
    invited = admin.post("/settings/invitations", data={"email": "x@x.org", "role": "owner"})

    assert "Only an owner can change" in page.text
    assert "<select" not in page.text.split("<main")[1]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert raised.status_code == invited.status_code == 422
    assert "Only an owner can make" in raised.text
    assert 'value="x@x.org"' in invited.text
    assert rights_of(house, "bob@x.org").role is Role.MEMBER


def test_removing_says_which_tokens_go_and_takes_them(house: House, browser: Browser) -> None:
    shop = house.project()
    bob = house.person("bob@x.org")
    theirs = house.browser("bob@x.org")
    _, secret = house.tokens.create("Nightly", Scope.UPLOAD, shop.id, bob.id, bob.created_at)

    asked = browser.get(f"{MEMBERS}/{bob.id}/remove")
    done = browser.post(f"{MEMBERS}/{bob.id}/remove")

    assert_harmless(asked)
    assert "Nightly" in asked.text
    assert "The member is removed" in browser.get(done.headers["location"]).text
    assert theirs.get("/issues").headers["location"].startswith("/sign-in")
    with pytest.raises(RevokedToken):
        house.tokens.authenticate(secret, bob.created_at)
    assert browser.get(f"{MEMBERS}/{bob.id}").status_code == 404


def test_an_admin_takes_a_members_second_factor_away_and_not_their_own(
    house: House, browser: Browser
) -> None:
    factors = SecondFactors(house.database)
    bob = house.person("bob@x.org")
    for user in (bob, house.ada):
        factors.begin(user.id, user.created_at)

    done = browser.post(f"{MEMBERS}/{bob.id}/reset-second-factor")
    own = browser.post(f"{MEMBERS}/{house.ada.id}/reset-second-factor")

    assert "Their second factor is gone" in browser.get(done.headers["location"]).text
    assert factors.of(bob.id) is None
    assert own.headers["location"] == "/settings/second-factor"
    assert factors.of(house.ada.id) is not None


def test_many_projects_fit_the_form(house: House, browser: Browser) -> None:
    projects = [house.project(f"Project {number}") for number in range(60)]
    bob = house.person("bob@x.org")
    form = {f"role-{each.id}": "viewer" for each in projects}

    browser.post(f"{MEMBERS}/{bob.id}", data=form | {"role": "member", "sees": "some"})

    assert len(rights_of(house, "bob@x.org").in_projects) == 60


def test_who_leads_a_project_gives_roles_in_it_to_those_who_see_it(house: House) -> None:
    shop, blog = house.project("Web shop"), house.project("Blog")
    lena = house.person("lena@x.org", Role.VIEWER, {shop.id: Role.ADMIN})
    bob = house.person("bob@x.org")
    hidden = house.person("hidden@x.org", Role.MEMBER, {blog.id: Role.VIEWER}, all_projects=False)
    browser, place = house.browser("lena@x.org"), "/projects/web-shop/members"

    page = browser.get(place)
    done = browser.post(place, data={"member": str(bob.id), "role": "viewer"})
    refused = [
        browser.post(place, data={"member": str(who), "role": "admin"})
        for who in (hidden.id, house.ada.id, 999)
    ]
    too_much = browser.post(place, data={"member": str(bob.id), "role": "owner"})

    assert_harmless(page)
    assert "bob@x.org" in page.text
    assert "hidden@x.org" not in page.text
    assert "Saved." in browser.get(done.headers["location"]).text
    assert rights_of(house, "bob@x.org").in_projects == {shop.id: Role.VIEWER}
    assert [answer.status_code for answer in refused] == [422] * 3
    assert too_much.status_code == 422
    assert browser.get("/projects/blog/members").status_code == 403
    assert lena.rights.role is Role.VIEWER


def test_an_admin_gives_a_project_to_somebody_who_does_not_see_it(
    house: House, browser: Browser
) -> None:
    shop = house.project("Web shop")
    bob = house.person("bob@x.org", all_projects=False)
    place = "/projects/web-shop/members"
    before = house.browser("bob@x.org").get("/issues")

    browser.post(place, data={"member": str(bob.id), "role": "member"})

    assert "You see no project yet" in before.text
    assert rights_of(house, "bob@x.org").projects == frozenset({shop.id})
    assert "Web shop" in house.browser("bob@x.org").get("/issues").text
    browser.post(place, data={"member": str(bob.id), "role": ""})
    assert rights_of(house, "bob@x.org").projects == frozenset()
