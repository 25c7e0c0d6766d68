"""Lists that clients show or search."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from headwater.protocol.dsn import Dsn
from headwater.storage.project_keys import ProjectKeys
from tests.server.build_tool import build_tool
from tests.upload_side import BuildTool, UploadSide


@pytest.fixture
def tool(side: UploadSide) -> Iterator[BuildTool]:
    side.project("web")
    side.project("shop")
    with build_tool(side) as tool:
        yield tool


@pytest.fixture
def own(side: UploadSide, tool: BuildTool) -> Iterator[BuildTool]:
    """With a token of the first project only."""
    assert origin(tool)  # the projects are there
    with build_tool(side, 1) as own:
        yield own


def origin(tool: BuildTool) -> str:
    return str(tool.http.base_url).rstrip("/")


def test_organizations_have_what_every_client_reads(tool: BuildTool) -> None:
    [listed] = tool.http.get("/api/0/organizations/?cursor=").json()

    assert {
        "id", "slug", "name", "dateCreated", "isEarlyAdopter", "require2FA",
        "requireEmailVerification", "features",
    } <= set(listed)  # fmt: skip


@pytest.mark.parametrize("slug", ["whatever", "my%20org", "a%2Fb"])
def test_no_organization_is_there_to_be_remembered_with_this_servers_address(
    tool: BuildTool, slug: str
) -> None:
    path = f"/api/0/organizations/{slug}/"

    assert tool.http.get(path).status_code == 404
    assert tool.http.get(path, headers={"Authorization": "Bearer no"}).status_code == 401


def test_an_instance_token_sees_every_project(tool: BuildTool) -> None:
    listed = tool.http.get("/api/0/organizations/o/projects/?per_page=25").json()

    assert [(project["id"], project["slug"]) for project in listed] == [("2", "shop"), ("1", "web")]
    assert tool.http.get("/api/0/projects/o/shop/").json()["name"] == "shop"
    assert tool.http.get("/api/0/projects/o/2/?collapse=organization").json()["slug"] == "shop"


def test_a_project_token_sees_its_own_project_under_any_name(own: BuildTool) -> None:
    listed = own.http.get("/api/0/organizations/o/projects/").json()

    assert [project["slug"] for project in listed] == ["web"]
    assert own.http.get("/api/0/projects/o/shop/").json()["slug"] == "web"


def test_an_unknown_project_is_told_with_those_there_are(tool: BuildTool) -> None:
    answer = tool.http.get("/api/0/projects/o/wbe/")

    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is no project 'wbe' here. There is: shop, web."


def test_a_projects_key_is_its_dsn_on_the_origin_that_the_client_used(
    tool: BuildTool, side: UploadSide
) -> None:
    [key] = tool.http.get("/api/0/projects/o/web/keys/").json()

    project = side.projects.get("web")
    assert project is not None
    dsn = Dsn.parse(key["dsn"]["public"])
    assert (dsn.public_key, dsn.project_id) == (project.public_key, str(project.id))
    assert key["dsn"]["public"].startswith("http://")
    assert str(tool.http.base_url.port) in key["dsn"]["public"]


def test_all_keys_of_a_project_are_listed_the_newest_first(
    tool: BuildTool, side: UploadSide
) -> None:
    project = side.projects.get("web")
    assert project is not None
    keys = ProjectKeys(side.database)
    keys.add(project.id, datetime.now(UTC))

    listed = tool.http.get("/api/0/projects/o/web/keys/").json()

    newest, first = (each.public_key for each in keys.of(project.id))
    assert [each["public"] for each in listed] == [newest, first] != [first, newest]
    assert [Dsn.parse(each["dsn"]["public"]).public_key for each in listed] == [newest, first]


@pytest.mark.parametrize(
    "path",
    [
        "/api/0/organizations/o/repos/?per_page=100&query=owner%2Frepo",
        "/api/0/organizations/o/monitors/?cursor=",
        "/api/0/projects/o/p/environments/?visibility=visible",
    ],
)
def test_what_there_is_none_of_is_an_empty_list(tool: BuildTool, path: str) -> None:
    answer = tool.http.get(path)

    assert answer.json() == []
    assert 'rel="next"; results="false"' in answer.headers["link"]
