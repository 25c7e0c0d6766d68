"""Uploading a folder or a ZIP from a page."""

import html
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import select
from starlette.applications import Starlette

from headwater.artifacts.compiler import Compiler
from headwater.protocol.debug_id import DebugId
from headwater.server.hand_parts import MAX_HAND_PARTS
from headwater.storage.people.sessions import Sessions
from headwater.storage.schema import artifact_bundles
from headwater.storage.uploads.artifact import ReleaseName
from headwater.storage.uploads.artifacts import Artifacts
from headwater.storage.uploads.refusals import Refusals
from tests.artifacts.test_by_hand import SNIPPET, zipped
from tests.released import Released
from tests.server.web.house import ORIGIN, Browser, House, assert_harmless, tools_of
from tests.server.web.test_release_pages import HOSTILE, text_of
from tests.upload_side import DEBUG_ID, MAP

SCRIPT = f"throw new Error('boom')\n//# debugId={DEBUG_ID}\n//# sourceMappingURL=app.js.map\n"
PLAIN = b"throw new Error('boom')\n//# sourceMappingURL=app.js.map\n"
PATH = "/projects/shop/uploads/new"

File = tuple[str, tuple[str, bytes, str]]


@pytest.fixture
def refusals(house: House) -> Refusals:
    """The server's."""
    return Refusals(house.database)


@pytest.fixture
def browser(house: House, compiler: Compiler, refusals: Refusals) -> Browser:
    """Ada's, on a server that stores uploads."""
    house.project("Shop")
    tools = tools_of(house.database, compiler)
    pages = House.pages_of(house.database, tools=tools, refusals=refusals)
    browser = Browser(Starlette(routes=pages.routes()), ORIGIN)
    secret = Sessions(house.database).start(house.ada.id, datetime.now(UTC))
    browser.cookies.set("headwater_session", secret, domain="errors.example.com")
    return browser


def folder(files: dict[str, bytes]) -> list[File]:
    """As a browser sends one."""
    return [("folder", (name, content, "text/plain")) for name, content in files.items()]


def send(browser: Browser, files: Sequence[File], **fields: str) -> Response:
    data: dict[str, Any] = {"release": "", "dist": "", "prefix": "~/", **fields}
    return browser.post(PATH, data=data, files=list(files))


def wrong(answer: Response) -> str:
    """What the form says, which is there again."""
    assert answer.status_code in (413, 422), answer.text
    assert_harmless(answer)
    assert 'name="release"' in answer.text
    return text_of(answer.text)


def test_the_form_says_what_to_choose(browser: Browser) -> None:
    page = browser.get(f"{PATH}?release=shop%401")

    assert 'value="shop@1"' in page.text
    assert "webkitdirectory" in page.text
    assert_harmless(page)
    assert PATH in browser.get("/projects/shop/set-up").text
    assert PATH in browser.get("/projects/shop/releases").text


def test_a_folder_is_found_by_debug_id_and_shown_with_its_findings(
    house: House, browser: Browser
) -> None:
    files = {"dist/app.js": SCRIPT.encode(), "dist/app.js.map": MAP, "dist/index.html": b"<html>"}

    answer = send(browser, folder(files))

    assert (answer.status_code, answer.headers["location"]) == (303, "/bundles/1")
    found = Artifacts(house.database).with_debug_id(1, DebugId(DEBUG_ID))
    assert {each.url for each in found} == {"~/app.js", "~/app.js.map"}
    said = text_of(browser.get("/bundles/1").text)
    assert "by hand, ada@example.com" in said
    assert "but not the lines that tell the SDK of it" in said
    assert "by hand, ada@example.com" in text_of(browser.get("/projects/shop/bundles").text)


def test_a_plugins_output_is_found_by_the_id_that_it_left(house: House, browser: Browser) -> None:
    deployed = SNIPPET + b"throw new Error('boom')\n//# sourceMappingURL=app.js.map"

    answer = send(browser, folder({"dist/app.js": deployed, "dist/app.js.map": MAP}))

    assert answer.headers.get("location") == "/bundles/1", answer.text
    found = Artifacts(house.database).with_debug_id(1, DebugId(DEBUG_ID))
    assert {each.url for each in found} == {"~/app.js", "~/app.js.map"}


def test_files_without_ids_are_found_by_release_dist_and_address(
    house: House, browser: Browser
) -> None:
    packed = zipped({"dist/app.js": PLAIN, "dist/app.js.map": MAP, "dist/logo.png": b"png"})

    answer = send(
        browser,
        [("zip", ("dist.zip", packed.getvalue(), "application/zip"))],
        release=" shop@1 ",
        dist="7",
        prefix="/assets",
    )

    assert answer.headers.get("location") == "/bundles/1", answer.text
    release = ReleaseName("shop@1", "7")
    assert Artifacts(house.database).at_urls(1, ["~/assets/app.js"], release)
    assert "shop@1" in text_of(browser.get("/projects/shop/releases").text)


