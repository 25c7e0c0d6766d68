"""A project's overview and the storage page, with real events, in a real browser."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.demo import demo_event, send, upload
from tests.clients.live_server import LiveServer
from tests.clients.patience import until

pytestmark = pytest.mark.browser

STORE_SECONDS = 60


def _error(kind: str, **more: object) -> dict[str, object]:
    thrown = {"values": [{"type": kind, "value": "no money"}]}
    return {"platform": "node", "exception": thrown} | more


def _filled(server: LiveServer, visitor: Visitor, name: str) -> str:
    """A new project with five events; the address of its overview."""
    visitor.sign_in(server.origin)
    project = server.project(name)
    address = f"{server.origin}/projects/{project.slug}"
    for event in (
        _error("FirstError", release="shop@1", level="fatal"),
        _error("FirstError", release="shop@2"),
        _error("FirstError", release="shop@2"),
        _error("SecondError", level="warning"),
        demo_event(),
    ):
        send(server.origin, project.dsn, event)

    def are_there() -> bool:
        visitor.page.goto(address)
        return visitor.page.get_by_text("5 events", exact=True).count() == 2

    until(are_there, STORE_SECONDS, "the events are stored")
    return address


def _bars(page: Page, chart: str) -> list[str]:
    """What the bars of a chart say, without their time."""
    found = page.get_by_role("group", name=re.compile(f"^{chart}")).get_by_role("img")
    said = [each.get_attribute("aria-label") or "" for each in found.all()]
    return [each.split(" UTC: ")[1] for each in said]


def test_the_overview_tells_what_came(server: LiveServer, visitor: Visitor) -> None:
    address = _filled(server, visitor, "Overview")
    page = visitor.page

    levels = _bars(page, "By level")
    assert len(levels) == 24
    assert levels[-1] == "5 events: 1 fatal, 3 error, 1 warning"
    assert _bars(page, "By release")[-1].startswith("5 events: 2 shop@2")
    assert "not resolved" in _bars(page, "Frames resolved")[-1]
    top = page.get_by_role("region", name="Most events").get_by_role("row")
    expect(top.nth(1)).to_contain_text("FirstError: no money")
    expect(top.nth(1).get_by_role("cell", name="3", exact=True)).to_be_visible()
    received = page.get_by_role("region", name="Received")
    expect(received.get_by_role("row", name="Accepted 5")).to_be_visible()
    expect(
        received.get_by_role("row", name="Waiting to be digested, of all projects none")
    ).to_be_visible()

    page.get_by_text("The charts as tables").click()
    table = page.get_by_role("table", name="Events by level, UTC")
    expect(table.get_by_role("row").nth(1)).to_contain_text(re.compile(r"1\s*3\s*1\s*5"))

    page.get_by_role("link", name="30 days").click()
    expect(page).to_have_url(f"{address}?period=30d")
    assert _bars(page, "By level")[-1] == "5 events: 1 fatal, 3 error, 1 warning"
    page.go_back()
    expect(page.get_by_role("link", name="24 hours")).to_have_attribute("aria-current", "page")
    assert visitor.faults == []


def test_each_bar_is_read_out_by_pointer_and_by_keys(server: LiveServer, visitor: Visitor) -> None:
    _filled(server, visitor, "Bars")
    page = visitor.page
    chart = page.locator("[data-chart]").first
    line = chart.locator("[data-reading]")
    bars = chart.get_by_role("img")

    expect(line).to_have_text("peak 5 an hour")
    bars.last.hover()
    expect(line).to_contain_text("5 events: 1 fatal, 3 error, 1 warning")
    page.mouse.move(0, 0)
    expect(line).to_have_text("peak 5 an hour")

    bars.last.focus()
    expect(line).to_contain_text("5 events")
    page.keyboard.press("ArrowLeft")
    expect(bars.nth(22)).to_be_focused()
    expect(line).to_contain_text("UTC: 0 events")
    page.keyboard.press("Home")
    expect(bars.first).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(bars.first).to_be_focused()
    page.keyboard.press("End")
    expect(bars.last).to_be_focused()
    # One stop on the way through the page, whatever the number of bars.
    page.keyboard.press("Tab")
    expect(page.locator("[data-chart]").nth(1).get_by_role("img").last).to_be_focused()
    assert visitor.faults == []


def test_what_resolves_an_event_was_used(server: LiveServer, visitor: Visitor) -> None:
    visitor.sign_in(server.origin)
    project = server.project("Used")
    page = visitor.page
    upload(server.origin, project.upload_token, project.slug)
    page.goto(f"{server.origin}/projects/{project.slug}/bundles")
    expect(page.get_by_role("cell", name="Never")).to_be_visible()

    send(server.origin, project.dsn, demo_event())

    def is_used() -> bool:
        page.goto(f"{server.origin}/projects/{project.slug}/bundles")
        return page.get_by_role("cell", name="Never").count() == 0

    until(is_used, STORE_SECONDS, "the event was resolved")
    page.locator("table.list tbody th a").click()
    expect(page.get_by_text("last used")).to_be_visible()
    page.goto(f"{server.origin}/projects/{project.slug}")
    assert _bars(page, "Frames resolved")[-1].endswith("resolved. 100 %")
    assert visitor.faults == []


def test_the_storage_page_measures_and_says_what_is_kept(
    server: LiveServer, visitor: Visitor
) -> None:
    visitor.sign_in(server.origin)
    project = server.project("Disk")
    upload(server.origin, project.upload_token, project.slug)
    page = visitor.page
    page.get_by_role("link", name="Storage").click()

    use = page.get_by_role("region", name="What uses the disk")
    compiled = use.get_by_role("row", name=re.compile("^Compiled for look-ups [1-9]"))

    def is_measured() -> bool:
        # What was measured for another test may be from before the upload.
        page.goto(f"{server.origin}/settings/storage")
        again = use.get_by_role("button", name="Measure again")
        if not compiled.count() and again.count():
            again.click()
        return compiled.count() == 1

    until(is_measured, STORE_SECONDS, "the disk is measured")
    expect(use.get_by_role("row", name=re.compile("^Database (SQLite|PostgreSQL)"))).to_be_visible()
    chunks = page.get_by_role("row", name=re.compile("^Chunks that no upload goes on with"))
    expect(chunks).to_contain_text("Nothing to free.")
    use.get_by_role("button", name="Measure again").click()
    expect(page).to_have_url(f"{server.origin}/settings/storage")
    assert visitor.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_both_fit_every_window(
    server: LiveServer, chromium: Browser, width: int, scheme: str
) -> None:
    project = server.project(f"Fits {width} {scheme}")
    send(server.origin, project.dsn, _error("LongError", release="r" * 200))
    context = chromium.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    visitor = Visitor(context.new_page()).watch()
    visitor.sign_in(server.origin)

    def is_there() -> bool:
        visitor.page.goto(f"{server.origin}/projects/{project.slug}")
        return visitor.page.locator("[data-chart]").count() == 3

    until(is_there, STORE_SECONDS, "the event is stored")
    wide = [visitor.is_wider_than_its_window()]
    visitor.page.get_by_text("The charts as tables").click()
    wide.append(visitor.is_wider_than_its_window())
    visitor.page.goto(f"{server.origin}/settings/storage")
    wide.append(visitor.is_wider_than_its_window())
    context.close()

    assert wide == [False, False, False]
    assert visitor.faults == []
