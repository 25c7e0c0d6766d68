"""A project is deleted by its pages, and is on none of them from then on."""

import html
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from headwater.server.web.permissions import RULES
from headwater.storage.deleted_projects import DeletedProjects
from headwater.storage.examinations import Examinations
from headwater.storage.people.roles import Role
from headwater.storage.people.tokens import Scope, UnknownToken
from headwater.storage.schema import issues
from tests.released import Released, debug_id
from tests.server.web.filled import fill
from tests.server.web.house import Browser, House, assert_harmless

PLACE = "/projects/web-shop/delete"


def test_a_look_at_what_goes_tells_it_in_numbers(house: House, browser: Browser) -> None:
    shop = house.project()
    house.project("Other")
    issue, _ = house.store(shop, {})
    for _ in range(1_200):
        house.store(shop, {}, issue=issue)
    house.bury(shop, b"{}\n", "ValueError: no")
    house.tokens.create("CI", Scope.UPLOAD, shop.id, house.ada.id, datetime.now(UTC))
    house.second_key(shop)

    page = browser.get(PLACE)

    assert_harmless(page)
    told = re.findall(r"<li>([^<]+)</li>", page.text.partition('id="going"')[2])
    assert told == ["1 issue", "1,201 stored events", "1 dead letter", "2 DSNs", "1 API token"]
    assert "can't be undone" in html.unescape(page.text)


def test_the_settings_lead_there(house: House, browser: Browser) -> None:
    house.project()

    assert PLACE in browser.get("/projects/web-shop/settings").text


def test_a_member_is_not_led_there(house: House) -> None:
    house.project()
    house.person("bob@example.com", Role.MEMBER)

    assert PLACE not in house.browser("bob@example.com").get("/projects/web-shop/settings").text


@pytest.mark.parametrize("typed", ["", "web-shop", "web shop", "Web  shops"])
def test_what_is_not_its_name_deletes_nothing_and_stays_in_the_form(
    house: House, browser: Browser, typed: str
) -> None:
    house.project()

    refused = browser.post(PLACE, data={"name": typed})

    assert refused.status_code == 422
    assert_harmless(refused)
    assert "so nothing was deleted" in refused.text
    assert f'value="{typed}"' in refused.text
    assert house.projects.get("web-shop")


def test_its_name_deletes_it_and_the_next_page_says_so(house: House, browser: Browser) -> None:
    house.project()

    deleted = browser.post(PLACE, data={"name": " Web  shop "})
    page = browser.get("/issues")

    assert (deleted.status_code, deleted.headers["location"]) == (303, "/issues")
    assert "Deleted the project" in page.text
    assert "Web shop" not in page.text
    assert browser.get(PLACE).status_code == browser.post(PLACE).status_code == 404


def test_another_of_its_name_is_made_at_once_and_is_empty(house: House, browser: Browser) -> None:
    house.store(house.project(), {}, title="Error: of the first")
    browser.post(PLACE, data={"name": "Web shop"})

    made = browser.post("/projects/new", data={"name": "Web shop", "platform": "node"})

    assert made.headers["location"] == "/projects/web-shop/set-up"
    assert "of the first" not in browser.get("/projects/web-shop/issues").text


def test_the_doctor_s_own_is_nobody_s_to_delete(house: House, browser: Browser) -> None:
    project = Examinations(house.database).begin(datetime.now(UTC)).project

    answer = browser.post(f"/projects/{project.id}/delete", data={"name": project.name})

    assert answer.status_code == 404
    assert house.projects.by_public_key(project.public_key)


@pytest.fixture
def names(house: House) -> dict[str, str]:
    """Of what is in the project that is deleted: `Shop 0`, beside two others."""
    return fill(house, 3)


PAGES = sorted(route.removeprefix("GET ") for route in RULES if route.startswith("GET "))
OF_ONE = ("{project}", "{issue}", "{event}", "{bundle}", "{letter}")
"""What addresses name that is of a project."""
OF_NOBODY = ("{secret}", "sign-in", "{path")


