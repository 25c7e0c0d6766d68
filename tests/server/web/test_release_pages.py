"""Releases, what was uploaded for them, and what was found wrong with it."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event as engine_event

from headwater.artifacts.lint.findings import Check, Finding
from headwater.storage.people.roles import Role
from headwater.storage.people.tokens import Scope
from headwater.storage.uploads.former_files import Removal
from headwater.storage.uploads.release_files import ReleaseFiles
from tests.released import Released, debug_id
from tests.server.web.house import Browser, House, assert_harmless

HOSTILE = '<script>alert("1")</script>'


@pytest.fixture
def released(house: House) -> Released:
    house.project("Shop")
    house.project("Blog")
    return Released(house.database)


def text_of(page: str) -> str:
    """What a person reads, blanks made one."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.split("<main")[1])).split())


def test_releases_are_listed_with_uploads_findings_events_and_rate(
    house: House, browser: Browser, released: Released
) -> None:
    token, _ = house.tokens.create("ci", Scope.UPLOAD, 1, None, house.ada.created_at)
    stripped = Finding(Check.SNIPPET_MISSING, "~/app.js")
    broken = Finding(Check.UNUSABLE_FILE, "~/b.js.map")
    released.upload(1, "shop@1", {"~/app.js": 1, "~/b.js": 2}, stripped, broken, token_id=token.id)
    released.see(1, "shop@1", {"https://h/app.js": 1}, events=12, frames=(9, 1))

    page = browser.get("/projects/shop/releases")

    said = text_of(page.text)
    assert "shop@1 4 files, 10 min ago , token ci" in said
    assert "1 error 1 warning" in said
    assert "12" in said
    assert "90 %" in said
    assert '<a href="/projects/shop/releases/shop%401">' in page.text
    assert_harmless(page)


def test_a_release_without_uploads_says_so(browser: Browser, released: Released) -> None:
    released.see(1, "shop@2", {"https://h/app.js": 1}, events=12, frames=(0, 12))

    assert "Nothing was uploaded for it" in text_of(browser.get("/projects/shop/releases").text)


def test_a_project_sees_its_own_releases_and_the_instances(
    browser: Browser, released: Released
) -> None:
    released.upload(1, "shop@1", {"~/a.js": 1})
    released.upload(2, "blog@1", {"~/b.js": 2})
    released.upload(None, "both@1", {"~/c.js": 3})
    released.see(2, "blog@2", {"https://h/d.js": 4})

    listed = {
        path: set(re.findall(r"\w+@\d", text_of(browser.get(path).text)))
        for path in ("/projects/shop/releases", "/projects/blog/releases", "/releases")
    }

    assert listed == {
        "/projects/shop/releases": {"shop@1", "both@1"},
        "/projects/blog/releases": {"blog@1", "blog@2", "both@1"},
        "/releases": {"shop@1", "blog@1", "blog@2", "both@1"},
    }


def test_uploads_without_a_release_are_listed_with_all_others(
    browser: Browser, released: Released
) -> None:
    released.upload(1, None, {"~/a.js": 1}, Finding(Check.MAP_EMPTY, "~/a.js.map"))
    released.upload(None, "both@1", {"~/b.js": 2})
    released.upload(2, "blog@1", {"~/c.js": 3})

    pages = {path: browser.get(path) for path in ("/projects/shop/bundles", "/bundles")}

    links = {path: set(re.findall(r'"/bundles/(\d)"', page.text)) for path, page in pages.items()}
    assert links == {"/projects/shop/bundles": {"1", "2"}, "/bundles": {"1", "2", "3"}}
    assert "1 warning" in text_of(pages["/projects/shop/bundles"].text)
    assert 'href="/projects/shop/bundles"' in browser.get("/projects/shop/releases").text
    for page in pages.values():
        assert_harmless(page)


def test_a_build_that_was_made_twice_is_shown_with_both_files(
    browser: Browser, released: Released
) -> None:
    released.upload(1, "shop@1", {"~/assets/index-WCb1vY9P.js": 1})
    released.see(1, "shop@1", {"https://h/assets/index-Dbcp0vxA.js": 2})

    page = browser.get("/projects/shop/releases/shop%401")

    said = text_of(page.text)
    assert "Built twice: 1 debug id came with 10 events of this release" in said
    assert f"index-Dbcp0vxA.js {debug_id(2)} index-WCb1vY9P.js {debug_id(1)}" in said
    assert "Build once" in said
    assert_harmless(page)


