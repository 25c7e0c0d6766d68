"""What is known of a release by its events."""

from datetime import UTC, datetime, timedelta

import pytest

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.debug_id import DebugId
from headwater.storage.uploads import sightings as sightings_module
from headwater.storage.uploads.seen_releases import SeenRelease, SeenReleases
from headwater.storage.uploads.sightings import ReleaseSighting, Sightings
from tests.event_side import DEBUG_ID, EventSide, minified_event, source_map

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
OTHER_ID = "8c0b638c-7772-4580-a988-5410e42f0437"


def seen(side: EventSide, version: str = "shop@1") -> SeenRelease:
    release = SeenReleases(side.database).get(side.shop.id, version)
    assert release is not None
    return release


@pytest.mark.parametrize(
    ("resolved", "failed", "expected"),
    [
        (1, 5, "17 %"),
        (1, 2, "33 %"),
        (2, 1, "67 %"),
        (0, 7, "0 %"),
        (7, 0, "100 %"),
        (1, 999, "1 %"),
        (999, 1, "99 %"),
    ],
)
def test_a_share_is_rounded_but_all_and_none_are_only_what_is(
    resolved: int, failed: int, expected: str
) -> None:
    assert SeenRelease(1, "shop@1", NOON, NOON, 1, resolved, failed).percent == expected


def test_events_are_counted_by_their_release(events_side: EventSide) -> None:
    events_side.digest(
        minified_event("a" * 32, release="shop@1"),
        minified_event("b" * 32, release="shop@1"),
        minified_event("c" * 32, release="shop@2"),
        minified_event("d" * 32),
    )

    assert (seen(events_side).events, seen(events_side, "shop@2").events) == (2, 1)
    assert len(SeenReleases(events_side.database).newest(events_side.shop.id, 10)) == 2


def test_an_event_that_came_twice_is_counted_once(events_side: EventSide) -> None:
    for _ in range(2):
        events_side.digest(minified_event("a" * 32, release="shop@1"))

    assert seen(events_side).events == 1


def test_frames_are_counted_by_how_they_came_out(events_side: EventSide) -> None:
    events_side.digest(minified_event("a" * 32, release="shop@1"))
    events_side.maps.add(ArtifactType.SOURCE_MAP, "~/app.js.map", source_map(), debug_id=DEBUG_ID)
    events_side.digest(*(minified_event(letter * 32, release="shop@1") for letter in "bcd"))

    release = seen(events_side)

    assert (release.resolved, release.failed, release.rate) == (3, 1, 0.75)


def test_python_needs_no_source_maps(events_side: EventSide) -> None:
    frame = {"filename": "app.py", "function": "pay", "lineno": 3, "in_app": True}
    error = {"type": "ValueError", "value": "no", "stacktrace": {"frames": [frame]}}
    event = {"event_id": "a" * 32, "platform": "python", "exception": {"values": [error]}}

    events_side.digest({**event, "release": "shop@1"})

    assert (seen(events_side).frames, seen(events_side).rate) == (0, None)


def test_the_debug_ids_of_a_release_are_kept_with_their_files(events_side: EventSide) -> None:
    events_side.digest(
        minified_event("a" * 32, release="shop@1"),
        minified_event("b" * 32, release="shop@1", file="https://h/x.js", debug_id=OTHER_ID),
    )

    files = SeenReleases(events_side.database).files(events_side.shop.id, "shop@1")

    assert {file.debug_id: file.code_file for file in files} == {
        DEBUG_ID: "https://h/app-5f3c9a1b.js",
        OTHER_ID: "https://h/x.js",
    }


def add(side: EventSide, sightings: Sightings, version: str, *ids: str, after: int = 0) -> None:
    moment = NOON + timedelta(minutes=after)
    sighting = ReleaseSighting(moment, moment, 1, files=dict.fromkeys(map(DebugId, ids), "app.js"))
    with side.database.write() as connection:
        sightings.add(connection, {(side.shop.id, version): sighting})


def test_of_one_release_only_so_many_debug_ids_are_kept(
    events_side: EventSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sightings_module, "MAX_SEEN_IDS", 3)
    sightings = Sightings()

    for number in range(5):
        add(events_side, sightings, "shop@1", f"id-{number}")
    add(events_side, Sightings(), "shop@1", "id-9")

    files = SeenReleases(events_side.database).files(events_side.shop.id, "shop@1")
    assert {file.debug_id for file in files} == {"id-0", "id-1", "id-2"}
    assert seen(events_side).events == 6


def test_of_one_project_only_so_many_releases_are_kept_and_the_oldest_go(
    events_side: EventSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sightings_module, "MAX_SEEN_RELEASES", 3)
    sightings = Sightings()

    for number in range(6):
        add(events_side, sightings, f"shop@{number}", "id", after=number)
        add(events_side, sightings, "shop@0", "id", after=number)

    left = SeenReleases(events_side.database).newest(events_side.shop.id, 10)
    assert [release.version for release in left] == ["shop@5", "shop@4", "shop@0"]
    assert SeenReleases(events_side.database).files(events_side.shop.id, "shop@1") == []


def test_when_an_id_was_seen_last_is_known_to_the_hour(events_side: EventSide) -> None:
    sightings = Sightings()

    for minutes in (0, 59, 61, 100):
        add(events_side, sightings, "shop@1", "id", after=minutes)

    (file,) = SeenReleases(events_side.database).files(events_side.shop.id, "shop@1")
    assert file.first_seen == NOON
    assert file.last_seen == NOON + timedelta(minutes=61)


def test_another_process_goes_on_where_one_ended(events_side: EventSide) -> None:
    add(events_side, Sightings(), "shop@1", "id")
    add(events_side, Sightings(), "shop@1", "id", "other", after=5)

    files = SeenReleases(events_side.database).files(events_side.shop.id, "shop@1")
    assert {file.debug_id for file in files} == {"id", "other"}
    assert seen(events_side).last_seen == NOON + timedelta(minutes=5)
