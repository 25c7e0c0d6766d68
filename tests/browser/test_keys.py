"""Keys and the palette, for those who see the page and for those who hear it."""

import pytest
from playwright.sync_api import Locator, expect

from headwater.storage.page import PageRequest
from tests.browser.ada import Ada
from tests.browser.conftest import Visitor
from tests.clients.live_server import LiveServer

pytestmark = pytest.mark.browser

PAGE = PageRequest().size


def _error(number: int) -> dict[str, object]:
    return {
        "platform": "node",
        "exception": {"values": [{"type": f"Error{number}", "value": f"number {number}"}]},
    }


def _row(visitor: Visitor, number: int) -> Locator:
    return visitor.page.locator("[data-row]").nth(number)


def test_j_and_k_go_on_where_a_page_of_the_list_ends(server: LiveServer, visitor: Visitor) -> None:
    ada, page = Ada.of(server), visitor.page
    slug, dsn = ada.project("Paged", "node")
    ada.tell(dsn, *map(_error, range(PAGE + 2)))
    visitor.sign_in(server.origin)
    page.goto(f"{server.origin}/projects/{slug}/issues")
    expect(page.locator("[data-row]")).to_have_count(PAGE)

    for _ in range(PAGE + 1):
        page.keyboard.press("j")
    page.wait_for_url("**page=2**")
    expect(page.locator("[data-row]")).to_have_count(2)
    expect(_row(visitor, 0)).to_have_class("here")
    expect(_row(visitor, 0).locator("a[href]").first).to_be_focused()

    page.keyboard.press("k")
    expect(page.locator("[data-row]")).to_have_count(PAGE)
    expect(_row(visitor, PAGE - 1)).to_have_class("here")
    page.reload()
    expect(page.locator("[data-row].here")).to_have_count(0)
    assert visitor.faults == []


def test_single_letters_can_be_switched_off_and_the_palette_stays(
    server: LiveServer, visitor: Visitor
) -> None:
    page = visitor.page
    visitor.sign_in(server.origin)
    page.goto(f"{server.origin}/settings/display")

    page.get_by_label("Single letters do something").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_have_text("Saved.")

    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Show all keys").click()
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("are switched off")
    page.get_by_role("button", name="Close").click()
    page.get_by_label("Single letters do something").check()
    page.get_by_role("button", name="Save").click()
    page.wait_for_load_state()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    assert visitor.faults == []


def test_the_palette_says_what_it_is_and_which_entry_is_chosen(
    server: LiveServer, visitor: Visitor
) -> None:
    server.project("Heard")
    page = visitor.page
    visitor.sign_in(server.origin)

    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Go to a project, a page or an issue")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-expanded", "true")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "false")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute(
        "aria-activedescendant", options.nth(1).get_attribute("id") or ""
    )
    expect(field).to_be_focused()
    page.keyboard.type("is:nothing at all")
    expect(page.locator("#palette").get_by_role("status")).to_have_text("Nothing is called that.")
    expect(field).to_have_attribute("aria-expanded", "false")
    assert visitor.faults == []


def test_what_had_the_focus_gets_it_back(server: LiveServer, visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in(server.origin)
    link = page.get_by_role("link", name="API tokens", exact=True)
    link.focus()

    for key, dialog in (("Control+k", "#palette"), ("?", "#keys")):
        page.keyboard.press(key)
        expect(page.locator(dialog)).to_be_visible()
        expect(link).not_to_be_focused()
        for _ in range(6):
            page.keyboard.press("Tab")
        held = "id => document.querySelector(id).contains(document.activeElement)"
        within = page.evaluate(held, dialog) or page.evaluate(
            "document.activeElement === document.body"
        )
        assert within, "the focus left the dialog"
        page.keyboard.press("Escape")
        expect(link).to_be_focused()

    assert visitor.faults == []


def test_after_a_decision_the_keys_are_where_they_were(
    server: LiveServer, visitor: Visitor
) -> None:
    ada, page = Ada.of(server), visitor.page
    slug, dsn = ada.project("Placed", "node")
    ada.tell(dsn, *map(_error, range(4)))
    visitor.sign_in(server.origin)
    page.goto(f"{server.origin}/projects/{slug}/issues")
    expect(page.locator("[data-row]")).to_have_count(4)
    third = _row(visitor, 2).locator("a[href]").first.inner_text()

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("e")

    expect(page.get_by_text("Resolved 1 issue")).to_be_visible()
    expect(page.locator("[data-row]")).to_have_count(3)
    expect(_row(visitor, 1)).to_have_class("here")
    expect(_row(visitor, 1).locator("a[href]").first).to_be_focused()
    expect(_row(visitor, 1).locator("a[href]").first).to_have_text(third)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-row]")).to_have_count(4)
    assert visitor.faults == []


def test_what_is_done_about_several_is_offered_once_one_is_ticked(
    server: LiveServer, visitor: Visitor
) -> None:
    ada, page = Ada.of(server), visitor.page
    slug, dsn = ada.project("Ticked", "node")
    ada.tell(dsn, *map(_error, range(2)))
    visitor.sign_in(server.origin)
    resolve = page.get_by_role("button", name="Resolve", exact=True)
    merge = page.get_by_role("button", name="Merge…")
    for width in (1440, 1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{server.origin}/projects/{slug}/issues")
        expect(resolve).to_be_hidden()
        before = page.locator(".issues-form table").bounding_box()

        _row(visitor, 0).get_by_role("checkbox").check()

        expect(resolve).to_be_visible()
        expect(merge).to_be_disabled()
        if width > 390:
            assert page.locator(".issues-form table").bounding_box() == before
            delete = page.get_by_role("button", name="Delete…").bounding_box()
            first = resolve.bounding_box()
            assert delete is not None
            assert first is not None
            assert delete["y"] == first["y"], "the controls are one row"
        _row(visitor, 1).get_by_role("checkbox").check()
        expect(merge).to_be_enabled()
    assert visitor.faults == []


def test_a_slash_searches_from_an_issue_s_page(server: LiveServer, visitor: Visitor) -> None:
    ada, page = Ada.of(server), visitor.page
    slug, dsn = ada.project("Slash", "node")
    frame = {"filename": "src/cart/checkout.ts", "function": "lineTotal", "lineno": 84}
    values = [{"type": "Error1", "value": "no", "stacktrace": {"frames": [frame]}}]
    ada.tell(dsn, {"platform": "node", "exception": {"values": values}})
    visitor.sign_in(server.origin)
    page.goto(f"{server.origin}/projects/{slug}/issues")
    page.locator("[data-row] .issue > a").click()
    expect(page.locator("h1")).to_contain_text("Error1")

    page.keyboard.press("/")

    expect(page.get_by_role("searchbox", name="Search issues")).to_be_focused()
    assert visitor.faults == []
