"""A page in a real browser, served from the loopback."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, Request

from tests.clients.patience import until

CLICK_SECONDS = 30
PUMP_MILLISECONDS = 20
"""The browser's messages only come in while Playwright waits for something."""

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class _Quiet(SimpleHTTPRequestHandler):
    # The type that a module needs, whatever the machine's table of types says.
    extensions_map = {  # noqa: RUF012
        ".html": "text/html",
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        "": "application/octet-stream",
    }

    def __init__(self, *given: Any, headers: Mapping[str, str], **named: Any) -> None:
        self._headers = headers
        super().__init__(*given, **named)

    def end_headers(self) -> None:
        for name, value in self._headers.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def served(folder: Path, headers: Mapping[str, str] | None = None) -> Iterator[str]:
    """The folder on a free port of the loopback, with these headers; gives its origin."""
    handler = partial(_Quiet, directory=str(folder), headers=headers or {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def watched(browser: Browser) -> Iterator["Watched"]:
    """A new page of which everything said and sent is noted."""
    page = browser.new_page()
    try:
        yield Watched(page)
    finally:
        page.close()


class Watched:
    """A page, what it logged, and the requests to which it has no answer yet."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.console: list[str] = []
        self._asked: list[Request] = []
        self._answered: list[Request] = []
        page.on("console", lambda message: self.console.append(message.text))
        page.on("request", self._note_question)
        page.on("requestfinished", self._note_answer)
        page.on("requestfailed", self._note_answer)

    def _note_question(self, request: Request) -> None:
        self._asked.append(request)

    def _note_answer(self, request: Request) -> None:
        self._answered.append(request)

    def wait(self, done: Callable[[list[str]], bool]) -> None:
        """Until `done` holds for the lines so far and every request was answered."""

        def satisfied() -> bool:
            self.page.wait_for_timeout(PUMP_MILLISECONDS)
            return done(self.console) and len(self._asked) == len(self._answered)

        until(satisfied, CLICK_SECONDS, f"the page said enough: {self.console}")


def click_through(
    browser: Browser,
    site: Path,
    script: str,
    query: dict[str, str],
    heard: Callable[[list[str]], Collection[str]],
) -> list[str]:
    """Open a page with the script, click every button it makes, return what it logged.

    `site` is the folder served and `script` a path in it. A button is clicked when the one before
    was `heard` of in the lines so far: one of them takes its time to load what it needs.
    """
    (site / "index.html").write_text(
        f'<!doctype html><meta charset="utf-8"><body><script type="module" src="{script}"></script>'
    )
    with served(site) as origin, watched(browser) as seen:
        seen.page.goto(f"{origin}/?{urlencode(query)}")
        for clicked, button in enumerate(seen.page.get_by_role("button").all(), 1):
            button.click()
            seen.wait(partial(_has_heard, heard, clicked))
        return seen.console


def _has_heard(
    heard: Callable[[list[str]], Collection[str]], number: int, console: list[str]
) -> bool:
    return len(heard(console)) == number
