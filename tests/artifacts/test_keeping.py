"""Which uploads the limits take, which stay, and what is freed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from headwater.artifacts.keeping import Keeping, UploadBounds
from headwater.protocol.debug_id import DebugId
from headwater.storage.deleted_projects import DeletedProjects
from headwater.storage.events.retention import Retained
from headwater.storage.projects import Choices
from headwater.storage.schema import artifact_bundles
from headwater.storage.uploads.former_files import FormerFiles, Reason
from headwater.storage.uploads.going_uploads import Going
from headwater.storage.uploads.home import Home
from headwater.storage.uploads.surplus import SETTLED_AFTER, Found, Surplus
from tests.healing_side import HealingSide, healing_side, map_of, thrown
from tests.upload_side import MAP, NOW, REMOVAL, SCRIPT, BuildTool, UploadSide, pair, serving

LATER = NOW + timedelta(days=100)


def debug_id(number: int) -> DebugId:
    return DebugId(f"8c0b638c-7772-4580-a988-{number:012x}")


def build(number: int, weight: int = 0) -> bytes:
    """With a map of its own, of so many bytes more, and the script that all have."""
    source_map = json.dumps({**json.loads(MAP), "build": f"{number}{'x' * weight}"}).encode()
    return pair(debug_id(number), source_map)


def day(number: float) -> datetime:
    return NOW + timedelta(days=number)


def kept(side: UploadSide, home: Home = None) -> set[int]:
    """The builds that can still be found."""
    return {each for each in range(20) if side.artifacts.with_debug_id(home or 1, debug_id(each))}


def use(side: UploadSide, number: int, moment: datetime) -> None:
    """As when it resolves a frame of an event that is gone by now."""
    [bundle] = {file.bundle for file in side.artifacts.with_debug_id(1, debug_id(number))}
    used = artifact_bundles.update().where(artifact_bundles.c.id == bundle)
    with side.database.write() as connection:
        connection.execute(used.values(last_used_at=moment))


def test_what_resolved_a_frame_lately_stays_however_old_it_is(side: UploadSide) -> None:
    for number in (1, 2):
        side.upload(None, build(number))
    use(side, 1, day(80))

    side.expire(UploadBounds(days=30), day(100))
    of_day_100 = kept(side)
    side.expire(UploadBounds(days=30), day(111))

    assert of_day_100 == {1}
    assert kept(side) == set()


def test_the_uploads_of_the_latest_releases_stay(side: UploadSide) -> None:
    for number in range(1, 6):
        side.upload(None, build(number), f"shop@{number}", now=day(number))
    side.upload(None, build(6), now=day(0))
    # The first build is for the newest release as well.
    side.upload(None, build(1), "shop@5", now=day(5))

    side.expire(UploadBounds(releases=2), LATER)

    assert kept(side) == {1, 4, 5, 6}
    gone = side.former.with_debug_id(1, debug_id(2))
    assert gone is not None
    assert gone.removal.reason is Reason.EXPIRED
    assert gone.removal.by == "the setting HEADWATER_MAX_RELEASES_PER_PROJECT (2 releases)"


def test_beyond_so_many_bytes_what_was_not_used_for_the_longest_time_goes(side: UploadSide) -> None:
    for number in range(1, 5):
        side.upload(None, build(number, 10_000), now=day(number))
    use(side, 1, day(50))
    script, each = len(SCRIPT), len(json.dumps({**json.loads(MAP), "build": "1" + "x" * 10_000}))

    side.expire(UploadBounds(size=script + 2 * each), LATER)
    exactly_two = kept(side)
    side.expire(UploadBounds(size=script + 2 * each - 1), LATER)

    assert exactly_two == {1, 4}
    assert kept(side) == {1}


def test_a_content_that_several_uploads_have_counts_once_and_goes_with_the_last(
    side: UploadSide,
) -> None:
    side.upload(None, build(1), now=day(1))
    side.upload(None, build(2), now=day(2))
    [script] = {
        file.sha256
        for file in side.artifacts.with_debug_id(1, debug_id(1))
        if file.size == len(SCRIPT)
    }
    [plan] = side.keeping(UploadBounds(days=1)).plan(LATER)
    freed = [Going(side.database).freed(some) for some in (plan.bundles[:1], plan.bundles)]

    use(side, 2, LATER)
    side.expire(UploadBounds(days=30), LATER)
    shared = side.files.exists(script)
    side.expire(UploadBounds(days=30), LATER + timedelta(days=31))

    of_map = len(json.dumps({**json.loads(MAP), "build": "1"}))
    assert freed == [of_map, 2 * of_map + len(SCRIPT)]
    assert shared
    assert not side.files.exists(script)


def test_a_content_that_goes_by_two_limits_is_counted_with_the_second(side: UploadSide) -> None:
    web = side.project("Web")
    for home, number in ((None, 1), (web.id, 2), (web.id, 3)):
        side.upload(home, build(number), f"shop@{number}", now=day(number))

    plan = list(side.keeping(UploadBounds(days=97, releases=1)).plan(day(100)))

    of_map = len(json.dumps({**json.loads(MAP), "build": "1"}))
    assert [len(each.bundles) for each in plan] == [1, 1]
    assert [each.freed for each in plan] == [of_map, of_map]
    side.expire(UploadBounds(days=1), day(110))
    assert list(side.keeping(UploadBounds(days=1)).plan(day(110))) == []


def test_a_dry_run_counts_no_bundle_twice_and_removes_nothing(side: UploadSide) -> None:
    for number in range(1, 5):
        side.upload(None, build(number), f"shop@{number}", now=day(number))
    bounds = UploadBounds(days=98, releases=2, size=1)

    told = [len(each.bundles) for each in side.keeping(bounds).plan(LATER)]
    before = kept(side)
    side.expire(bounds, LATER)

    assert told == [1, 1, 2]
    assert before == {1, 2, 3, 4}
    assert kept(side) == set()


@pytest.mark.parametrize(
    "bounds", [UploadBounds(days=1), UploadBounds(releases=1), UploadBounds(size=1)]
)
def test_more_than_is_found_at_once_is_said_and_goes_as_well(
    side: UploadSide, monkeypatch: pytest.MonkeyPatch, bounds: UploadBounds
) -> None:
    monkeypatch.setattr("headwater.storage.uploads.surplus.MAX_FOUND", 2)
    for number in range(1, 7):
        side.upload(None, build(number), f"shop@{number}", now=day(number))

    [plan] = side.keeping(bounds).plan(LATER)
    side.expire(bounds, LATER)

    assert (len(plan.bundles), plan.are_more) == (2, True)
    assert kept(side) == ({6} if bounds.releases else set())
    assert not list(side.keeping(bounds).plan(LATER))


def test_what_was_just_uploaded_stays_whatever_the_limits_say(side: UploadSide) -> None:
    side.upload(None, build(1, 10_000), "shop@1")
    side.upload(None, build(2), "shop@2", now=NOW + timedelta(minutes=1))
    bounds = UploadBounds(releases=1, size=100)
    soon = NOW + SETTLED_AFTER

    [by_releases, by_size] = side.keeping(bounds).plan(soon)
    side.expire(bounds, soon)
    at_first = kept(side)
    side.expire(bounds, soon + timedelta(hours=1))

    assert by_releases.bundles == by_size.bundles == ()
    assert by_releases.held == "1 bundles"
    assert by_size.held.endswith(" bytes")
    assert at_first == {1, 2}
    assert kept(side) == set()


def test_a_project_chooses_for_its_own_uploads_alone(side: UploadSide) -> None:
    web, blog = side.project("Web"), side.project("Blog")
    side.projects.choose(web.id, Choices(max_artifact_age_days=10, max_releases=1))
    side.upload(web.id, build(1), "a")
    side.upload(blog.id, build(2), "a")
    side.upload(None, build(3), "a")

    side.expire(UploadBounds(days=365), LATER)

    assert kept(side, web.id) == {3}
    assert kept(side, blog.id) == {2, 3}
    gone = side.former.with_debug_id(web.id, debug_id(1))
    assert gone is not None
    assert gone.removal.by == "the project's settings (10 days)"


def test_what_is_uploaded_anew_while_it_is_looked_for_stays(side: UploadSide) -> None:
    side.upload(None, build(1))
    [plan] = side.keeping(UploadBounds(days=30)).plan(LATER)
    side.upload(None, build(1), now=LATER)

    gone = side.release_files.delete_surplus(plan.bundles, LATER - timedelta(days=30), REMOVAL)

    assert gone == ()
    assert kept(side) == {1}
    assert side.former.with_debug_id(1, debug_id(1)) is None


def test_what_a_limit_took_can_be_uploaded_again_and_resolves(side: UploadSide) -> None:
    token = side.token(None)
    headers = {"Authorization": f"Bearer {token}"}
    with serving(side.routes()) as origin, httpx.Client(base_url=origin, headers=headers) as http:
        tool = BuildTool(http)
        assert tool.upload(build(1), version="shop@1")["state"] == "ok"

        side.expire(UploadBounds(days=1), datetime.now(UTC) + timedelta(days=40))
        gone = kept(side)
        asked = tool.assemble(build(1), version="shop@1")
        again = tool.upload(build(1), version="shop@1")

    assert gone == set()
    assert asked["state"] == "not_found"
    assert again["state"] == "ok"
    [found] = side.maps_of(1).with_debug_id(debug_id(1))[1:]
    assert json.loads(side.maps_of(1).read_text(found) or "")["build"] == "1"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[HealingSide]:
    """An instance on an empty database."""
    with healing_side(tmp_path) as opened:
        yield opened


def going(shop: HealingSide, bounds: UploadBounds) -> set[int]:
    """The bundles that would go in a year, when nothing else has happened."""
    keeping = Keeping(
        shop.projects,
        Surplus(shop.database),
        shop.release_files,
        FormerFiles(shop.database),
        Going(shop.database),
        DeletedProjects(shop.database),
        bounds,
    )
    plan = keeping.plan(datetime.now(UTC) + timedelta(days=365))
    return {bundle for each in plan for bundle in each.bundles}


ALL = (UploadBounds(days=30), UploadBounds(size=1), UploadBounds(releases=1))


@pytest.mark.parametrize("bounds", ALL, ids=repr)
def test_what_a_stored_event_was_resolved_with_stays_until_the_event_goes(
    shop: HealingSide, bounds: UploadBounds
) -> None:
    used, idle = shop.upload("a", release="1"), shop.upload("b", release="2")
    newest = shop.upload("c", release="3")
    # The release names the bundle: what has a release here has no debug id.
    shop.digest(thrown(1, "a", release="1", debug_meta={}))
    lasting = {newest} if bounds.releases else set()

    with_event = going(shop, bounds)
    Retained(shop.database).remove([shop.event(1).id])
    without = going(shop, bounds)

    assert with_event == {idle, newest} - lasting
    assert without == {used, idle, newest} - lasting


def test_what_a_late_map_resolves_stays_as_well(shop: HealingSide) -> None:
    shop.digest(thrown(1, "a"))

    bundle = shop.upload("a")
    before = going(shop, UploadBounds(size=1))
    shop.heal()

    assert before == {bundle}
    assert going(shop, UploadBounds(size=1)) == set()


def test_bytes_that_stay_beyond_the_limit_are_told(shop: HealingSide) -> None:
    shop.upload("a")
    shop.digest(thrown(1, "a"))
    size = len(map_of("a"))

    found = Surplus(shop.database).beyond_size(1, size - 10, datetime.now(UTC) + timedelta(days=2))

    assert found == Found((), 10)


def test_uploads_of_a_deleted_project_go_and_what_others_have_too_stays(side: UploadSide) -> None:
    shop, blog = side.project("Shop").id, side.project("Blog").id
    for number in range(1, 4):
        side.upload(shop, build(number), f"shop@{number}")
    side.upload(blog, build(1))
    own = {digest(side, shop, number) for number in (2, 3)}
    shared = digest(side, shop, 1)
    DeletedProjects(side.database).delete(shop, NOW)

    (going,) = side.keeping().plan(LATER)
    before = {each for each in (*own, shared) if stored_whole(side, each)}
    side.expire(UploadBounds(), NOW + timedelta(minutes=1))

    assert (going.home, len(going.bundles)) == (shop, 3)
    assert before == {*own, shared}
    assert kept(side, shop) == set()
    assert kept(side, blog) == {1}
    assert stored_whole(side, shared)
    assert not any(stored_whole(side, each) for each in own)
    assert side.former.with_debug_id(shop, debug_id(2)) is None


def digest(side: UploadSide, home: int, number: int) -> str:
    """The SHA-256 of a build's map."""
    (found,) = {
        file.sha256
        for file in side.artifacts.with_debug_id(home, debug_id(number))
        if file.url.endswith(".map")
    }
    return found


def stored_whole(side: UploadSide, sha256: str) -> bool:
    return side.files.is_intact(sha256)
