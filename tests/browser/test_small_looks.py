"""What stands where on an event's page: nothing overlaps, and what belongs together is in line."""

import pytest
from playwright.sync_api import Browser, Locator

from tests.browser.conftest import Visitor
from tests.browser.demo import send
from tests.clients.live_server import LiveServer
from tests.clients.patience import until

pytestmark = pytest.mark.browser

STORE_SECONDS = 60
FRAME = {"filename": "app:///main.js", "function": "h", "lineno": 3, "colno": 1039, "in_app": True}
EVENT = {
    "platform": "node",
    "exception": {"values": [{"type": "Error", "stacktrace": {"frames": [FRAME]}}]},
}
PASSED = (
    "row => row.querySelector('.function').insertAdjacentHTML('afterend',"
    "' <span class=\"passed\">passed to <code>window.requestAnimationFrame</code></span>')"
)


def _text_edges(of: Locator) -> tuple[float, float, float]:
    """Left, top and right of the text itself, without any padding."""
    found: list[float] = of.evaluate(
        "node => { const range = document.createRange(); range.selectNodeContents(node);"
        " const box = range.getBoundingClientRect(); return [box.left, box.top, box.right]; }"
    )
    return found[0], found[1], found[2]


def test_buttons_of_an_events_note_are_in_line_with_its_text(
    server: LiveServer, visitor: Visitor
) -> None:
    page = visitor.page
    visitor.sign_in(server.origin)
    project = server.project("Looks")
    events = [send(server.origin, project.dsn, EVENT) for _ in range(2)]

    def are_there() -> bool:
        answers = [page.request.get(f"{server.origin}/events/{each}") for each in events]
        return all(answer.status == 200 for answer in answers)

    until(are_there, STORE_SECONDS, "the events are stored")
    page.goto(f"{server.origin}/events/{events[0]}")
    one = page.get_by_role("button", name="Resolve this event again")
    every = page.get_by_role("button", name="Resolve all events of the issue again")

    sentence = _text_edges(page.locator(".note.unresolved > p").first)
    assert _text_edges(one)[0] == pytest.approx(sentence[0], abs=1)
    assert _text_edges(every)[0] - _text_edges(one)[2] < 40

    one.click()
    told = page.locator(".what .progress")
    mute = page.get_by_role("button", name="Mute").bounding_box()
    line = told.first.bounding_box()
    assert mute is not None
    assert line is not None
    assert line["y"] - (mute["y"] + mute["height"]) >= 6


def test_what_a_function_was_passed_to_stays_clear_of_the_verdict_on_a_phone(
    server: LiveServer, chromium: Browser
) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    visitor = Visitor(context.new_page()).watch()
    visitor.sign_in(server.origin)
    project = server.project("Pocket")
    event = send(server.origin, project.dsn, EVENT)
    page = visitor.page
    until(
        lambda: page.request.get(f"{server.origin}/events/{event}").status == 200,
        STORE_SECONDS,
        "the event is stored",
    )
    page.goto(f"{server.origin}/events/{event}")
    frame = page.locator(".frame").first
    frame.evaluate(PASSED)

    passed = frame.locator(".passed").bounding_box()
    mark = frame.locator("summary.mark").bounding_box()
    assert passed is not None
    assert mark is not None
    assert passed["y"] >= mark["y"] + mark["height"] - 12
    context.close()


def test_events_that_differ_are_listed_within_the_window(
    server: LiveServer, visitor: Visitor
) -> None:
    page = visitor.page
    visitor.sign_in(server.origin)
    project = server.project("Differ")
    tags = {"release": "shop-with-a-long-name@2026.11.26+build.4711", "environment": "staging"}
    url = "https://shop.example.com/a-rather-long-path-to-the-checkout/of-a-customer"
    first = send(server.origin, project.dsn, EVENT)
    other = send(server.origin, project.dsn, EVENT | tags | {"request": {"url": url}})

    def are_there() -> bool:
        answers = [page.request.get(f"{server.origin}/events/{each}") for each in (first, other)]
        return all(answer.status == 200 for answer in answers)

    until(are_there, STORE_SECONDS, "the events are stored")
    for width in (1440, 1280, 1024, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{server.origin}/events/{first}")
        differing = page.locator(".steps summary", has_text="Differing")
        beside = page.locator(".steps > :first-child")
        assert _text_edges(differing)[1] == pytest.approx(_text_edges(beside)[1], abs=0.5)

        differing.click()

        sheet = page.locator(".steps .sheet").bounding_box()
        assert sheet is not None
        assert sheet["x"] >= 0
        assert sheet["x"] + sheet["width"] <= width
        assert not visitor.is_wider_than_its_window()


def test_of_a_long_place_the_front_is_cut(server: LiveServer, visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in(server.origin)
    project = server.project("Long places")
    frame = FRAME | {"filename": "src/" + "a-long-folder/" * 10 + "checkout.ts"}
    error = {"type": "Error", "stacktrace": {"frames": [frame]}}
    send(server.origin, project.dsn, EVENT | {"exception": {"values": [error]}})

    def is_there() -> bool:
        page.goto(f"{server.origin}/projects/{project.slug}/issues")
        return page.locator("[data-row]").count() == 1

    until(is_there, STORE_SECONDS, "the event is stored")
    front, file = page.locator("[data-row] .cut span").all()

    assert "checkout.ts:3" in file.inner_text()
    assert file.evaluate("node => node.scrollWidth <= node.clientWidth"), "the file is whole"
    assert front.evaluate("node => node.scrollWidth > node.clientWidth"), "the front is cut"
    assert not visitor.is_wider_than_its_window()
