"""A page in a real browser, served from the loopback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

from playwright.sync_api import Browser

from tests.clients.patience import until

CLICK_SECONDS = 30

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

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder on a free port of the loopback; gives its origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    Thread(target=server.serve_forever).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def click_through(
    browser: Browser,
    site: Path,
    script: str,
    query: dict[str, str],
    done: Callable[[list[str]], bool],
) -> list[str]:
    """Open a page with the script, click every button it makes, return what it logged.

    `site` is the folder served and `script` a path in it; the page is left when `done` holds
    for the lines so far.
    """
    (site / "index.html").write_text(
        f'<!doctype html><meta charset="utf-8"><body><script type="module" src="{script}"></script>'
    )
    console: list[str] = []
    with served(site) as origin:
        page = browser.new_page()
        page.on("console", lambda message: console.append(message.text))
        page.goto(f"{origin}/?{urlencode(query)}")
        for button in page.get_by_role("button").all():
            button.click()

        def satisfied() -> bool:
            page.wait_for_timeout(0)  # lets the browser's messages in
            return done(console)

        until(satisfied, CLICK_SECONDS, f"the page said enough: {console}")
        page.close()
    return console