def test_an_upload_at_another_prefix_than_events_name_is_told_of(
    house: House, browser: Browser
) -> None:
    files = {"https://h/dist1/assets/app.js": 1}
    Released(house.database).see(1, "shop@1", files)
    dist = folder({"dist/assets/app.js": PLAIN, "dist/assets/app.js.map": MAP})

    wrong_one = browser.get(send(browser, dist, release="shop@1").headers["location"])

    said = text_of(wrong_one.text)
    assert "They name https://h/dist1/assets/app.js , and what was uploaded is" in said
    assert "events will name them" not in said
    assert_harmless(wrong_one)
    link = re.search(r'href="(/projects/shop/uploads/new\?[^"]+prefix[^"]+)"', wrong_one.text)
    assert link
    form = browser.get(html.unescape(link[1]))
    assert 'value="~/dist1/"' in form.text
    right = send(browser, dist, release="shop@1", prefix="~/dist1/")
    assert "look for its files" not in browser.get(right.headers["location"]).text


def test_the_same_upload_again_is_the_same_bundle(browser: Browser) -> None:
    files = folder({"dist/app.js": SCRIPT.encode(), "dist/app.js.map": MAP})

    first, again = send(browser, files), send(browser, files, release="shop@1")

    assert first.headers["location"] == again.headers["location"] == "/bundles/1"
    assert "shop@1" in browser.get("/bundles/1").text


def test_a_form_keeps_its_input_when_it_is_refused(browser: Browser) -> None:
    empty = [("folder", ("", b"", "application/octet-stream"))]

    nothing = send(browser, empty, release=HOSTILE, dist="7", prefix="~/assets/")

    said = wrong(nothing)
    assert "there is no .js, .mjs, .cjs or .map file in it" in said
    assert "What you typed is kept" in said
    assert 'value="7"' in nothing.text
    assert 'value="~/assets/"' in nothing.text


def test_files_that_nothing_would_find_are_refused(browser: Browser) -> None:
    said = wrong(send(browser, folder({"dist/app.js": PLAIN, "dist/app.js.map": MAP})))

    assert "Fill in the release that the events have" in said
    assert "--release" not in said


def test_what_is_refused_is_among_the_refused_uploads(browser: Browser, refusals: Refusals) -> None:
    wrong(send(browser, folder({"dist/app.js": PLAIN, "dist/app.js.map": MAP})))
    refusals.close()

    for page in ("/projects/shop/set-up", "/settings/tokens"):
        shown = browser.get(page)
        assert_harmless(shown)
        said = text_of(shown.text)
        assert "its source maps have no debug ids" in said, page
        assert "by hand, ada@example.com" in said, page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"release": "a" * 251}, "at most 250 characters"),
        ({"release": "a\x1bb"}, "no control characters"),
        ({"dist": "a" * 65}, "at most 64 characters"),
        ({"prefix": "not an address"}, "has no blanks"),
        ({"release": "a" * 5_000}, "more than 4,096 bytes"),
    ],
)
def test_fields_that_cant_be_kept_are_told_of(
    browser: Browser, fields: dict[str, str], sentence: str
) -> None:
    files = folder({"app.js": SCRIPT.encode(), "app.js.map": MAP})

    assert sentence in wrong(send(browser, files, **fields))


def test_what_is_no_zip_is_told_of(browser: Browser) -> None:
    answer = send(browser, [("zip", ("dist.zip", b"<html>", "application/zip"))])

    assert "not a readable ZIP" in wrong(answer)


def test_two_zips_are_one_too_many(browser: Browser) -> None:
    packed = zipped({"a.js": SCRIPT.encode()}).getvalue()

    answer = send(browser, [("zip", ("a.zip", packed, "")), ("zip", ("b.zip", packed, ""))])

    assert "One ZIP" in wrong(answer)


def test_a_request_of_another_type_is_told_of(browser: Browser) -> None:
    assert "multipart/form-data" in wrong(browser.post(PATH, data={"release": "1"}))


def test_names_are_harmless_wherever_they_are_shown(browser: Browser) -> None:
    name = "dist/<img src=x onerror=alert(1)>.js"

    answer = send(browser, folder({name: SCRIPT.encode(), "../../../e.js.map": MAP}), release="r")

    page = browser.get(answer.headers["location"])
    assert_harmless(page)
    assert "<img" not in page.text
    assert "../" not in page.text


def test_too_many_files_are_told_of(browser: Browser) -> None:
    boundary = b"--x\r\nContent-Disposition: form-data; name=folder; filename=a.txt\r\n\r\n\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}

    answer = browser.post(PATH, content=boundary * (MAX_HAND_PARTS + 1), headers=headers)

    assert "at most 20,010 parts" in wrong(answer)


def test_nothing_is_left_of_an_upload_that_was_refused(
    house: House, browser: Browser, tmp_path: Path
) -> None:
    wrong(send(browser, folder({"app.js": PLAIN, "x.map": b"no map"})))
    wrong(send(browser, [("zip", ("dist.zip", b"PK", ""))]))

    assert not list((tmp_path / "chunks" / "tmp").iterdir())
    with house.database.read() as connection:
        assert connection.execute(select(artifact_bundles)).all() == []


def test_a_stranger_and_another_site_upload_nothing(house: House, browser: Browser) -> None:
    assert house.stranger().post(PATH, files=folder({"a.js": b"a"})).status_code == 303
    browser.headers["Origin"] = "https://evil.example.com"
    assert send(browser, folder({"a.js": b"a"})).status_code == 403


def test_a_project_that_is_not_there_takes_nothing(browser: Browser) -> None:
    path = "/projects/none/uploads/new"
    assert browser.get(path).status_code == 404
    assert browser.post(path, files=folder({"a.js": b"a"})).status_code == 404
