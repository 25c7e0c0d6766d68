"""Working through issues with the keyboard, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.demo import send
from tests.clients.live_server import LiveServer
from tests.clients.patience import until

pytestmark = pytest.mark.browser

STORE_SECONDS = 60


def _error(kind: str) -> dict[str, object]:
    return {"platform": "node", "exception": {"values": [{"type": kind, "value": "no money"}]}}


def _titles(page: Page) -> list[str]:
    found: list[str] = page.locator("[data-row] .issue > a").all_inner_texts()
    return found


def _filled(server: LiveServer, visitor: Visitor, name: str, kinds: list[str]) -> str:
    """A new project's list of issues, one for each kind; its address."""
    visitor.sign_in(server.origin)
    project = server.project(name)
    address = f"{server.origin}/projects/{project.slug}/issues"
    for kind in kinds:
        send(server.origin, project.dsn, _error(kind))

    def are_there() -> bool:
        visitor.page.goto(address)
        return len(_titles(visitor.page)) == len(kinds)

    until(are_there, STORE_SECONDS, "the events are stored")
    return address


def test_keys_go_through_rows_tick_and_resolve_them(server: LiveServer, visitor: Visitor) -> None:
    address = _filled(server, visitor, "Keys", ["FirstError", "SecondError", "ThirdError"])
    page = visitor.page
    newest, middle, oldest = _titles(page)

    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("e")

    expect(page.locator("[data-row]")).to_have_count(1)
    assert _titles(page) == [middle]
    page.keyboard.press("j")
    page.keyboard.press("e")  # nothing is ticked: the row that the keys are at
    expect(page.get_by_text("There is no unresolved issue.")).to_be_visible()
    page.goto(f"{address}?q=is:resolved")
    assert sorted(_titles(page)) == sorted([newest, middle, oldest])
    page.keyboard.press("/")
    page.keyboard.type(" FirstError")
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("FirstError")
    assert visitor.faults == []


def test_the_palette_goes_to_places_and_issues(server: LiveServer, visitor: Visitor) -> None:
    _filled(server, visitor, "Palette", ["PaletteError"])
    page = visitor.page

    page.keyboard.press("Control+k")
    page.keyboard.type("palette: rec")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/palette/received")
    page.keyboard.press("Control+k")
    page.keyboard.type("PaletteError")
    expect(page.locator("#palette li")).to_have_count(1)
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_contain_text("PaletteError")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    assert visitor.faults == []


def test_a_choice_of_colours_lasts(server: LiveServer, visitor: Visitor) -> None:
    visitor.sign_in(server.origin)
    page = visitor.page
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)

    page.goto(f"{server.origin}/settings/display")
    page.get_by_label("Dark").check()
    page.get_by_role("button", name="Save").click()
    page.goto(f"{server.origin}/issues")

    assert light == "rgb(248, 248, 246)"
    assert page.evaluate(ground) == "rgb(21, 22, 25)"
    assert visitor.faults == []


@pytest.mark.parametrize("width", [1440, 390])
def test_the_list_and_its_menus_fit_the_window(
    server: LiveServer, visitor: Visitor, width: int
) -> None:
    _filled(server, visitor, f"Width {width}", ["WideError"])
    page = visitor.page
    page.set_viewport_size({"width": width, "height": 844})

    for menu in ("Saved searches", "How to search"):
        page.locator("summary", has_text=menu).click()
        sheet = page.locator("details.menu[open] .sheet").bounding_box()
        assert sheet is not None
        assert sheet["x"] >= 0
        assert sheet["x"] + sheet["width"] <= width
    assert not visitor.is_wider_than_its_window()
    assert visitor.faults == []
