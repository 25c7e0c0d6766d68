"""Releases and deploys over HTTP, as clients of every age announce them."""

from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest

from headwater.storage.people.tokens import Scope
from tests.server.build_tool import build_tool
from tests.upload_side import BuildTool, UploadSide

HOMES = ["/api/0/organizations/o/releases/", "/api/0/projects/o/any/releases/"]


@pytest.fixture
def side_project(side: UploadSide) -> int:
    return side.project("web").id


@pytest.fixture
def tool(side: UploadSide, side_project: int) -> Iterator[BuildTool]:
    with build_tool(side, side_project, Scope.FULL) as tool:
        yield tool


@pytest.fixture(params=HOMES, ids=["organization", "project"])
def home(request: pytest.FixtureRequest) -> str:
    path: str = request.param
    return path


def test_a_release_is_created_finalized_and_shown(tool: BuildTool, home: str) -> None:
    created = tool.http.post(home, json={"version": "app@1.0", "projects": ["any"]})
    again = tool.http.post(home, json={"version": "app@1.0", "projects": ["any"]})
    finalized = tool.http.put(
        home + "app%401.0/", json={"dateReleased": "2026-11-22T10:00:00.123Z", "projects": ["any"]}
    )
    shown = tool.http.get(home + "app@1.0/?health=true&adoptionStages=true")

    assert (created.status_code, again.status_code) == (201, 208)
    assert finalized.json() == shown.json()
    assert shown.json()["version"] == "app@1.0"
    assert shown.json()["dateReleased"] == "2026-11-22T10:00:00.123000Z"
    assert datetime.fromisoformat(shown.json()["dateCreated"]).tzinfo is not None
    assert [project["slug"] for project in shown.json()["projects"]] == ["web"]


def test_a_version_may_contain_slashes(tool: BuildTool, home: str) -> None:
    tool.http.post(home, json={"version": "app/main/1.0"})

    assert tool.http.get(home + "app%2Fmain%2F1.0/").json()["version"] == "app/main/1.0"
    assert tool.http.get(home + "app%2Fmain%2F1.0/deploys/").json() == []


def test_commits_are_set_and_counted(tool: BuildTool, home: str) -> None:
    tool.http.post(home, json={"version": "1.0"})
    tool.http.post(home, json={"version": "1.1"})
    path = home + "1.1/previous-with-commits/"
    assert tool.http.get(path).json() == {}

    commits = [{"id": "a" * 40, "message": "fix", "timestamp": "2026-11-22T10:00:00Z"}]
    answer = tool.http.put(home + "1.0/", json={"commits": commits})

    assert answer.json()["commitCount"] == 1
    assert tool.http.get(path).json()["version"] == "1.0"
    assert tool.http.get(home + "never/previous-with-commits/").json() == {}


def test_a_deploy_is_announced_and_listed(tool: BuildTool, home: str) -> None:
    tool.http.post(home, json={"version": "1.0"})

    made = tool.http.post(
        home + "1.0/deploys/",
        json={"environment": "production", "name": "n", "dateStarted": "2026-11-22T10:00:00Z"},
    )

    assert made.status_code == 201
    assert made.json()["environment"] == "production"
    assert made.json()["dateFinished"] is not None
    assert tool.http.get(home + "1.0/deploys/").json() == [made.json()]
    assert tool.http.post(home + "1.0/deploys/", json={}).status_code == 400


def test_an_archived_release_says_so(tool: BuildTool, home: str) -> None:
    tool.http.post(home, json={"version": "1.0"})

    tool.http.post(home, json={"version": "1.0", "projects": [], "status": "archived"})

    assert tool.http.get(home + "1.0/").json()["status"] == "archived"


def test_a_deleted_release_is_gone(tool: BuildTool, home: str) -> None:
    tool.http.post(home, json={"version": "1.0"})

    assert tool.http.delete(home + "1.0/").status_code == 204
    assert tool.http.delete(home + "1.0/").status_code == 404
    assert tool.http.get(home + "1.0/").status_code == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_release_is_named(tool: BuildTool, home: str, method: str) -> None:
    answer = tool.http.request(method, home + "none/", json={})

    assert answer.status_code == 404
    assert "There is no release 'none' here" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"version": ""}', b'{"version": "a\\u0000"}']
)
def test_a_release_without_a_version_is_refused(tool: BuildTool, home: str, body: bytes) -> None:
    answer = tool.http.post(home, content=body)

    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_a_body_beyond_the_limit_is_refused(tool: BuildTool, home: str) -> None:
    answer = tool.http.post(home, content=b" " * (2 * 1024**2 + 1))

    assert answer.status_code == 413


def test_releases_come_in_pages_with_links(tool: BuildTool, home: str) -> None:
    for number in range(5):
        tool.http.post(home, json={"version": f"1.{number}"})

    versions, cursor, following = [], "", ""
    for _ in range(3):
        answer = tool.http.get(home, params={"per_page": 2, "cursor": cursor})
        versions.append([release["version"] for release in answer.json()])
        following = answer.headers["link"].split(", ")[1]
        cursor = following.split('cursor="')[1].rstrip('"')

    assert versions == [["1.4", "1.3"], ["1.2", "1.1"], ["1.0"]]
    assert 'rel="next"; results="false"' in following
    assert following.startswith(f"<{home}?cursor=")


@pytest.mark.parametrize("cursor", ["", "x", "0:x:0", "0:-5:0", "0:99999999999999999999:0", ":::"])
def test_an_odd_cursor_is_the_beginning_or_the_end(tool: BuildTool, home: str, cursor: str) -> None:
    tool.http.post(home, json={"version": "1.0"})

    answer = tool.http.get(home, params={"cursor": cursor, "per_page": "x"})

    assert answer.status_code == httpx.codes.OK


def test_a_release_of_another_home_is_not_there(
    side: UploadSide, tool: BuildTool, home: str
) -> None:
    tool.http.post(home, json={"version": "1.0"})

    with build_tool(side, side.project("shop").id) as other:
        assert other.http.get(home + "1.0/").status_code == 404
        assert other.http.get(home).json() == []