def test_it_is_on_no_page_from_then_on(
    house: House, browser: Browser, names: dict[str, str]
) -> None:
    every = [path for path in PAGES if not any(each in path for each in OF_NOBODY)]
    shown = {path: browser.get(_address(path, names)) for path in every}
    was_named = {path for path, page in shown.items() if _names_it(page.text)}
    assert all(page.status_code < 400 for path, page in shown.items() if "{source}" not in path)

    DeletedProjects(house.database).delete(1, datetime.now(UTC))

    still = []
    for path in every:
        page = browser.get(_address(path, names))
        is_gone = page.status_code == 404
        if any(each in path for each in OF_ONE) and not is_gone:
            still.append(f"{path} is there")
        if not is_gone and _names_it(page.text):
            still.append(f"{path} names it")
    assert still == []
    lists = {"/issues", "/releases", "/dead-letters", "/settings/tokens", "/alerts", "/palette"}
    assert lists - {"/palette"} <= was_named


def test_nothing_is_done_about_what_was_in_it(
    house: House, browser: Browser, names: dict[str, str]
) -> None:
    DeletedProjects(house.database).delete(1, datetime.now(UTC))
    chosen = {f"issue-{names['issue']}": "on", "state": "resolved", "sure": "yes"}
    before = _issue(house, names)

    for path in ("/issues/decide", "/issues/delete", "/issues/assign"):
        browser.post(path, data=chosen)
    for path in ("/bundles/{bundle}/delete", "/dead-letters/{letter}/retry"):
        assert browser.post(_address(path, names)).status_code == 404

    assert _issue(house, names) == before
    assert browser.get("/palette?q=Error").text.count("of shop") == 0


def test_what_is_chosen_is_done_while_the_project_is_there(
    house: House, browser: Browser, names: dict[str, str]
) -> None:
    chosen = {f"issue-{names['issue']}": "on", "state": "resolved", "sure": "yes"}
    before = _issue(house, names)

    browser.post("/issues/decide", data=chosen)

    assert _issue(house, names) != before


def test_what_only_it_sent_or_uploaded_is_in_no_list_of_releases(
    house: House, browser: Browser
) -> None:
    shop, released = house.project(), Released(house.database)
    released.see(shop.id, "seen@1", {"/app.js": 1})
    released.upload(shop.id, "uploaded@1", {"~/other.js": 2})
    before = browser.get("/releases").text

    DeletedProjects(house.database).delete(shop.id, datetime.now(UTC))

    after = browser.get("/releases").text
    for version in ("seen@1", "uploaded@1"):
        assert version in before
        assert version not in after
        assert browser.get(f"/releases/{version}").status_code == 404
    assert browser.get(f"/uploads?q={debug_id(1)}").text.count("seen@1") == 0


def test_its_tokens_are_unknown(house: House) -> None:
    shop = house.project()
    _, secret = house.tokens.create("CI", Scope.FULL, shop.id, house.ada.id, datetime.now(UTC))

    DeletedProjects(house.database).delete(shop.id, datetime.now(UTC))

    assert house.tokens.all() == ()
    with pytest.raises(UnknownToken):
        house.tokens.authenticate(secret, datetime.now(UTC))


def _issue(house: House, names: dict[str, str]) -> tuple[object, ...]:
    with house.database.read() as connection:
        wanted = select(issues).where(issues.c.id == int(names["issue"]))
        return tuple(connection.execute(wanted).one())


def _address(path: str, names: dict[str, str]) -> str:
    address = re.sub(r"{(\w+)(?::path)?}", lambda found: names[found[1]], path)
    if path.startswith("/alerts/rules/{rule}"):
        address = address.replace(names["rule"], names["instance_rule"])
    if path in ("/palette", "/uploads"):
        address += "?q=shop@1"
    if path.endswith("/uploads/delete"):
        address += "?release=shop@1"
    return address + ("?after=0" if path == "/issues/new" else "")


def _names_it(page: str) -> bool:
    return bool(re.search(r"\bShop 0\b|shop-0\b|Error: of shop|of shop \d", page))
