"""The sources inside of an uploaded map: a list, and each with its lines."""

import base64
import html
import json
import re
from typing import Any

import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from headwater.artifacts.compiler import Compiler
from headwater.artifacts.map_sources import MAX_LINE, MAX_SEARCHED
from headwater.storage.people.sessions import Sessions
from headwater.storage.schema import artifact_files
from tests.server.web.house import ORIGIN, Browser, House, assert_harmless, tools_of
from tests.server.web.test_release_pages import HOSTILE, text_of
from tests.upload_side import NOW, UploadSide, bundle_of, manifest_of, pair


@pytest.fixture
def browser(house: House, compiler: Compiler) -> Browser:
    """Ada's, on a server whose uploads `side` makes."""
    house.project("Shop")
    pages = House.pages_of(house.database, tools=tools_of(house.database, compiler))
    browser = Browser(Starlette(routes=pages.routes()), ORIGIN)
    secret = Sessions(house.database).start(house.ada.id, house.ada.created_at)
    browser.cookies.set("headwater_session", secret, domain="errors.example.com")
    return browser


def source_map(sources: dict[str | None, str | None], **more: Any) -> bytes:
    """A map with these sources."""
    return json.dumps(
        {
            "version": 3,
            "sources": list(sources),
            "sourcesContent": list(sources.values()),
            "names": [],
            "mappings": "AAAA",
            **more,
        }
    ).encode()


def upload(side: UploadSide, content: bytes) -> str:
    """Where its map's sources are listed."""
    answer = side.upload(1, pair(source_map=content))
    assert answer.state == "ok", answer.detail
    with side.database.read() as connection:
        row = connection.execute(
            select(artifact_files).where(artifact_files.c.type == "source_map")
        ).one()
    return f"/bundles/{row.artifact_bundle_id}/maps/{row.id}"


