"""From an empty server to the line that broke, in a real browser."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.demo import demo_event, send, upload
from tests.clients.live_server import LiveServer
from tests.clients.patience import until

pytestmark = pytest.mark.browser

STORE_SECONDS = 60
TRACE = """Error: Invoice not found
    at getPostedInvoice (src/lib/actions/invoices.ts:84:15)
    at fetchInvoiceData (src/app/invoices/[id]/page.tsx:31:41)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
    at generateMetadata (src/app/invoices/[id]/page.tsx:12:19)"""


def _clipboard(page: Page) -> str:
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def _create_project(page: Page, name: str) -> str:
    """Ends on the set-up page; the DSN, as the copy button has it."""
    page.get_by_role("link", name="New project").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Platform").select_option("Next.js")
    page.get_by_role("button", name="Create project").click()
    page.get_by_role("button", name="Copy DSN").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    return _clipboard(page)


def _create_token(page: Page, name: str, home: str) -> str:
    page.get_by_role("link", name="API tokens", exact=True).click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Good for").select_option(home)
    page.get_by_role("button", name="Create token").click()
    page.get_by_role("button", name="Copy token").click()
    return _clipboard(page)


def _open_event(page: Page, server: LiveServer, event: str) -> None:
    def is_there() -> bool:
        answer = page.request.get(f"{server.origin}/events/{event}")
        return answer.status == 200

    until(is_there, STORE_SECONDS, "the event is stored")
    page.goto(f"{server.origin}/events/{event}")


def _fill(server: LiveServer, page: Page, name: str) -> str:
    """A project with the demo's maps and its error; the event's id. Ends anywhere."""
    project = server.project(name)
    upload(server.origin, project.upload_token, project.slug)
    event = send(server.origin, project.dsn, demo_event())
    _open_event(page, server, event)
    return event


def test_from_signing_in_to_the_line_that_broke(server: LiveServer, visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in(server.origin)

    dsn = _create_project(page, "Acme")
    token = _create_token(page, "CI of Acme", "Acme")
    expect(page.locator("#build-3")).to_contain_text(f"authToken: '{token}'")
    expect(page.locator("#build-3")).to_contain_text(f"sentryUrl: '{server.origin}'")
    upload(server.origin, token, "acme")
    event = send(server.origin, dsn, demo_event())
    _open_event(page, server, event)
    page.goto(f"{server.origin}/projects/acme/issues")
    page.get_by_role("link", name="Error: Invoice not found").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Error: Invoice not found")
    expect(page.locator(".where")).to_have_text(
        "getPostedInvoice · src/lib/actions/invoices.ts:84:15"
    )
    first = page.locator(".as-original .frame").first
    expect(first.locator(".line.lit").first).to_have_attribute("data-n", "84")
    expect(first.locator(".line.lit").first).to_contain_text('throw new Error("Invoice not found")')
    expect(first.locator(".mark")).to_have_text("debug id")
    page.get_by_role("button", name="Copy").click()
    assert _clipboard(page) == TRACE
    assert visitor.faults == []


def test_the_mark_is_exactly_under_the_column(server: LiveServer, visitor: Visitor) -> None:
    visitor.sign_in(server.origin)
    _fill(server, visitor.page, "Marked")

    # Column 15 of `    throw new Error(…)`: the `E` of Error is 10 characters after the `t`.
    mark, column = visitor.page.evaluate(
        """() => {
          const place = (node, index) => {
            const range = document.createRange();
            const walk = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
            while (walk.nextNode()) {
              const length = walk.currentNode.data.length;
              if (index < length) {
                range.setStart(walk.currentNode, index);
                range.setEnd(walk.currentNode, index + 1);
                return range.getBoundingClientRect().left;
              }
              index -= length;
            }
          };
          const caret = document.querySelector(".as-original .line.caret");
          const lit = document.querySelector(".as-original .line.lit");
          return [place(caret, caret.textContent.indexOf("^")), place(lit, 14)];
        }"""
    )

    assert abs(mark - column) < 1


def test_the_switch_shows_the_minified_trace_in_place(server: LiveServer, visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in(server.origin)
    _fill(server, page, "Switched")
    visitor.requests.clear()

    page.get_by_role("radio", name="Original").focus()
    page.keyboard.press("ArrowRight")

    expect(page.locator(".as-minified")).to_be_visible()
    expect(page.locator(".as-original")).to_be_hidden()
    expect(page.locator(".as-minified .frame").first).to_contain_text(
        "app:///_next/server/chunks/ssr/_0rdysi~._.js:3:1039"
    )
    # Chromium takes the icon from its cache again when the address changes.
    assert [url for url in visitor.requests if not url.endswith(".svg")] == []
    assert page.url.endswith("#minified")
    page.get_by_role("button", name="Copy").click()
    assert _clipboard(page).splitlines()[1].startswith("    at h (app:///_next/")
    page.reload()
    expect(page.get_by_role("radio", name="Minified")).to_be_checked()
    assert visitor.faults == []


def test_a_mark_opens_to_its_evidence(server: LiveServer, visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in(server.origin)
    _fill(server, page, "Evident")

    mark = page.locator(".as-original .mark").first
    mark.focus()
    page.keyboard.press("Enter")

    evidence = page.locator(".as-original .why").first
    expect(evidence).to_contain_text("5febecf2-942b-2783-d065-35d7de1ac5f7")
    expect(evidence).to_contain_text("original source")


def test_an_event_is_copied_as_markdown(server: LiveServer, visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in(server.origin)
    _fill(server, page, "Markdown")

    page.get_by_role("link", name="Copy as Markdown").click()

    expect(page.get_by_role("link", name="Copied")).to_be_visible()
    text = _clipboard(page)
    assert text.startswith("# `Error: Invoice not found`\n")
    assert "1. `getPostedInvoice` at `src/lib/actions/invoices.ts:84:15`" in text
    assert visitor.faults == []


def test_an_event_without_its_maps_says_what_to_do(server: LiveServer, visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in(server.origin)
    # Else the upload may still be on its way, for all that the server knows.
    _fill(server, page, "Mapped")
    project = server.project("Mapless")
    event = send(server.origin, project.dsn, demo_event())

    _open_event(page, server, event)

    expect(page.get_by_role("status")).to_contain_text("3 of 3 frames could not be resolved.")
    expect(page.get_by_role("status")).to_contain_text("npx @sentry/cli sourcemaps upload")
    assert visitor.faults == []


def test_an_issue_is_resolved_and_reopened(server: LiveServer, visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in(server.origin)
    _fill(server, page, "Resolvable")

    page.get_by_role("button", name="Resolve").click()
    expect(page.locator(".state")).to_have_text("Resolved")
    page.goto(f"{server.origin}/projects/resolvable/issues")
    expect(page.locator("main")).to_contain_text("There is no unresolved issue.")
    page.get_by_role("link", name="Show all").click()
    page.get_by_role("link", name="Error: Invoice not found").click()
    page.get_by_role("button", name="Reopen").click()

    expect(page.get_by_role("button", name="Resolve")).to_be_visible()
    assert visitor.faults == []


def test_a_token_is_revoked_after_a_question(server: LiveServer, visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in(server.origin)
    _create_token(page, "Old laptop", "Whole instance")
    page.get_by_role("link", name="All tokens").click()

    page.get_by_role("link", name="Revoke Old laptop").click()
    page.get_by_role("button", name="Revoke token").click()

    expect(page.get_by_role("link", name="Revoke Old laptop")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("1 revoked")


def test_signing_out_closes_every_page(server: LiveServer, visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in(server.origin)

    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{server.origin}/settings/tokens")

    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert page.url.endswith("/sign-in?next=/settings/tokens")


def test_everything_works_without_a_script(server: LiveServer, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    visitor = Visitor(context.new_page()).watch()
    visitor.sign_in(server.origin)
    _fill(server, visitor.page, "Scriptless")
    page = visitor.page

    page.get_by_text("Minified", exact=True).click()

    expect(page.locator(".as-minified .frame").first).to_be_visible()
    expect(page.locator(".as-original")).to_be_hidden()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    markdown = page.get_by_role("link", name="Copy as Markdown").get_attribute("href")
    assert "# `Error: Invoice not found`" in page.request.get(f"{server.origin}{markdown}").text()
    page.get_by_role("button", name="Mute").click()
    expect(page.locator(".state")).to_have_text("Muted")
    assert visitor.faults == []
    context.close()


def test_no_page_scrolls_sideways_on_a_phone(server: LiveServer, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    visitor = Visitor(context.new_page()).watch()
    visitor.sign_in(server.origin)
    _fill(server, visitor.page, "Pocket")
    event = visitor.page.url

    for path in (
        event,
        f"{event}#minified",
        f"{server.origin}/issues",
        f"{server.origin}/projects/pocket/issues",
        f"{server.origin}/projects/pocket/set-up",
        f"{server.origin}/projects/new",
        f"{server.origin}/settings/tokens",
        f"{server.origin}/doctor",
    ):
        visitor.page.goto(path)
        assert not visitor.is_wider_than_its_window(), path

    assert visitor.faults == []
    context.close()


def test_reloading_the_page_of_a_new_token_makes_no_second_one(
    visitor: Visitor, server: LiveServer
) -> None:
    visitor.sign_in(server.origin)
    secret = _create_token(visitor.page, "Reloaded", "*")

    visitor.page.reload()

    expect(visitor.page.get_by_text(secret)).to_have_count(0)
    expect(visitor.page.get_by_role("row", name="Reloaded")).to_have_count(1)
    assert visitor.faults == []
