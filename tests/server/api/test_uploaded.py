"""Bundles and releases, for scripts."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette

from headwater.artifacts.lint.findings import RULES, Check, Finding
from headwater.server.api.uploaded import UploadedDoor
from headwater.server.auth import TokenGuard
from headwater.server.errors import EXCEPTION_HANDLERS
from headwater.server.release_findings import ReleaseRecords
from headwater.storage.people.tokens import Scope
from headwater.storage.schema import bundle_releases
from tests.event_side import Client, EventSide
from tests.released import Released, debug_id

BUNDLES = "/api/0/projects/any/shop/files/artifact-bundles/"


@pytest.fixture
def released(events_side: EventSide) -> Released:
    return Released(events_side.database)


@pytest.fixture
def client(events_side: EventSide) -> Iterator[Client]:
    guard = TokenGuard(events_side.tokens, events_side.projects)
    door = UploadedDoor(guard, events_side.projects, ReleaseRecords.of(events_side.database))
    client = Client(Starlette(routes=door.routes(), exception_handlers=dict(EXCEPTION_HANDLERS)))
    yield client
    client.close()


def test_a_bundle_is_answered_with_its_findings_and_remedies(
    events_side: EventSide, client: Client, released: Released
) -> None:
    finding = Finding(Check.DEBUG_IDS_DIFFER, "~/app.js", "The file has one, its map another.")
    released.upload(1, "shop@1", {"~/app.js": 1}, finding)
    headers = events_side.token(1, Scope.UPLOAD)

    (listed,) = client.get(BUNDLES, headers=headers).json()
    shown = client.get(f"{BUNDLES}{listed['id']}/", headers=headers).json()

    assert (listed["fileCount"], listed["warnings"], listed["errors"]) == (2, 1, 0)
    assert shown["associations"] == [{"release": "shop@1", "dist": None}]
    assert shown["totals"] == {"debug_ids_differ": 1}
    assert shown["findings"] == [
        {
            "check": "debug_ids_differ",
            "level": "warning",
            "file": "~/app.js",
            "sentence": RULES[Check.DEBUG_IDS_DIFFER].cause,
            "evidence": "The file has one, its map another.",
            "remedy": RULES[Check.DEBUG_IDS_DIFFER].remedy,
        }
    ]


@pytest.mark.parametrize(("releases", "has_more"), [(100, False), (101, True)])
def test_a_bundle_of_more_releases_than_are_named_says_so(
    events_side: EventSide, client: Client, released: Released, *, releases: int, has_more: bool
) -> None:
    bundle = released.upload(1, None, {"~/app.js": 1})
    with events_side.database.write() as connection:
        connection.execute(
            bundle_releases.insert(),
            [
                {
                    "artifact_bundle_id": bundle,
                    "version": f"shop@{number}",
                    "dist": "",
                }
                for number in range(releases)
            ],
        )

    shown = client.get(f"{BUNDLES}{bundle}/", headers=events_side.token(1, Scope.UPLOAD)).json()

    assert len(shown["associations"]) == 100
    assert shown["associations"][0]["release"] == f"shop@{releases - 1}"
    assert shown["hasMoreAssociations"] is has_more


def test_the_files_of_a_bundle_come_in_pages(
    events_side: EventSide, client: Client, released: Released
) -> None:
    released.upload(1, "shop@1", {"~/a.js": 1, "~/b.js": 2})
    headers = events_side.token(1, Scope.UPLOAD)

    first = client.get(f"{BUNDLES}1/files/?per_page=3", headers=headers)
    second = client.get(f"{BUNDLES}1/files/?per_page=3&cursor=0:3:0", headers=headers)

    assert [file["filePath"] for file in first.json()] == ["~/a.js", "~/a.js.map", "~/b.js"]
    assert [file["debugId"] for file in second.json()] == [debug_id(2)]
    assert 'rel="next"; results="true"' in first.headers["link"]


def test_a_release_is_answered_with_what_is_wrong_with_it(
    events_side: EventSide, client: Client, released: Released
) -> None:
    released.upload(1, "shop@1", {"~/index-WCb1vY9P.js": 1})
    released.see(1, "shop@1", {"https://h/index-Dbcp0vxA.js": 2}, events=8, frames=(1, 3))
    headers = events_side.token(None, Scope.UPLOAD)

    said = client.get(
        "/api/0/projects/any/shop/releases/shop@1/sourcemaps/", headers=headers
    ).json()

    assert (said["events"], said["resolveRate"], said["bundles"]) == (8, 0.25, 1)
    assert [found["trouble"] for found in said["findings"]] == ["built_twice"]
    assert said["findings"][0]["files"][0]["uploaded"] == "index-WCb1vY9P.js"
    assert said["debugIds"][0]["bundle"] is None


def test_another_projects_bundle_is_nobody_elses_business(
    events_side: EventSide, client: Client, released: Released
) -> None:
    released.upload(2, "blog@1", {"~/a.js": 1})
    headers = events_side.token(1, Scope.UPLOAD)

    missing = [
        client.get(path, headers=headers).status_code
        for path in (
            f"{BUNDLES}1/",
            f"{BUNDLES}1/files/",
            "/api/0/projects/any/shop/releases/blog@1/sourcemaps/",
            "/api/0/projects/any/blog/files/artifact-bundles/",
        )
    ]

    assert missing == [404, 404, 404, 404]
    assert client.get(BUNDLES, headers=headers).json() == []
    assert client.get(BUNDLES).status_code == 401
