"""Deleting a bundle or a release's uploads: what goes is said first, and remembered afterwards."""

from datetime import UTC, datetime

import pytest

from headwater.protocol.chunks import Sha1
from headwater.protocol.debug_id import DebugId
from headwater.storage.uploads.artifact import ReleaseName
from headwater.storage.uploads.artifacts import Artifacts
from headwater.storage.uploads.bundle_pages import BundlePages
from headwater.storage.uploads.former_files import FormerFiles
from headwater.storage.uploads.going_uploads import Going
from headwater.symbolicate.near_misses import Near, NearMiss
from headwater.symbolicate.resolution import (
    Evidence,
    Original,
    Resolution,
    ResolvedFrame,
    ResolvedStacktrace,
)
from headwater.symbolicate.verdicts import Verdict
from tests.released import Released, debug_id
from tests.server.web.house import Browser, House, assert_harmless
from tests.server.web.test_release_pages import HOSTILE, text_of
from tests.upload_side import DEBUG_ID, MAP, UploadSide, pair

ORIGINAL = Original("src/a.ts", "src/a.ts", "f", 1, 1)


@pytest.fixture
def released(house: House) -> Released:
    house.project("Shop")
    house.project("Blog")
    return Released(house.database)


def resolution(bundle: int, original: Original | None = ORIGINAL) -> Resolution:
    """One frame's, resolved with a bundle or not."""
    near = (NearMiss(next(iter(Near)), "s", bundle=bundle),)
    evidence = Evidence(near=near) if original is None else Evidence(bundle=bundle)
    verdict = Verdict.DEBUG_ID_NOT_UPLOADED if original is None else Verdict.RESOLVED
    frame = ResolvedFrame(verdict, original, evidence)
    return Resolution(3, (ResolvedStacktrace(("stacktrace",), (frame,)),))


def test_a_preview_says_what_goes_and_what_was_resolved_with_it(
    house: House, browser: Browser, released: Released
) -> None:
    bundle = released.upload(1, "shop@1", {"~/app.js": 1, "~/b.js": 2})
    other = released.upload(1, "shop@2", {"~/c.js": 3})
    released.see(1, "shop@1", {"https://h/app.js": 1}, events=1_234)
    shop = house.projects.get("shop")
    assert shop
    issue, _ = house.store(shop, {}, resolution(bundle), title="Error: <b>ours</b>")
    house.store(shop, {}, resolution(bundle), issue, "Error: <b>ours</b>")
    house.store(shop, {}, resolution(other))
    house.store(shop, {}, resolution(bundle, None))

    page = browser.get(f"/bundles/{bundle}/delete")

    said = text_of(page.text)
    assert "1 bundle with 4 files: 2 minified, 2 maps, 0 others" in said
    assert "shop@1 of Shop" in said
    assert "2 of the newest 4 stored events, of 1 issue" in said
    assert "Error: <b>ours</b> main" in said
    assert "about 1,234 events, of releases whose events name its files" in said
    assert "Events that are stored keep what they were resolved to" in said
    assert_harmless(page)


def test_contents_that_other_uploads_have_are_not_counted_as_freed(house: House) -> None:
    house.project("Shop")
    released = Released(house.database)
    first = released.upload(1, "shop@1", {"~/app.js": 1})
    alone = Going(house.database).with_bundle(first)

    released.upload(None, "shop@2", {"~/b.js": 2})
    shared = Going(house.database).with_bundle(first)

    assert (alone.size, alone.freed) == (1_234, 1_234)
    assert (shared.size, shared.freed) == (1_234, 0)


def test_a_deleted_bundle_is_gone_and_remembered(
    house: House, browser: Browser, released: Released
) -> None:
    bundle = released.upload(1, "shop@1", {"~/app.js": 1})

    answer = browser.post(f"/bundles/{bundle}/delete")

    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/shop/bundles")
    assert browser.get(f"/bundles/{bundle}").status_code == 404
    former = FormerFiles(house.database).with_debug_id(1, debug_id(1))
    assert former
    assert former.removal.by == "ada@example.com"
    assert browser.post(f"/bundles/{bundle}/delete").status_code == 404


