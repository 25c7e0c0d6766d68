"""`make screenshots`: every page, full and empty, wide and on a phone, light and dark, side by side."""

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from html import escape
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import Visitor
from tests.browser.install import browser as installed
from tests.browser.world import FOR_STRANGERS, World, empty_world, full_world, places
from tests.clients.page import FLAGS

FOLDER = Path(__file__).parents[2] / "screenshots"

LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = (
    (1440, "light"),
    (1440, "dark"),
    (390, "light"),
    (390, "dark"),
)
MAX_HEIGHT = 8_000
"""Pixels of a picture; a page that is longer is cut."""

HEAD = """<!doctype html><meta charset="utf-8"><title>Headwater, page by page</title>
<style>
body { font: 14px/20px system-ui; margin: 24px; background: #ddd; }
.looks { display: flex; gap: 16px; align-items: start; overflow-x: auto; padding-bottom: 24px; }
.looks img { border: 1px solid #999; } .wide { width: 720px; } .phone { width: 260px; }
</style>
"""


def name_of(pattern: str) -> str:
    """A file's name for an address."""
    return re.sub(r"[^a-z0-9]+", "-", pattern.lower()).strip("-") or "home"


def taken(page: Page, address: str, file: Path) -> Iterator[str]:
    """Take a page's four pictures; their names."""
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.goto(address)
        height = min(MAX_HEIGHT, page.evaluate("document.documentElement.scrollHeight"))
        picture = file.with_name(f"{file.name}-{width}-{scheme}.png")
        page.set_viewport_size({"width": width, "height": max(900, height)})
        page.screenshot(path=picture)
        yield picture.name


def visited(browser: Browser, world: World, folder: Path) -> str:
    """Take all pictures of a world; markup that shows them."""
    ada, stranger = browser.new_page(), browser.new_page()
    Visitor(ada).sign_in(world.origin)
    shown = []
    for pattern, address in places(world):
        page = stranger if pattern in FOR_STRANGERS else ada
        names = taken(page, address, folder / f"{folder.name}-{name_of(pattern)}")
        pictures = "".join(
            f'<a href="{folder.name}/{name}"><img loading="lazy" class="'
            f'{"wide" if "-1440-" in name else "phone"}" src="{folder.name}/{name}" alt="{name}"></a>'
            for name in names
        )
        shown.append(f'<h2>{escape(pattern)}</h2><div class="looks">{pictures}</div>')
        print(folder.name, pattern, flush=True)
    return f"<h1>{folder.name}</h1>" + "\n".join(shown)


def main() -> None:
    """Everything, into a folder."""
    path = installed()
    if path is None:
        sys.exit("No Chromium or Chrome is installed, so no page can be looked at.")
    worlds: dict[str, Callable[[Path], AbstractContextManager[World]]] = {
        "full": full_world,
        "empty": empty_world,
    }
    parts = [HEAD]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for name, world_in in worlds.items():
            folder = FOLDER / name
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory() as data, world_in(Path(data)) as world:
                parts.append(visited(browser, world, folder))
        browser.close()
    (FOLDER / "index.html").write_text("\n".join(parts))
    print(f"Open {FOLDER / 'index.html'}")


if __name__ == "__main__":
    main()
