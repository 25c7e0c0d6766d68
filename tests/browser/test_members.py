"""Members in a real browser: invited, signed in with a second factor, at desktop and phone width."""

from datetime import UTC, datetime

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Visitor
from tests.clients.live_server import LiveServer

pytestmark = pytest.mark.browser

NEW = "battery staple"
PHONE = 390


def invited(server: LiveServer, visitor: Visitor) -> str:
    """The link that Ada hands over to Bob."""
    page = visitor.page
    visitor.sign_in(server.origin)
    page.goto(f"{server.origin}/settings/members")
    page.get_by_label("E-mail address").fill("bob@example.com")
    page.get_by_role("button", name="Make the link").click()
    return page.locator("#link").inner_text()


def accept(bob: Page, link: str) -> None:
    """Choose a password; ends signed in."""
    bob.goto(link)
    bob.get_by_label("Password").fill(NEW)
    bob.get_by_label("The same again").fill(NEW)
    bob.get_by_role("button", name="Create my account").click()
    bob.wait_for_url("**/issues")


def enrol(bob: Page, origin: str) -> list[str]:
    """Set a second factor up; the recovery codes."""
    bob.goto(f"{origin}/settings/second-factor")
    bob.get_by_label("Present password").fill(NEW)
    bob.get_by_role("button", name="Set up").click()
    key = bob.locator(".key").inner_text().replace(" ", "")
    picture = bob.locator("svg.qr").bounding_box()
    assert picture
    assert picture["width"] == picture["height"] > 200
    bob.get_by_role("textbox", name="Code").fill(pyotp.TOTP(key).at(datetime.now(UTC)))
    bob.get_by_role("button", name="Confirm").click()
    return bob.locator("#codes").inner_text().split()


def test_an_invited_member_comes_in_and_gets_a_second_factor(
    server: LiveServer, visitor: Visitor, chromium: Browser
) -> None:
    server.project("Web shop")
    link = invited(server, visitor)
    context = chromium.new_context()
    bobs = Visitor(context.new_page()).watch()
    bob = bobs.page

    accept(bob, link)
    codes = enrol(bob, server.origin)
    bob.get_by_role("button", name="Sign out").click()
    bob.get_by_label("E-mail address").fill("bob@example.com")
    bob.get_by_label("Password").fill(NEW)
    bob.get_by_role("button", name="Sign in").click()
    bob.wait_for_url("**/sign-in/code?**")
    bob.get_by_role("textbox", name="Code").fill(codes[0])
    bob.get_by_role("button", name="Sign in").click()
    bob.wait_for_url("**/issues")

    assert len(codes) == 10
    assert bob.get_by_role("link", name="Members").count() == 0
    assert visitor.faults == bobs.faults == []
    context.close()


@pytest.mark.parametrize("width", [1440, PHONE])
def test_no_settings_page_is_wider_than_its_window_and_every_field_has_a_name(
    server: LiveServer, visitor: Visitor, width: int
) -> None:
    page, origin = visitor.page, server.origin
    name = f"A project with a rather long name for {width} pixels"
    slug = server.project(name).slug
    visitor.sign_in(origin)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{origin}/settings/tokens?project={slug}")
    page.get_by_label("Name", exact=True).fill(
        "A token with a rather long name of the continuous integration"
    )
    page.get_by_role("button", name="Create token").click()

    for place in (
        "/settings/members",
        "/settings/members/1",
        "/settings/members/1/remove",
        "/settings/profile",
        "/settings/second-factor",
        "/settings/tokens",
        f"/projects/{slug}/members",
    ):
        page.goto(origin + place)
        nameless = page.evaluate(
            "[...document.querySelectorAll('main input:not([type=hidden],.unseen), main select')]"
            ".filter(each => !each.labels.length && !each.ariaLabel).map(each => each.outerHTML)"
        )
        assert nameless == [], place
        assert not visitor.is_wider_than_its_window(), place
    assert visitor.faults == []