def code_of(page: str) -> list[str]:
    """The lines that are shown."""
    found = re.findall(r'<span class="text">(.*?)</span></code>', page, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", each)) for each in found]


def test_a_bundles_page_leads_to_a_maps_sources(browser: Browser, side: UploadSide) -> None:
    path = upload(
        side,
        source_map(
            {"src/app.ts": "let a = 1;\nlet b;\n", "lib/x.js": "x", "lib/none.js": None},
            ignoreList=[1],
        ),
    )

    assert f'href="{path}"' in browser.get("/bundles/1").text
    page = browser.get(path)
    said = text_of(page.text)
    assert "3 sources 1 marked as somebody else's code" in said
    assert "src/app.ts 3 18 B" in said
    assert "lib/x.js ignored: the bundler marked it" in said
    assert "lib/none.js No text" in said
    assert_harmless(page)


def test_a_source_is_shown_with_numbered_coloured_lines(browser: Browser, side: UploadSide) -> None:
    path = upload(side, source_map({"src/app.ts": "let a = 1;\n// <b>\nlet b;"}))

    page = browser.get(f"{path}/0?line=2")

    assert code_of(page.text) == ["let a = 1;", "// <b>", "let b;"]
    assert '<code id="L2" class="lit">' in page.text
    assert f'href="{path}/0?line=3#L3"' in page.text
    assert '<span class="k">let</span>' in page.text
    assert_harmless(page)


def test_a_long_source_comes_in_pages_and_a_line_leads_to_its_own(
    browser: Browser, side: UploadSide
) -> None:
    text = "\n".join(f"line({number});" for number in range(1, 1_701))
    path = upload(side, source_map({"src/app.ts": text}))

    pages = {query: browser.get(f"{path}/0{query}") for query in ("", "?page=4", "?line=1200")}

    shown = {query: code_of(page.text) for query, page in pages.items()}
    assert shown[""] == [f"line({number});" for number in range(1, 501)]
    assert shown["?page=4"] == [f"line({number});" for number in range(1_501, 1_701)]
    assert "line(1200);" in shown["?line=1200"]
    assert 'rel="next"' not in pages["?page=4"].text
    assert "The source ends before this page" in text_of(browser.get(f"{path}/0?page=9").text)
    assert "The source ends" in browser.get(f"{path}/0?line=99999999999999999").text


def test_a_list_of_sources_can_be_searched(browser: Browser, side: UploadSide) -> None:
    sources: dict[str | None, str | None] = {f"src/{n}.ts": "a" for n in range(250)}
    path = upload(side, source_map(sources))

    first, last = browser.get(path).text, browser.get(f"{path}?page=3").text
    found = browser.get(f"{path}?q=SRC/24").text

    assert len(re.findall(rf'href="{path}/\d+"', first)) == 100
    assert len(re.findall(rf'href="{path}/\d+"', last)) == 50
    assert re.findall(rf'href="{path}/(\d+)"', found) == ["24", *map(str, range(240, 250))]
    assert "No source of this map is called so" in text_of(browser.get(f"{path}?q=zzz").text)


def test_own_sources_are_listed_before_those_of_packages(
    browser: Browser, side: UploadSide
) -> None:
    names = ["../node_modules/a/i.js", "src/b.ts", "lib/ignored.js", "vite/preload", "src/a.ts"]
    path = upload(side, source_map(dict.fromkeys(names, "a"), ignoreList=[2]))

    listed = re.findall(rf'href="{path}/(\d+)"', browser.get(path).text)

    assert listed == ["1", "4", "0", "2", "3"]


def test_very_many_sources_are_listed_in_pages_only(browser: Browser, side: UploadSide) -> None:
    sources: dict[str | None, str | None] = {f"s{n}": None for n in range(MAX_SEARCHED + 1)}
    path = upload(side, source_map(sources))

    page = browser.get(f"{path}?page=51")

    assert "5,001 sources" in text_of(page.text)
    assert "s5000" in page.text
    assert 'role="search"' not in page.text


def test_a_source_without_a_text_says_what_to_do(browser: Browser, side: UploadSide) -> None:
    path = upload(side, source_map({"src/a.ts": None}))

    assert "The map holds no text for this source" in text_of(browser.get(f"{path}/0").text)


def test_hostile_names_and_texts_are_only_text(browser: Browser, side: UploadSide) -> None:
    nasty = f"{HOSTILE}\n</code></div></main>{HOSTILE}\n\x00\x1b[2J\u202e\ud800`${{a}}"
    path = upload(
        side,
        source_map({f"{HOSTILE}.ts": nasty, None: nasty, "javascript:alert(1)//.js": nasty}),
    )

    listed = browser.get(path)
    pages = [browser.get(f"{path}/{number}") for number in range(3)]

    for page in (listed, *pages):
        assert page.status_code == 200
        assert_harmless(page)
        assert "<script>alert" not in page.text
    assert code_of(pages[0].text)[0] == HOSTILE
    assert "without a name" in text_of(listed.text)


def test_a_line_without_an_end_is_cut(browser: Browser, side: UploadSide) -> None:
    path = upload(side, source_map({"a.js": "x" * 3_000_000 + "\nend"}))

    page = browser.get(f"{path}/0")

    first, last = code_of(page.text)
    assert first.rstrip(" …") == "x" * MAX_LINE
    assert last == "end"
    assert len(page.text) < 40_000


@pytest.mark.parametrize("text", ["a\r\nb\r\n", "a\rb\nc", "\r\r\n\r", "\ufeffa\n\nb", "\n\n", ""])
def test_lines_are_those_of_line_feeds(browser: Browser, side: UploadSide, text: str) -> None:
    path = upload(side, source_map({"a.ts": text, "b.txt": text}))

    for source in (0, 1):
        page = browser.get(f"{path}/{source}")
        assert len(code_of(page.text)) == text.count("\n") + 1


def test_a_page_of_very_much_text_is_not_coloured(browser: Browser, side: UploadSide) -> None:
    path = upload(side, source_map({"a.js": "\n".join(["/*" * 400] * 600)}))

    page = browser.get(f"{path}/0")

    assert len(code_of(page.text)) == 500
    assert 'class="c"' not in page.text


def test_a_map_inside_of_a_minified_file_is_shown_too(browser: Browser, side: UploadSide) -> None:
    inline = base64.b64encode(source_map({"src/in.ts": "inside"})).decode()
    script = f"a\n//# sourceMappingURL=data:application/json;base64,{inline}\n".encode()
    bundle = bundle_of(
        {"a": script}, manifest_of({"a": {"type": "minified_source", "url": "~/a.js"}})
    )
    assert side.upload(1, bundle, "shop@1").state == "ok"

    assert 'href="/bundles/1/maps/1"' in browser.get("/bundles/1").text
    assert "the map is inside of the minified file" in text_of(
        browser.get("/bundles/1/maps/1").text
    )
    assert code_of(browser.get("/bundles/1/maps/1/0").text) == ["inside"]


def test_what_is_damaged_is_made_anew(browser: Browser, side: UploadSide) -> None:
    path = upload(side, source_map({"src/app.ts": "let a"}))
    for file in side.making.folder.rglob("*.map"):
        file.write_bytes(b"damaged")

    page = browser.get(f"{path}/0")

    assert code_of(page.text) == ["let a"]


def test_what_cant_be_read_is_told_of(browser: Browser, side: UploadSide) -> None:
    path = upload(side, source_map({"src/app.ts": "let a"}))
    for folder in (side.making.folder, side.files.root):
        for file in folder.rglob("*"):
            if file.is_file():
                file.unlink()

    page = browser.get(path)

    assert page.status_code == 200
    assert "The map could not be read back from storage" in text_of(page.text)
    assert browser.get(f"{path}/0").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/bundles/9/maps/1",
        "/bundles/1/maps/9",
        "/bundles/1/maps/1",
        "/bundles/1/maps/2/1",
        "/bundles/1/maps/2/-1",
        "/bundles/1/maps/2/x",
        "/bundles/x/maps/y/z",
    ],
)
def test_what_is_not_there_is_not_found(browser: Browser, side: UploadSide, path: str) -> None:
    upload(side, source_map({"src/app.ts": "let a"}))

    assert browser.get(path).status_code == 404


def test_a_stranger_sees_no_source(house: House, side: UploadSide) -> None:
    path = upload_as_first(house, side)

    assert house.stranger().get(f"{path}/0").status_code == 303


def upload_as_first(house: House, side: UploadSide) -> str:
    house.projects.create("Shop", "node", NOW)
    return upload(side, source_map({"src/app.ts": "let a"}))
