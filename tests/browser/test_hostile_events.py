"""Events are written by strangers, names by whoever may name: nothing in them runs for who reads them."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.ada import Ada
from tests.browser.conftest import EMAIL, PASSWORD, Visitor
from tests.browser.hostile import ATTACKS, attacked
from tests.browser.world import World, places
from tests.clients.live_server import LiveServer, serving

pytestmark = pytest.mark.browser

BREAKS = (
    "window.broken = [];"
    "addEventListener('securitypolicyviolation', event => window.broken.push(event.blockedURI));"
)
REFUSED = re.compile(
    r"(?:console: Failed to load resource: the server responded with a status of )?(?:400|404|422)\b"
)
"""What a browser says of a page that says that something is not there, or can't be read."""

STRANGE = """() => {
  const strange = [...document.querySelectorAll(
    "img, iframe, object, embed, base, meta[http-equiv], style, math, script:not([src^='/static/'])"
  )];
  for (const each of document.querySelectorAll("*")) {
    if ([...each.attributes].some(({ name }) => name.startsWith("on") || name === "srcdoc" || name === "style")) {
      strange.push(each);
    }
    for (const name of ["href", "src", "action", "formaction", "data-copy-from", "data-news"]) {
      const address = each.getAttribute(name);
      if (address && !["http:", "https:"].includes(new URL(address, document.baseURI).protocol)) {
        strange.push(each);
      }
    }
  }
  return strange.map((each) => each.outerHTML.slice(0, 200));
}"""
REFLECTED = (
    "/issues?q={text}",
    "/issues?q={text}&page=2&order={text}&period={text}",
    "/projects/{project}/issues?q={text}",
    "/uploads?q={text}",
    "/projects/{project}/uploads?q={text}",
    "/projects/{project}/uploads/new?release={text}",
    "/projects/{project}/uploads/delete?release={text}",
    "/bundles/{bundle}/maps/{file}?q={text}",
    "/settings/tokens?project={text}",
    "/received?project={text}",
    "/releases/{text}",
    "/{text}",
    "/sign-in?next={text}",
    "/invitations/{text}",
    "/alerts?done={text}",
)


@pytest.fixture(scope="module")
def attacks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, World]]:
    """One server with a project for each attack."""
    folder = tmp_path_factory.mktemp("attacked") / "data"
    with serving(folder, CREATE_SUPERUSER=f"{EMAIL}:{PASSWORD}") as server:
        ada = Ada.of(server)
        yield {
            text: World(server, attacked(ada, text, number)) for number, text in enumerate(ATTACKS)
        }


@pytest.fixture
def watched(chromium: Browser) -> Iterator[Visitor]:
    """A browser that notes what its policy stopped."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(BREAKS)
    yield Visitor(context.new_page()).watch()
    context.close()


def _opened(page: Page, address: str) -> None:
    page.goto("about:blank")
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")


def _harms(visitor: Visitor, address: str) -> list[str]:
    """What a page did that it must not."""
    page = visitor.page
    harms = [f"strange: {each}" for each in page.evaluate(STRANGE)]
    if page.evaluate("window.hacked") is not None:
        harms.append("a script ran")
    harms += [f"stopped by the policy: {each}" for each in page.evaluate("window.broken")]
    if page.url.partition("?")[0].partition("#")[0].startswith(("javascript:", "data:")):
        harms.append(f"went to {page.url}")
    # A page that says that something is not there says so with a status.
    harms += [each for each in visitor.faults if not REFUSED.match(each)]
    visitor.faults.clear()
    return [f"{address}: {each}" for each in harms]


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_that_is_named_or_sent_runs_on_any_page(
    attacks: dict[str, World], watched: Visitor, text: str
) -> None:
    world = attacks[text]
    watched.sign_in(world.origin)
    harms = []

    for pattern, address in places(world):
        _opened(watched.page, address)
        harms += _harms(watched, pattern)

    assert harms == []
    outside = [url for url in watched.requests if not url.startswith((world.origin, "about:"))]
    assert outside == []


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_that_an_address_says_runs(
    attacks: dict[str, World], watched: Visitor, text: str
) -> None:
    world = attacks[text]
    watched.sign_in(world.origin)
    harms = []

    for pattern in REFLECTED:
        names = {**world.names, "text": quote(text, safe="")}
        _opened(watched.page, world.origin + pattern.format_map(names))
        harms += _harms(watched, pattern)

    assert harms == []


def test_the_attacks_are_to_be_seen(attacks: dict[str, World], watched: Visitor) -> None:
    """A page that showed nothing of them would be harmless too."""
    text = ATTACKS[0]
    world = attacks[text]
    watched.sign_in(world.origin)
    page = watched.page
    shown = {
        "/events/{event}": 20,
        "/projects/{project}/bundles": 1,
        "/bundles/{bundle}": 3,
        "/bundles/{bundle}/maps/{file}": 1,
        "/bundles/{bundle}/maps/{file}/0": 2,
        "/settings/tokens": 1,
        "/alerts": 2,
        "/dead-letters/{letter}": 2,
    }

    for pattern, least in shown.items():
        page.goto(world.origin + pattern.format_map(world.names))
        assert page.locator("main").inner_html().count("&lt;script&gt;") >= least, pattern
    page.goto(f"{world.origin}/events/{world.names['event']}")
    expect(page.locator(".as-original .frame").first).to_contain_text(text)


def test_the_palette_and_a_keys_list_show_names_as_text(
    attacks: dict[str, World], watched: Visitor
) -> None:
    world = attacks[ATTACKS[1]]
    watched.sign_in(world.origin)
    page = watched.page

    page.keyboard.press("Control+k")
    page.keyboard.type("img src=x")
    expect(page.locator("#palette li").first).to_contain_text("<img src=x")

    assert _harms(watched, "palette") == []


@pytest.mark.parametrize(
    "address", ["javascript:window.hacked=1//{path}", "data:text/html,<script>1</script>{path}"]
)
def test_no_repository_or_editor_leads_to_a_script(
    server: LiveServer, visitor: Visitor, address: str
) -> None:
    page = visitor.page
    slug = server.project("Linked").slug
    visitor.sign_in(server.origin)

    for path, label, button in (
        (f"/projects/{slug}/settings", "Address", "Save settings"),
        ("/settings/display", "Open frames in an editor", "Save"),
    ):
        page.goto(server.origin + path)
        page.get_by_label(label, exact=True).fill(address)
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_label(label, exact=True)).to_have_value(address)


def test_signing_in_leads_to_pages_of_this_server_alone(
    server: LiveServer, visitor: Visitor
) -> None:
    for away in (
        "javascript:window.hacked=1",
        "//evil.example/",
        "https://evil.example/",
        "/\\evil",
    ):
        page = visitor.page
        page.context.clear_cookies()
        page.goto(f"{server.origin}/sign-in?next={quote(away, safe='')}")
        page.get_by_label("E-mail address").fill(EMAIL)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{server.origin}/**")
        expect(page.get_by_role("button", name="Sign out")).to_be_attached()

    assert visitor.faults == []
