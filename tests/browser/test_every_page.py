"""Every page that there is, wide and on a phone, light and dark: what holds for all of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from headwater.server.web.permissions import RULES
from tests.browser.conftest import Visitor
from tests.browser.screenshots import LOOKS
from tests.browser.world import (
    FOR_STRANGERS,
    NO_PAGES,
    World,
    addresses,
    empty_world,
    full_world,
    places,
)
from tests.clients.toolbox import install

pytestmark = pytest.mark.browser

PACKAGES = Path(__file__).parent
MAX_WEIGHT = 150_000
"""Bytes that a first visit transfers, compressed, with style sheets and scripts."""

MAX_SHIFT = 0.02
"""Cumulative layout shift of a page. What is called good is below 0.1; buttons that a script adds beside
lines to paste move them by 0.003, the switch to minified frames by an address moves 0.017."""

BREAKS = (
    "const seen = [];"
    "addEventListener('securitypolicyviolation', event => seen.push(event.violatedDirective));"
    "window.broken = () => seen;"
)
SHIFTS = (
    "window.shifted = 0;"
    "new PerformanceObserver(list => { for (const entry of list.getEntries())"
    " window.shifted += entry.value; }).observe({ type: 'layout-shift', buffered: true });"
)
WRONG = (
    "only => axe.run(document, { resultTypes: ['violations'], ...(only && { runOnly: only }) })"
    ".then(found => found.violations"
    ".map(each => `${each.id}: ${each.nodes.map(node => node.html.slice(0, 160)).join(' | ')}`))"
)
COLOURS = ["color-contrast", "link-in-text-block"]


@dataclass(frozen=True, slots=True)
class Visits:
    """Two pages, one of which Ada has signed in with, in a world."""

    world: World
    ada: Page
    stranger: Page

    def every(self) -> Iterator[tuple[str, Page]]:
        """Each page that there is, opened."""
        for pattern, address in places(self.world):
            page = self.stranger if pattern in FOR_STRANGERS else self.ada
            page.goto("about:blank")  # so that another fragment alone is a new page too
            page.goto(address)
            yield pattern, page


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script that judges a page."""
    packages = install(PACKAGES, tmp_path_factory.mktemp("home")).packages
    return (packages / "axe-core/axe.min.js").read_text()


@pytest.fixture(scope="module", params=[full_world, empty_world], ids=["full", "empty"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A server with everything, and one with nothing."""
    made: Callable[[Path], Any] = request.param
    with made(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.fixture
def visits(chromium: Browser, world: World) -> Iterator[Visits]:
    """Two browsers that keep nothing between tests."""
    # Colours that are on their way from light to dark have another contrast than either.
    contexts = [chromium.new_context(reduced_motion="reduce") for _ in range(2)]
    for context in contexts:
        context.add_init_script(BREAKS + SHIFTS)
    ada, stranger = (context.new_page() for context in contexts)
    Visitor(ada).sign_in(world.origin)
    yield Visits(world, ada, stranger)
    for context in contexts:
        context.close()


def test_every_route_is_looked_at_or_says_why_not(world: World) -> None:
    shown = {pattern for pattern, _ in places(world)}
    if "issue" not in world.names:
        pytest.skip("nothing is on most pages of an empty server")

    missed = [
        route
        for route in RULES
        if route.startswith("GET ")
        and route not in NO_PAGES
        and not shown.intersection(each.replace(":path}", "}") for each in addresses(route))
    ]

    assert missed == [], "tell tests/browser/world.py where these pages are"


def test_no_page_breaks_a_rule_of_accessibility_or_is_wider_than_its_window(
    visits: Visits, axe: str
) -> None:
    wrong = []

    for pattern, page in visits.every():
        page.evaluate(axe)
        for width, scheme in LOOKS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            # What is not about colours is the same in the dark.
            found = page.evaluate(WRONG, None if scheme == "light" else COLOURS)
            wrong += [f"{pattern}, {width}, {scheme}: {said}" for said in found]
            if Visitor(page).is_wider_than_its_window():
                wrong.append(f"{pattern}, {width}: scrolls sideways")

    assert wrong == []


def test_no_page_weighs_too_much_moves_what_it_has_shown_or_breaks_its_own_policy(
    visits: Visits,
) -> None:
    wrong, weights = [], []
    loaded = {page: _weighed(page) for page in (visits.ada, visits.stranger)}

    for pattern, page in visits.every():
        page.wait_for_load_state("networkidle")
        weights.append(sum(loaded[page]))
        loaded[page].clear()
        if weights[-1] > MAX_WEIGHT:
            wrong.append(f"{pattern}: {weights[-1]} bytes")
        shifted = page.evaluate("window.shifted")
        if shifted > MAX_SHIFT:
            wrong.append(f"{pattern}: shifts by {shifted}")
        if broken := page.evaluate("window.broken()"):
            wrong.append(f"{pattern}: {broken}")
        inline = page.locator("script:not([src]), style, [style], [onclick], [onload]").count()
        if inline:
            wrong.append(f"{pattern}: {inline} inline scripts or styles")

    assert wrong == []
    assert min(weights) > 1_000, "nothing was measured"


def _weighed(page: Page) -> list[int]:
    """The bytes of each answer that it loads, always as if for the first time."""
    meter = page.context.new_cdp_session(page)
    loaded: list[int] = []
    meter.on("Network.loadingFinished", lambda said: loaded.append(int(said["encodedDataLength"])))
    meter.send("Network.enable")
    meter.send("Network.setCacheDisabled", {"cacheDisabled": True})
    return loaded
