"""What is said of a release whose events and uploads don't go together."""

import pytest

from headwater.server.release_findings import ReleaseFinding, ReleaseRecords, Trouble
from headwater.storage.database import Database
from tests.event_side import EventSide
from tests.released import Released, debug_id

V1, V2, V3 = "shop@1", "shop@2", "shop@3"


@pytest.fixture
def database(events_side: EventSide) -> Database:
    return events_side.database


@pytest.fixture
def released(database: Database) -> Released:
    return Released(database)


def found(database: Database, version: str = V1, project_id: int = 1) -> list[ReleaseFinding]:
    records = ReleaseRecords.of(database)
    release = records.listed.get(project_id, version)
    assert release is not None
    return records.findings(project_id, release, records.seen_ids(project_id, version))


def test_a_release_that_resolves_is_fine(database: Database, released: Released) -> None:
    released.upload(None, V1, {"~/assets/index-a1b2c3d4.js": 1})
    released.see(1, V1, {"https://h/assets/index-a1b2c3d4.js": 1}, frames=(40, 1))

    assert found(database) == []


def test_a_build_that_was_made_twice_is_shown_with_both_names(
    database: Database, released: Released
) -> None:
    released.upload(1, V1, {"~/assets/vendor-Q1w2E3r4.js": 7, "~/assets/index-WCb1vY9P.js": 1})
    released.see(1, V1, {"https://h/assets/index-Dbcp0vxA.js": 2})

    (finding,) = found(database)

    assert finding.trouble is Trouble.BUILT_TWICE
    assert finding.sentence.startswith("Built twice: 1 debug id came with 10 events")
    (twin,) = finding.twins
    assert (twin.seen_name, twin.uploaded_name) == ("index-Dbcp0vxA.js", "index-WCb1vY9P.js")
    assert (twin.seen.debug_id, twin.uploaded.debug_id) == (debug_id(2), debug_id(1))


def test_a_bundlers_own_name_is_shown_where_a_plugin_made_one_up(
    database: Database, released: Released
) -> None:
    made_up = f"~/{debug_id(1)}-0.js"
    released.upload(1, V1, {made_up: 1}, built_as="assets/index-WCb1vY9P.js")
    released.see(1, V1, {"https://h/assets/index-Dbcp0vxA.js": 2})

    (finding,) = found(database)

    assert [twin.uploaded_name for twin in finding.twins] == ["index-WCb1vY9P.js"]


def test_files_without_a_likeness_are_shown_as_they_are(
    database: Database, released: Released
) -> None:
    released.upload(1, V1, {"~/main.js": 1})
    released.see(1, V1, {"https://h/app.js": 2})

    (finding,) = found(database)

    assert [(twin.seen_name, twin.uploaded_name) for twin in finding.twins] == [
        ("app.js", "main.js")
    ]


def test_one_id_in_common_is_one_build(database: Database, released: Released) -> None:
    released.upload(1, V1, {"~/a.js": 1, "~/b.js": 2})
    released.see(1, V1, {"https://h/a.js": 1, "https://cdn/else.js": 9}, frames=(5, 5))

    assert found(database) == []


def test_the_first_few_events_say_nothing_yet(database: Database, released: Released) -> None:
    released.upload(1, V1, {"~/main.js": 1})
    released.see(1, V1, {"https://h/app.js": 2}, events=4)

    assert found(database) == []


def test_a_release_with_events_and_without_uploads_is_told(
    database: Database, released: Released
) -> None:
    released.see(1, V1, {"https://h/app.js": 2}, events=7, frames=(0, 21))

    (finding,) = found(database)

    assert finding.trouble is Trouble.NOTHING_UPLOADED
    assert "7 events came from this release" in finding.sentence
    assert "21 frames" in finding.sentence


def test_files_that_were_uploaded_without_a_release_are_uploads(
    database: Database, released: Released
) -> None:
    released.upload(None, None, {"~/app.js": 2})
    released.see(1, V1, {"https://h/app.js": 2}, frames=(10, 0))

    assert found(database) == []


def test_uploads_of_another_project_are_none(database: Database, released: Released) -> None:
    released.upload(2, V1, {"~/app.js": 2})
    released.see(1, V1, {"https://h/app.js": 2})

    (finding,) = found(database)

    assert finding.trouble is Trouble.NOTHING_UPLOADED


def test_python_needs_no_uploads(database: Database, released: Released) -> None:
    released.see(1, V1, {}, frames=(0, 0))

    assert found(database) == []


def test_a_rate_far_below_that_of_the_release_before_is_told(
    database: Database, released: Released
) -> None:
    for version, number, frames, minutes in (
        (V1, 1, (97, 3), 90),
        (V2, 2, (1, 1), 60),
        (V3, 3, (28, 72), 30),
    ):
        released.upload(1, version, {f"~/app{number}.js": number})
        released.see(
            1, version, {f"https://h/app{number}.js": number}, frames=frames, minutes_ago=minutes
        )

    (finding,) = found(database, V3)

    assert finding.trouble is Trouble.RATE_FELL
    assert finding.sentence == (
        "28 % of 100 frames of your own code are resolved. In shop@1, the release before it, it was"
        " 97 % of 100."
    )


def test_a_rate_that_is_a_little_lower_is_not(database: Database, released: Released) -> None:
    for version, frames, minutes in ((V1, (97, 3), 90), (V2, (70, 30), 30)):
        released.upload(1, version, {f"~/{version}.js": minutes})
        released.see(1, version, {"https://h/app.js": minutes}, frames=frames, minutes_ago=minutes)

    assert found(database, V2) == []


def test_of_a_project_the_newest_release_is_told_of(database: Database, released: Released) -> None:
    records = ReleaseRecords.of(database)
    released.see(1, V1, {"https://h/app.js": 1}, minutes_ago=90)
    before = records.newest(1)
    released.upload(1, V2, {"~/app.js": 2})
    released.see(1, V2, {"https://h/app.js": 2}, frames=(10, 0), minutes_ago=30)

    assert before is not None
    assert before.version == V1
    assert records.newest(1) is None
