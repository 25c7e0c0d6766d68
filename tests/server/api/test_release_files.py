"""Release files over HTTP, and the list of everything uploaded."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from headwater.storage.people.tokens import Scope
from tests.server.build_tool import build_tool
from tests.upload_side import DEBUG_ID, MAP, SCRIPT, BuildTool, UploadSide, pair, sha1_of

FILES = "/api/0/projects/o/any/releases/app%2F1.0/files/"
ARCHIVES = "/api/0/projects/o/any/files/source-maps/"


@pytest.fixture
def tool(side: UploadSide) -> Iterator[BuildTool]:
    with build_tool(side, None, Scope.FULL) as tool:
        yield tool


def upload(tool: BuildTool, content: bytes = MAP, **fields: object) -> httpx.Response:
    data = {"name": "~/app.js.map", **fields}
    return tool.http.post(FILES, files={"file": ("app.js.map", content)}, data=data)


def test_a_file_is_uploaded_listed_and_found_by_its_address(
    tool: BuildTool, side: UploadSide
) -> None:
    made = upload(tool, dist="d1", header=[f"debug-id: {DEBUG_ID}", "Sourcemap: x"])

    assert made.status_code == 201
    described = made.json()
    assert described == {
        "id": described["id"],
        "name": "~/app.js.map",
        "dist": "d1",
        "headers": {"Sourcemap": "x", "debug-id": DEBUG_ID},
        "size": len(MAP),
        "sha1": sha1_of(MAP),
        "dateCreated": described["dateCreated"],
    }
    assert tool.http.get(FILES).json() == [described]
    assert tool.http.get(f"{FILES}{described['id']}/").json() == described
    [found] = side.maps_of(1).at_urls(["~/app.js.map"], "app/1.0", "d1")
    assert side.maps_of(1).open_map(found).lookup(0, 0) is not None
    assert tool.http.get("/api/0/organizations/o/releases/app%2F1.0/").status_code == 200


def test_a_name_that_is_taken_is_a_conflict_until_it_is_deleted(tool: BuildTool) -> None:
    first = upload(tool)
    assert upload(tool).status_code == 409
    assert upload(tool, dist="d1").status_code == 201

    assert tool.http.delete(f"{FILES}{first.json()['id']}/").status_code == 204

    assert upload(tool).status_code == 201


def test_files_are_asked_for_by_checksum(tool: BuildTool) -> None:
    upload(tool)

    def listed(*checksums: str) -> int:
        return len(tool.http.get(FILES, params={"checksum": checksums, "cursor": ""}).json())

    assert listed(sha1_of(MAP)) == 1
    assert listed(sha1_of(MAP), "a" * 40) == 1
    assert listed("a" * 40) == 0
    assert listed("nonsense") == 0


def test_files_inside_of_a_bundle_are_never_listed(tool: BuildTool) -> None:
    tool.upload(pair(), version="app/1.0")

    answer = tool.http.get(FILES, params={"checksum": [sha1_of(SCRIPT), sha1_of(MAP)]})

    assert answer.json() == []


@pytest.mark.parametrize("name", ["0", "x", "99999999999999999999", "1"])
def test_an_unknown_file_is_told(tool: BuildTool, name: str) -> None:
    assert tool.http.get(f"{FILES}{name}/").status_code == 404
    assert tool.http.delete(f"{FILES}{name}/").status_code == 404


def test_a_request_without_a_file_is_refused(tool: BuildTool) -> None:
    answer = tool.http.post(FILES, files={"other": ("x", b"x")})

    assert answer.status_code == 400
    assert "no part called 'file'" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "x" * 2001}, "at most 2,000 bytes"),
        ({"dist": "d" * 65}, "at most 64 characters"),
        ({"header": "x" * 9000}, "more than 8,192 bytes"),
        ({"header": ["x: y"] * 65}, "at most 64 fields"),
    ],
)
def test_fields_beyond_their_limits_are_refused(
    tool: BuildTool, fields: dict[str, Any], said: str
) -> None:
    answer = upload(tool, **fields)

    assert answer.status_code == 400
    assert said in answer.json()["detail"]


def test_a_file_beyond_the_limit_is_refused_and_leaves_nothing(
    tool: BuildTool, side: UploadSide
) -> None:
    answer = upload(tool, content=b"x" * (16 * 1024**2 + 1))

    assert answer.status_code == 400
    assert "more than 16,777,216 bytes" in answer.json()["detail"]
    assert [path for path in side.files.root.rglob("*") if path.is_file()] == []


def test_everything_uploaded_is_listed_and_deleted_by_release(
    tool: BuildTool, side: UploadSide
) -> None:
    tool.upload(pair(), version="1.0")
    upload(tool)

    listed = tool.http.get(ARCHIVES).json()
    assert [(archive["name"], archive["fileCount"]) for archive in listed] == [
        ("app/1.0", 1),
        ("1.0", 2),
    ]

    assert tool.http.delete(ARCHIVES, params={"name": "1.0"}).status_code == 204

    assert [archive["name"] for archive in tool.http.get(ARCHIVES).json()] == ["app/1.0"]
    assert tool.http.delete(ARCHIVES).status_code == 400
    assert side.artifacts.find(None, sha1_of(pair())) == ()
