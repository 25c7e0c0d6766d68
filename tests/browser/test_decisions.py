"""What people decide about issues, from the list and from an issue's page, in a real browser."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.demo import send
from tests.clients.live_server import LiveServer
from tests.clients.patience import until

pytestmark = pytest.mark.browser

STORE_SECONDS = 60


def _error(kind: str, **more: Any) -> dict[str, object]:
    return {
        "platform": "node",
        "exception": {"values": [{"type": kind, "value": "no money"}]},
        **more,
    }


class Shop:
    """A project with errors, in a browser that is signed in."""

    def __init__(self, server: LiveServer, visitor: Visitor, name: str) -> None:
        visitor.sign_in(server.origin)
        self.project = server.project(name)
        self.origin = server.origin
        self.page: Page = visitor.page
        self.address = f"{server.origin}/projects/{self.project.slug}/issues"

    def send(self, kind: str, **more: Any) -> None:
        send(self.origin, self.project.dsn, _error(kind, **more))

    def listed(self, query: str = "") -> list[str]:
        """Titles that a search finds now."""
        self.page.goto(f"{self.address}?q={query}")
        found: list[str] = self.page.locator("[data-row] .issue > a").all_inner_texts()
        return sorted(title.partition(":")[0] for title in found)

    def wait(self, query: str, *kinds: str) -> None:
        """Until a search finds these."""
        until(lambda: self.listed(query) == sorted(kinds), STORE_SECONDS, f"{query} finds {kinds}")

    def open(self, kind: str) -> None:
        """The page of an issue."""
        self.listed()
        self.page.locator("[data-row] .issue > a", has_text=kind).click()
        expect(self.page.locator("h1")).to_contain_text(kind)


def test_resolved_in_the_next_release_it_comes_back_with_that(
    server: LiveServer, visitor: Visitor
) -> None:
    shop = Shop(server, visitor, "Releases")
    shop.send("FirstError", release="1.0")
    shop.wait("", "FirstError")
    shop.open("FirstError")

    shop.page.locator("select[name=in]").select_option(label="in the next release")
    shop.page.get_by_role("button", name="Resolve", exact=True).click()
    expect(shop.page.get_by_text("Resolved in the next release")).to_be_visible()
    shop.send("FirstError", release="1.0")
    shop.wait("is:resolved+events:>1", "FirstError")
    shop.send("FirstError", release="1.1")
    shop.wait("is:unresolved+events:>2", "FirstError")

    shop.open("FirstError")
    expect(shop.page.get_by_text("It came back in 1.1 after it had been resolved")).to_be_visible()
    shop.page.locator("select[name=in]").select_option(label="in 1.1")
    shop.page.get_by_role("button", name="Resolve", exact=True).click()
    expect(shop.page.get_by_text("Resolved in 1.1")).to_be_visible()
    assert visitor.faults == []


def test_muted_until_more_events_it_is_told_of_when_they_came(
    server: LiveServer, visitor: Visitor
) -> None:
    shop = Shop(server, visitor, "Mutes")
    shop.send("LoudError")
    shop.wait("", "LoudError")
    shop.open("LoudError")

    shop.page.locator("select[name=mute]").select_option(label="until 10 more events")
    shop.page.get_by_role("button", name="Mute", exact=True).click()
    expect(shop.page.get_by_text("Muted until it has 11 events")).to_be_visible()
    for _ in range(10):
        shop.send("LoudError")
    shop.wait("is:unresolved+events:>10", "LoudError")

    shop.open("LoudError")
    expect(shop.page.get_by_text("what was waited for has come")).to_be_visible()
    assert visitor.faults == []


def test_merged_and_taken_apart_again(server: LiveServer, visitor: Visitor) -> None:
    shop = Shop(server, visitor, "Merges")
    shop.send("OneError")
    shop.wait("", "OneError")
    shop.send("OtherError")
    shop.wait("", "OneError", "OtherError")

    for box in shop.page.locator("[data-row] input[type=checkbox]").all():
        box.check()
    shop.page.get_by_role("button", name="Merge…").click()
    shop.page.get_by_role("button", name="Merge 2 issues").click()
    shop.wait("events:>1", "OtherError")
    shop.send("OtherError")
    shop.wait("events:>2", "OtherError")
    shop.open("OtherError")
    merged = shop.page.get_by_role("heading", name="Merged into it")
    expect(merged).to_be_visible()
    shop.page.get_by_role("button", name=re.compile(r"Take out #\d+")).click()
    expect(shop.page.get_by_text(re.compile(r"took #\d+ out"))).to_be_visible()
    expect(merged).to_be_hidden()

    shop.wait("", "OneError", "OtherError")
    shop.wait("events:>1", "OtherError")
    assert visitor.faults == []


def test_deleted_for_good(server: LiveServer, visitor: Visitor) -> None:
    shop = Shop(server, visitor, "Deletions")
    shop.send("GoneError")
    shop.wait("", "GoneError")
    shop.open("GoneError")
    address = shop.page.url

    shop.page.get_by_role("button", name="Delete…").click()
    shop.page.get_by_role("button", name="Delete 1 issue").click()

    assert shop.listed() == []
    answer = shop.page.goto(address)
    assert answer is not None
    assert answer.status == 404


def test_searches_are_typed_kept_and_followed(server: LiveServer, visitor: Visitor) -> None:
    shop = Shop(server, visitor, "Searches")
    shop.send("FastError", tags={"note": 'a "b" * c'})
    shop.send("SlowError", tags={"note": "a b c"})
    shop.wait("", "FastError", "SlowError")

    shop.page.keyboard.press("/")
    shop.page.keyboard.press("Control+A")
    shop.page.keyboard.type("fasterror")
    shop.page.keyboard.press("Enter")
    expect(shop.page.locator("[data-row]")).to_have_count(1)
    shop.page.get_by_text("Saved searches").click()
    shop.page.get_by_label("Save this one as").fill("fast ones")
    shop.page.get_by_role("button", name="Save", exact=True).click()
    shop.page.goto(shop.address)
    shop.page.get_by_text("Saved searches").click()
    shop.page.get_by_role("link", name="fast ones").click()
    expect(shop.page.locator("[data-row]")).to_have_count(1)
    shop.open("FastError")
    shop.page.get_by_role("link", name='a "b" * c').click()

    expect(shop.page.locator("[data-row]")).to_have_count(1)
    expect(shop.page.locator("[data-row] .issue > a")).to_contain_text("FastError")
    assert visitor.faults == []


def test_several_are_muted_by_keys(server: LiveServer, visitor: Visitor) -> None:
    shop = Shop(server, visitor, "Bulk")
    for kind in ("AError", "BError", "CError"):
        shop.send(kind)
    shop.wait("", "AError", "BError", "CError")
    shop.listed("is:unresolved")

    shop.page.keyboard.press("j")
    shop.page.keyboard.press("x")
    shop.page.keyboard.press("j")
    shop.page.keyboard.press("x")
    shop.page.keyboard.press("m")

    expect(shop.page.locator("[data-row]")).to_have_count(1)
    assert len(shop.listed("is:muted")) == 2
    assert visitor.faults == []