def test_a_releases_uploads_go_and_what_is_for_another_release_stays(
    house: House, browser: Browser, released: Released
) -> None:
    gone = released.upload(1, "shop@1", {"~/app.js": 1})
    kept = released.upload(1, "shop@1", {"~/b.js": 2})
    instances = released.upload(None, "shop@1", {"~/c.js": 3})
    artifacts = Artifacts(house.database)
    artifacts.associate(1, kept, ReleaseName("shop@2"), datetime.now(UTC))
    preview = browser.get("/projects/shop/uploads/delete", params={"release": "shop@1"})
    assert "1 bundle with 2 files" in text_of(preview.text)
    assert "1 bundle that is for another release too" in text_of(preview.text)
    assert_harmless(preview)

    answer = browser.post("/projects/shop/uploads/delete", data={"release": "shop@1"})

    assert answer.headers["location"] == "/projects/shop/releases/shop%401"
    assert browser.get(f"/bundles/{gone}").status_code == 404
    assert browser.get(f"/bundles/{kept}").status_code == 200
    assert browser.get(f"/bundles/{instances}").status_code == 200
    assert not artifacts.is_for(1, _checksum(house, kept), ReleaseName("shop@1"))


def _checksum(house: House, bundle: int) -> Sha1:
    found = BundlePages(house.database).get(bundle)
    assert found
    return found.checksum


def test_a_release_without_uploads_of_its_own_says_so(browser: Browser, released: Released) -> None:
    released.upload(None, "shop@1", {"~/c.js": 3})

    said = text_of(browser.get("/projects/shop/uploads/delete?release=shop%401").text)

    assert "Nothing was uploaded for it with a token of Shop" in said
    assert "administrator deletes" in said


def test_what_is_the_instances_only_administrators_delete(house: House, released: Released) -> None:
    bundle = released.upload(None, "both@1", {"~/c.js": 3})
    house.person("bob@example.com")
    bob, ada = house.browser("bob@example.com"), house.browser()

    for path in (f"/bundles/{bundle}/delete", "/uploads/delete?release=both%401"):
        assert bob.get(path).status_code == 403
        assert bob.post(path, data={"release": "both@1"}).status_code == 403
        assert ada.get(path).status_code == 200
    assert "Delete" not in text_of(bob.get(f"/bundles/{bundle}").text)
    assert ada.post("/uploads/delete", data={"release": "both@1"}).status_code == 303
    assert ada.get(f"/bundles/{bundle}").status_code == 404


@pytest.mark.parametrize("path", ["/bundles/99/delete", "/bundles/x/delete"])
def test_a_bundle_that_is_not_there_is_not_deleted(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 404
    assert browser.post(path).status_code == 404


def test_a_release_that_nobody_knows_has_no_uploads(browser: Browser, released: Released) -> None:
    released.upload(1, HOSTILE, {HOSTILE: 1}, built_as=HOSTILE)

    assert browser.get("/projects/shop/uploads/delete").status_code == 404
    assert browser.post("/projects/shop/uploads/delete").status_code == 404
    page = browser.get("/projects/shop/uploads/delete", params={"release": HOSTILE})
    assert page.status_code == 200
    assert_harmless(page)


def test_another_site_deletes_nothing(house: House, released: Released) -> None:
    bundle = released.upload(1, "shop@1", {"~/app.js": 1})
    browser = house.browser()
    browser.headers["Origin"] = "https://evil.example.com"

    assert browser.post(f"/bundles/{bundle}/delete").status_code == 403


def test_blobs_of_others_stay_and_the_next_upload_works(house: House, side: UploadSide) -> None:
    """`side` is on the same folder and database as `house`."""
    house.project("Shop")
    browser = house.browser()
    other = pair(None, MAP.replace(b"boom", b"bang"))
    side.upload(1, pair(), version="shop@1")
    side.upload(1, other, version="shop@2")
    script, source_map = side.artifacts.with_debug_id(1, DebugId(DEBUG_ID))
    if source_map.url.endswith(".js"):
        script, source_map = source_map, script

    assert browser.post(f"/bundles/{script.bundle}/delete").status_code == 303

    assert not side.artifacts.with_debug_id(1, DebugId(DEBUG_ID))
    assert side.files.exists(script.sha256)
    assert not side.files.exists(source_map.sha256)
    assert side.assemble(1, pair(), version="shop@1").state == "ok"
    assert len(side.artifacts.with_debug_id(1, DebugId(DEBUG_ID))) == 2