def test_a_build_that_was_made_twice_is_marked_everywhere(
    browser: Browser, released: Released
) -> None:
    released.upload(1, "shop@1", {"~/a.js": 1})
    released.see(1, "shop@1", {"https://h/a.js": 2}, frames=(10, 0))
    released.upload(1, "shop@2", {"~/a.js": 3, "~/b.js": 4})
    released.see(1, "shop@2", {"https://h/a.js": 3, "https://h/b.js": 5})
    released.see(2, "shop@1", {"https://h/a.js": 2})

    of_all = browser.get("/releases/shop%401")
    lists = [browser.get(path) for path in ("/releases", "/projects/shop/releases")]

    assert "In Shop Built twice: 1 debug id came with 10 events" in text_of(of_all.text)
    assert "Build once" in text_of(of_all.text)
    assert [text_of(each.text).count("Built twice") for each in lists] == [1, 1]
    assert "Built twice" not in browser.get("/projects/blog/releases").text
    for page in (of_all, *lists):
        assert_harmless(page)


def test_a_release_whose_files_were_uploaded_by_debug_id_is_no_alarm(
    browser: Browser, released: Released
) -> None:
    released.upload(1, None, {"~/a.js": 1})
    released.see(1, "shop@1", {"https://h/a.js": 1}, frames=(5, 5))

    page = browser.get("/projects/shop/releases").text

    assert "Nothing was uploaded for it by name" in text_of(page)
    assert "level warning" not in page


def test_a_release_whose_upload_was_deleted_says_so(
    house: House, browser: Browser, released: Released
) -> None:
    bundle = released.upload(1, "shop@1", {"~/a.js": 1})
    released.see(1, "shop@1", {"https://h/a.js": 1, "https://h/b.js": 2})
    removal = Removal(datetime.now(UTC) - timedelta(minutes=3), "ada@example.com")
    ReleaseFiles(house.database).delete_bundle(bundle, removal)

    page = browser.get("/projects/shop/releases/shop%401")

    said = text_of(page.text)
    assert "what was uploaded for it was deleted" in said
    assert "it was deleted 3 min ago by ada@example.com" in said
    assert f"a.js {debug_id(1)} Deleted 3 min ago by ada@example.com" in said
    assert f"b.js {debug_id(2)} Never" in said
    assert "Refused uploads" not in said
    assert_harmless(page)


def test_what_another_project_deleted_is_not_told(
    house: House, browser: Browser, released: Released
) -> None:
    bundle = released.upload(2, "shop@1", {"~/a.js": 1})
    released.see(1, "shop@1", {"https://h/a.js": 1})
    removal = Removal(datetime.now(UTC), "eve@example.com")
    ReleaseFiles(house.database).delete_bundle(bundle, removal)

    said = text_of(browser.get("/projects/shop/releases/shop%401").text)

    assert "Refused uploads" in said
    assert "Never" in said
    assert "eve@example.com" not in said


def test_a_file_that_is_found_by_its_address_was_uploaded(
    browser: Browser, released: Released
) -> None:
    released.upload(1, "shop@1", {"~/assets/a.js": 7})
    released.upload(1, "shop@2", {"~/assets/b.js": 8})
    files = {"https://h/assets/a.js?v=1": 1, "https://h/assets/b.js": 2}
    released.see(1, "shop@1", files, frames=(10, 0))

    said = text_of(browser.get("/projects/shop/releases/shop%401").text)

    assert f"{debug_id(1)} 10 min ago for this release, at its address" in said
    assert f"{debug_id(2)} Never" in said
    assert "Built twice" not in said
    assert "may have been named since" in said


def test_the_projects_page_tells_of_its_newest_release(
    browser: Browser, released: Released
) -> None:
    released.see(1, "shop@1", {"https://h/app.js": 1}, events=9, frames=(0, 9))

    assert "Release shop@1 : 9 events came from this release" in text_of(
        browser.get("/projects/shop/issues").text
    )
    assert "came from this release" not in browser.get("/projects/blog/issues").text


