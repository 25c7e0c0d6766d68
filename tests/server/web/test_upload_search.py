"""'Was this uploaded?': what is there, what was, and what nearly is."""

import pytest

from headwater.storage.people.tokens import Scope
from headwater.storage.uploads.former_files import Removal
from headwater.storage.uploads.release_files import ReleaseFiles
from tests.released import Released, debug_id
from tests.server.web.house import Browser, House, assert_harmless
from tests.server.web.test_release_pages import HOSTILE, text_of


@pytest.fixture
def released(house: House) -> Released:
    house.project("Shop")
    house.project("Blog")
    return Released(house.database)


def ask(browser: Browser, text: str, path: str = "/projects/shop/uploads") -> str:
    """What the page says, which is harmless."""
    page = browser.get(path, params={"q": text})
    assert page.status_code == 200
    assert_harmless(page)
    return text_of(page.text)


def test_the_box_is_on_the_lists_of_releases_and_uploads(
    browser: Browser, released: Released
) -> None:
    released.upload(1, "shop@1", {"~/app.js": 1})

    for path in ("/projects/shop/releases", "/projects/shop/bundles"):
        assert 'role="search" action="/projects/shop/uploads"' in browser.get(path).text
    for path in ("/releases", "/bundles"):
        assert 'role="search" action="/uploads"' in browser.get(path).text


def test_an_empty_box_says_what_may_be_asked(house: House, browser: Browser) -> None:
    house.project("Shop")

    assert "Paste a debug id in any spelling" in ask(browser, " ")


def test_a_debug_id_is_found_with_bundle_release_time_token_and_home(
    house: House, browser: Browser, released: Released
) -> None:
    token, _ = house.tokens.create("ci", Scope.UPLOAD, 1, None, house.ada.created_at)
    released.upload(1, "shop@1", {"~/app.js": 1}, token_id=token.id)

    said = ask(browser, debug_id(1).upper().replace("-", ""))

    assert f"Yes: 2 files with the debug id {debug_id(1)} , the last uploaded 10 min ago" in said
    assert "~/app.js minified source for shop@1" in said
    assert "Bundle 1 for Shop, token ci" in said


def test_a_file_is_found_as_a_frame_says_it_and_as_the_bundler_wrote_it(
    browser: Browser, released: Released
) -> None:
    released.upload(1, "shop@1", {"~/assets/app.js": 1})
    released.upload(None, None, {f"~/{debug_id(2)}-0.js": 2}, built_as="assets/page-DkR4xzQ_.js")

    assert "Yes" in ask(browser, "at f (https://shop.example.com/assets/app.js:1:234)")
    assert "Yes" in ask(browser, "app.js")
    said = ask(browser, "https://h/x/page-DkR4xzQ_.js:1:2")
    assert "Yes" in said
    assert "for the whole instance" in said


def test_a_file_that_is_called_alike_is_a_near_miss(browser: Browser, released: Released) -> None:
    released.upload(1, "shop@1", {"~/assets/app-DkR4xzQ_.js": 1})

    said = ask(browser, "https://h/assets/app-BcD3fGh1.js")

    assert "No. Neither a file that is called so" in said
    assert "Nearly it" in said
    assert "~/assets/app-DkR4xzQ_.js" in said


def test_a_file_at_another_address_is_a_near_miss(browser: Browser, released: Released) -> None:
    released.upload(1, "shop@1", {"~/static/app.js": 1})

    said = ask(browser, "https://h/assets/app.js")

    assert "No." in said
    assert "at another address. File" in said


def test_events_tell_of_an_unknown_debug_id_and_lead_to_the_file_in_its_place(
    browser: Browser, released: Released
) -> None:
    released.upload(1, "shop@1", {"~/assets/app-DkR4xzQ_.js": 1})
    released.see(1, "shop@2", {"https://h/assets/app-BcD3fGh1.js": 7}, events=12)

    said = ask(browser, debug_id(7))

    assert "No. Nothing with the debug id" in said
    assert "https://h/assets/app-BcD3fGh1.js shop@2 12" in said
    assert "have another debug id: perhaps of another build" in said
    assert "~/assets/app-DkR4xzQ_.js" in said


def test_what_another_project_has_is_told_of_but_not_shown(
    browser: Browser, released: Released
) -> None:
    released.upload(2, "blog@1", {"~/secret.js": 3})

    said = ask(browser, debug_id(3))

    assert "Another project has it, Blog: uploaded 10 min ago" in said
    assert "secret.js" not in said
    assert "Yes" in ask(browser, debug_id(3), "/uploads")
    assert "No." in ask(browser, "secret.js")


def test_a_release_is_found_and_so_are_those_called_alike(
    browser: Browser, released: Released
) -> None:
    released.upload(1, "shop@1.0", {"~/app.js": 1})
    released.see(1, "shop@1.1", {"https://h/b.js": 2}, events=3)

    found, seen = ask(browser, "shop@1.0"), ask(browser, "shop@1.1")

    assert "Yes: there is a release of this name with uploads" in found
    assert "known from 3 events, and nothing is uploaded for it by name" in seen
    assert "Releases that are called alike shop@1.0 shop@1.1" in ask(browser, "shop@1")


def test_a_release_that_is_a_git_commit_is_one_and_no_debug_id(
    browser: Browser, released: Released
) -> None:
    commit = "3f2a" * 10
    released.upload(1, commit, {"~/app.js": 1})

    assert "there is a release of this name" in ask(browser, commit)


def test_a_deleted_file_is_told_of_with_when_and_by_whom(
    house: House, browser: Browser, released: Released
) -> None:
    bundle = released.upload(1, "shop@1", {"~/app.js": 1})
    ReleaseFiles(house.database).delete_bundle(
        bundle, Removal(house.ada.created_at, "ada@example.com")
    )

    for text in (debug_id(1), "https://h/app.js", "app.js", "https://cdn/x/app.js", "shop@1"):
        said = ask(browser, text)
        assert "It was there, and is not any more" in said, text
        assert "Deleted by ada@example.com" in said, text


@pytest.mark.parametrize(
    "text", [HOSTILE, "\x00", "%00", "a%00b.js:1:2", "%", "_" * 2_500, "'", "\ud800", "..//"]
)
def test_hostile_questions_are_answered(browser: Browser, released: Released, text: str) -> None:
    released.upload(1, HOSTILE, {HOSTILE: 1}, built_as=HOSTILE)
    released.see(1, HOSTILE, {HOSTILE: 1}, events=3)

    ask(browser, text.encode("utf-8", "replace").decode())
    ask(browser, debug_id(1))


def test_who_is_not_signed_in_asks_in_vain(house: House) -> None:
    assert house.stranger().get("/uploads?q=app.js").status_code == 303


def test_a_project_that_is_not_there_has_no_box(browser: Browser) -> None:
    assert browser.get("/projects/none/uploads?q=a").status_code == 404


def test_an_answer_takes_a_bounded_number_of_statements(
    house: House, browser: Browser, released: Released
) -> None:
    for number in range(30):
        released.upload(1, f"shop@{number}", {f"~/assets/app-{number:08d}.js": number})

    def act() -> None:
        browser.get("/projects/shop/uploads?q=app-DkR4xzQ_.js")

    assert house.statements(act) <= 15
