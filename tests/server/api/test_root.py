"""Who am I, and what becomes of paths that nobody answers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from headwater.storage.people.tokens import Scope
from tests.server.build_tool import build_tool
from tests.upload_side import BuildTool, UploadSide


@pytest.fixture
def tool(side: UploadSide) -> Iterator[BuildTool]:
    with build_tool(side) as tool:
        yield tool


def test_the_root_says_what_the_token_may_do(tool: BuildTool, side: UploadSide) -> None:
    upload = tool.http.get("/api/0/").json()
    full = tool.http.get(
        "/api/0/", headers={"Authorization": f"Bearer {side.token(None, Scope.FULL)}"}
    ).json()

    assert upload["user"] is None
    assert "project:releases" in upload["auth"]["scopes"]
    assert "event:read" not in upload["auth"]["scopes"]
    assert "event:read" in full["auth"]["scopes"]


def test_the_root_tells_a_wrong_token_from_none(tool: BuildTool) -> None:
    del tool.http.headers["Authorization"]
    assert tool.http.get("/api/0/").json() == {"version": "0", "auth": None, "user": None}

    wrong = tool.http.get("/api/0/", headers={"Authorization": "Bearer 0123456789"})

    assert wrong.status_code == 401


def test_the_token_is_named(tool: BuildTool) -> None:
    assert tool.http.get("/api/0/auth/").json()["name"] == "ci"


def test_there_are_no_regions(tool: BuildTool) -> None:
    answer = tool.http.get("/api/0/users/me/regions/")

    assert answer.status_code == 404
    assert answer.json() == {"detail": "This server has no regions."}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/0/organizations/o/surprise/"),
        ("POST", "/api/0/surprise"),
        ("DELETE", "/api/0/a%2Fb/%ff/"),
        ("PATCH", "/api/0/projects/o/p/surprise/?x=y"),
    ],
)
def test_an_unknown_path_is_a_json_404_that_is_counted(
    tool: BuildTool, side: UploadSide, method: str, path: str
) -> None:
    answer = tool.http.request(method, path, headers={"User-Agent": "sentry-cli/9.9"})

    assert answer.status_code == 404
    assert answer.json()["detail"].startswith(f"Headwater has no {method} /api/0/")
    side.outcomes.flush()
    counted = side.outcomes.since(datetime.now(UTC) - timedelta(hours=2))
    assert [(each.category, each.reason, each.count) for each in counted] == [
        ("api", "unknown_path", 1)
    ]


@pytest.mark.parametrize(
    "path",
    ["/sub/api/1/envelope/?sentry_key=abc", "/a/b/api/1/store/", "/api/1/envelop/", "/api/1"],
)
def test_an_sdk_with_a_wrong_address_is_told_to_look_at_its_dsn(
    tool: BuildTool, side: UploadSide, path: str
) -> None:
    preflight = tool.http.options(path)
    answer = tool.http.post(path, content=b"{}", headers={"Origin": "https://shop.example.com"})

    assert preflight.status_code == 204
    assert answer.status_code == 404
    assert "DSN" in answer.json()["detail"]
    for each in (preflight, answer):
        assert each.headers["access-control-allow-origin"] == "*"
    side.outcomes.flush()
    counted = side.outcomes.since(datetime.now(UTC) - timedelta(hours=2))
    assert [(each.category, each.reason, each.count) for each in counted] == [
        ("api", "unknown_path", 1)
    ]


@pytest.mark.parametrize("path", [f"/x/api/{'9' * 5_000}/envelope/", f"/{'9' * 5_000}"])
def test_a_number_that_python_does_not_read_is_no_fault(tool: BuildTool, path: str) -> None:
    assert tool.http.get(path).status_code == 404


def test_a_wrong_method_is_told_as_such_and_not_counted(tool: BuildTool, side: UploadSide) -> None:
    answer = tool.http.delete("/api/0/organizations/o/chunk-upload/")

    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/json"
    side.outcomes.flush()
    assert side.outcomes.since(datetime.now(UTC) - timedelta(hours=2)) == ()