def test_versions_may_have_slashes_and_be_hostile(browser: Browser, released: Released) -> None:
    for version in ("feature/x@1", HOSTILE):
        released.upload(1, version, {HOSTILE: 1}, Finding(Check.MAP_EMPTY, HOSTILE, HOSTILE))
        released.see(1, version, {HOSTILE: 2})

    listed = browser.get("/projects/shop/releases")
    links = re.findall(r'href="(/projects/shop/releases/[^"]+)"', listed.text)
    pages = [browser.get(html.unescape(link)) for link in links]

    assert [page.status_code for page in pages] == [200, 200]
    for page in (listed, *pages, browser.get("/bundles/1"), browser.get("/bundles/2")):
        assert_harmless(page)


def test_a_bundle_shows_its_findings_with_remedies_and_its_files(
    browser: Browser, released: Released
) -> None:
    released.upload(
        1,
        "shop@1",
        {"~/app.js": 1},
        Finding(Check.NO_SOURCE_TEXT, "~/app.js.map", "It has 3 sources."),
        *(Finding(Check.NO_MAP_NAMED, f"~/lib{number}.js") for number in range(30)),
        built_as="index-WCb1vY9P.js",
    )

    page = browser.get("/bundles/1")

    said = text_of(page.text)
    assert said.index("Warnings") < said.index("It has 3 sources.") < said.index("Notes")
    assert "sourcesContent: true" in said
    assert "And 10 more files." in said
    assert f"~/app.js built as index-WCb1vY9P.js minified source {debug_id(1)} 1.2 KB" in said
    assert_harmless(page)


def test_a_sound_bundle_says_so(browser: Browser, released: Released) -> None:
    released.upload(None, "shop@1", {"~/app.js": 1})

    assert "Nothing is wrong with it" in text_of(browser.get("/bundles/1").text)


def test_many_files_are_shown_page_by_page(browser: Browser, released: Released) -> None:
    released.upload(1, "shop@1", {f"~/{number}.js": number for number in range(75)})

    first, second = (browser.get(f"/bundles/1?page={number}").text for number in (1, 2))

    assert (first.count("minified source"), second.count("minified source")) == (50, 25)
    assert 'rel="next"' in first
    assert 'rel="next"' not in second


@pytest.mark.parametrize(
    "path",
    ["/bundles/9", "/bundles/x", "/projects/shop/releases/none", "/releases/none", "/releases/"],
)
@pytest.mark.usefixtures("released")
def test_what_is_not_there_is_not_found(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_a_list_of_many_releases_takes_as_few_statements_as_one_of_few(
    house: House, browser: Browser, released: Released
) -> None:
    def statements() -> int:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        engine_event.listen(house.database.engine, "before_cursor_execute", note)
        assert browser.get("/projects/shop/releases").status_code == 200
        engine_event.remove(house.database.engine, "before_cursor_execute", note)
        return len(seen)

    released.upload(1, "shop@0", {"~/app.js": 0})
    few = statements()
    for number in range(1, 20):
        released.upload(1, f"shop@{number}", {"~/app.js": number})
        released.see(1, f"shop@{number}", {"https://h/app.js": number})

    assert statements() == few


def test_a_release_with_the_name_of_a_path_leads_to_its_own_page(
    browser: Browser, released: Released
) -> None:
    released.see(1, "../../settings/profile", {"https://h/app.js": 1}, events=2)

    page = browser.get("/projects/shop/releases")
    (address,) = re.findall(r'href="(/projects/shop/releases/[^"]+)"', page.text)

    assert "/../" not in address
    assert "../../settings/profile" in text_of(browser.get(address).text)


@pytest.mark.parametrize("path", ["releases", "bundles", "set-up", "uploads?q=app.js"])
def test_who_may_not_upload_is_not_sent_to_do_it(
    house: House, browser: Browser, released: Released, path: str
) -> None:
    house.person("viewer@x.org", Role.VIEWER)
    released.see(1, "shop@1", {"https://h/app.js": 1})

    shown = {
        each: "/uploads/new" in each.get(f"/projects/shop/{path}").text
        for each in (browser, house.browser("viewer@x.org"))
    }

    assert list(shown.values()) == [True, False]


@pytest.mark.usefixtures("released")
@pytest.mark.parametrize("named", ["2", "blog", "02"])
def test_a_project_that_one_does_not_see_is_not_shown_by_its_number_either(
    house: House, named: str
) -> None:
    house.person("somebody@x.org", Role.MEMBER, {1: Role.MEMBER}, all_projects=False)

    answer = house.browser("somebody@x.org").get(f"/projects/{named}/releases")

    assert answer.status_code == 404
