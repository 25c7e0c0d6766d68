"""A live server, and a real Chromium to visit it with."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

from tests.browser.install import browser as installed
from tests.clients.live_server import LiveServer, serving
from tests.clients.page import FLAGS

EMAIL = "ada@example.com"
PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A fresh Headwater with one administrator, Ada."""
    folder = tmp_path_factory.mktemp("server") / "data"
    with serving(folder, CREATE_SUPERUSER=f"{EMAIL}:{PASSWORD}") as server:
        yield server


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a file's tests; each test opens a context of its own."""
    path = installed()
    if path is None:
        pytest.skip("no Chromium or Chrome on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass  # without slots: Playwright keeps its wrappers of the handlers in the instance
class Visitor:
    """A page, with everything that went wrong in it, and every request it made."""

    page: Page
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def watch(self) -> "Visitor":
        """Note console errors (a violated Content-Security-Policy is one), exceptions, failures."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"exception: {error}"))
        self.page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("request", self._request)
        self.page.on("response", self._response)
        return self

    def sign_in(self, origin: str) -> None:
        """As Ada; ends on the list of issues."""
        self.page.goto(f"{origin}/sign-in")
        self.page.get_by_label("E-mail address").fill(EMAIL)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/issues")

    def is_wider_than_its_window(self) -> bool:
        """Whether the page scrolls sideways."""
        wide: bool = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return wide

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        # What a visitor leaves behind by going on to another page is aborted, and no fault.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"failed: {request.url}, {request.failure}")

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[Visitor]:
    """A browser that nobody has signed in with; it may use the clipboard."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield Visitor(context.new_page()).watch()
    context.close()
