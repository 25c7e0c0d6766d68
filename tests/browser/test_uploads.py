"""Uploads in a real browser: by hand with and without a script, looked for, read, deleted."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.demo import demo_event, send, upload
from tests.clients.live_server import LiveServer
from tests.clients.patience import until
from tests.upload_side import DEBUG_ID

pytestmark = pytest.mark.browser

STORE_SECONDS = 60
TEXT = "\n".join(f"export const line{number} = {number}; // <b>" for number in range(1, 1_201))


def _dist(folder: Path) -> Path:
    """What a build wrote."""
    dist = folder / "dist"
    (dist / "assets").mkdir(parents=True)
    source_map = {
        "version": 3,
        "sources": ["../src/lib/invoices.ts", "../node_modules/x/index.js"],
        "sourcesContent": [TEXT, "x"],
        "ignoreList": [1],
        "names": [],
        "mappings": "AAAA",
    }
    script = f"throw new Error('boom')\n//# debugId={DEBUG_ID}\n//# sourceMappingURL=app.js.map\n"
    (dist / "assets" / "app.js").write_text(script)
    (dist / "assets" / "app.js.map").write_text(json.dumps(source_map))
    (dist / "index.html").write_text("<html>")
    (dist / "style.css").write_text("a{}")
    return dist


def _zipped(dist: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(dist.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(dist.parent))
    return packed.getvalue()


def _upload_by_hand(page: Page, dist: Path) -> None:
    """From the list of releases; ends on the bundle's page."""
    page.get_by_role("link", name="Upload by hand").click()
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose the folder")
    page.get_by_label("Release").fill("shop@1.4.2")
    page.get_by_label("Folder").set_input_files(dist)
    expect(page.get_by_role("status")).to_contain_text("2 of 4 files will be sent")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Upload").click()
    page.wait_for_url("**/bundles/*")


def _read_a_source(page: Page) -> None:
    """From a bundle's page; ends on a line of a source."""
    page.get_by_role("link", name="Sources").click()
    expect(page.locator("main")).to_contain_text("2 sources")
    page.get_by_role("link", name="src/lib/invoices.ts").click()
    page.get_by_label("Go to line").fill("700")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.locator("#L700")).to_have_class("lit")
    expect(page.locator("#L700")).to_be_in_viewport()


def _ask(page: Page, text: str) -> None:
    page.get_by_label("Was this uploaded?").fill(text)
    page.get_by_role("button", name="Look").click()


def test_a_folder_is_uploaded_looked_for_read_and_deleted(
    server: LiveServer, visitor: Visitor, tmp_path: Path
) -> None:
    page = visitor.page
    visitor.sign_in(server.origin)
    releases = f"{server.origin}/projects/{server.project('By hand').slug}/releases"
    page.goto(releases)

    _upload_by_hand(page, _dist(tmp_path))
    expect(page.locator("main")).to_contain_text("by hand, ada@example.com")
    expect(page.locator("main")).to_contain_text("~/assets/app.js")
    bundle = page.url
    _read_a_source(page)
    assert not visitor.is_wider_than_its_window()
    page.goto(releases)
    _ask(page, f"{{{DEBUG_ID.upper()}}}")
    expect(page.get_by_role("status")).to_contain_text("Yes: 2 files")
    page.goto(bundle)
    page.get_by_role("link", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete 1 bundle").click()
    page.wait_for_url("**/bundles")
    _ask(page, "https://h/assets/app.js:1:2")
    expect(page.locator("main")).to_contain_text("Deleted by ada@example.com")

    assert visitor.faults == []


def test_what_is_too_large_is_said_before_anything_is_sent(
    server: LiveServer, visitor: Visitor, tmp_path: Path
) -> None:
    page = visitor.page
    visitor.sign_in(server.origin)
    page.goto(f"{server.origin}/projects/{server.project('Large').slug}/uploads/new")
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.locator("form[data-upload]").evaluate("form => { form.dataset.maxFile = 10; }")

    page.get_by_label("Folder").set_input_files(_dist(tmp_path))
    expect(page.get_by_role("status")).to_contain_text("is the limit")
    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_role("alert")).to_contain_text("is the limit")
    assert "POST" not in sent


def test_a_refused_upload_keeps_what_was_typed(
    server: LiveServer, visitor: Visitor, tmp_path: Path
) -> None:
    page = visitor.page
    visitor.sign_in(server.origin)
    project = server.project("Refused")
    page.goto(f"{server.origin}/projects/{project.slug}/uploads/new")
    (tmp_path / "a.js").write_text("a")

    page.get_by_label("Release").fill("shop@1")
    page.get_by_label("Folder").set_input_files(tmp_path)
    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_role("alert")).to_contain_text("no source map")
    expect(page.get_by_label("Release")).to_have_value("shop@1")
    expect(page.get_by_role("button", name="Upload")).to_be_enabled()


@pytest.mark.parametrize("field", ["Folder", "or a ZIP of it"])
def test_a_folder_and_a_zip_are_uploaded_without_a_script(
    server: LiveServer, chromium: Browser, tmp_path: Path, field: str
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    visitor = Visitor(context.new_page())
    visitor.sign_in(server.origin)
    project = server.project(f"No script {field}")
    page, dist = visitor.page, _dist(tmp_path)
    page.goto(f"{server.origin}/projects/{project.slug}/uploads/new")

    if field == "Folder":
        page.get_by_label(field).set_input_files(dist)
    else:
        archive: FilePayload = {
            "name": "dist.zip",
            "mimeType": "application/zip",
            "buffer": _zipped(dist),
        }
        page.get_by_label(field).set_input_files(archive)
    page.get_by_role("button", name="Upload").click()

    page.wait_for_url("**/bundles/*")
    expect(page.locator("main")).to_contain_text("~/assets/app.js")
    context.close()


def test_a_zip_is_dropped(server: LiveServer, visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.page
    visitor.sign_in(server.origin)
    project = server.project("Dropped")
    page.goto(f"{server.origin}/projects/{project.slug}/uploads/new")
    packed = list(_zipped(_dist(tmp_path)))

    page.evaluate(
        "bytes => { const data = new DataTransfer();"
        " data.items.add(new File([new Uint8Array(bytes)], 'dist.zip'));"
        " document.querySelector('[data-drop]').dispatchEvent("
        "new DragEvent('drop', { dataTransfer: data, cancelable: true, bubbles: true })); }",
        packed,
    )
    expect(page.get_by_role("status")).to_contain_text("dist.zip will be sent")
    page.get_by_role("button", name="Upload").click()

    page.wait_for_url("**/bundles/*")
    expect(page.locator("main")).to_contain_text("~/assets/app.js")
    assert visitor.faults == []


def test_a_preview_of_deleting_tells_of_resolved_events(
    server: LiveServer, visitor: Visitor
) -> None:
    page = visitor.page
    visitor.sign_in(server.origin)
    project = server.project("Demo")
    upload(server.origin, project.upload_token, project.slug)
    event = send(server.origin, project.dsn, demo_event())
    until(
        lambda: page.request.get(f"{server.origin}/events/{event}").status == 200,
        STORE_SECONDS,
        "the event is stored",
    )

    page.goto(f"{server.origin}/projects/{project.slug}/bundles")
    page.locator("table.list a").first.click()
    page.get_by_role("link", name="Delete", exact=True).click()

    expect(page.locator("main")).to_contain_text("1 of the newest 1 stored events, of 1 issue")
    expect(page.locator("main")).to_contain_text("Invoice not found")
    page.goto(f"{server.origin}/projects/{project.slug}/uploads?q=page.js")
    assert visitor.faults == []
