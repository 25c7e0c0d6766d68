"""Uploads that are refused, by whichever door, are kept and logged; nothing else is."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from headwater.storage.people.tokens import Scope
from headwater.storage.schema import upload_refusals
from headwater.storage.uploads.refusals import KeptRefusal
from tests.upload_side import NOW, BuildTool, UploadSide, bundle_of, pair, serving, sha1_of

CHUNKS = "/api/0/organizations/any/chunk-upload/"
RELEASES = "/api/0/organizations/any/releases/"
FILES = "/api/0/projects/any/any/releases/1.0/files/"
WRONG = "deadbeef" * 8


@dataclass(frozen=True, slots=True)
class Door:
    """A server, and what it refused."""

    side: UploadSide
    origin: str
    open: ExitStack

    def tool(self, secret: str) -> BuildTool:
        headers = {"Authorization": f"Bearer {secret}", "User-Agent": "sentry-cli/2.58.0"}
        client = httpx.Client(base_url=self.origin, headers=headers, timeout=60)
        return BuildTool(self.open.enter_context(client))

    def kept(self) -> tuple[KeptRefusal, ...]:
        self.side.refusals.flush()
        return self.side.refusals.newest(100)

    def only(self) -> KeptRefusal:
        (kept,) = self.kept()
        return kept


@pytest.fixture
def door(side: UploadSide) -> Iterator[Door]:
    with (
        serving([*side.routes(), *_broken()], side.refusals) as origin,
        ExitStack() as open_clients,
    ):
        yield Door(side, origin, open_clients)


def _broken() -> list[Route]:
    def denied(_request: Request) -> Response:
        raise PermissionError(13, "Permission denied", "/data/sourcemaps")

    def faulty(_request: Request) -> Response:
        raise RuntimeError("a mistake in the program")

    return [
        Route("/api/0/organizations/denied/releases/broken/", denied, methods=["PATCH"]),
        Route("/api/0/organizations/faulty/releases/broken/", faulty, methods=["PATCH"]),
    ]


def test_a_wrong_token_is_kept_with_its_beginning_the_client_and_the_sentence(door: Door) -> None:
    answer = door.tool(WRONG).http.get(CHUNKS)

    refusal = door.only().refusal
    assert refusal.status == answer.status_code == 401
    assert refusal.sentence == answer.json()["detail"]
    assert (refusal.token_prefix, refusal.token_name) == ("deadbeef", None)
    assert (refusal.method, refusal.path) == ("GET", CHUNKS)
    assert refusal.user_agent == "sentry-cli/2.58.0"


def test_a_revoked_token_is_kept_with_its_name_and_project(door: Door) -> None:
    project = door.side.project("web")
    token, secret = door.side.tokens.create("Old CI", Scope.UPLOAD, project.id, None, NOW)
    door.side.tokens.revoke(token.id, NOW)

    door.tool(secret).send(pair())

    refusal = door.only().refusal
    assert (refusal.status, refusal.token_prefix) == (401, token.prefix)
    assert (refusal.token_name, refusal.project_id) == ("Old CI", project.id)


def test_the_key_of_a_dsn_is_kept_for_its_project(door: Door) -> None:
    project = door.side.project("web")

    door.tool(project.public_key).http.post(RELEASES, json={"version": "1.0"})

    refusal = door.only().refusal
    assert "public key of a DSN" in refusal.sentence
    assert refusal.token_prefix == project.public_key[:8]
    assert (refusal.token_name, refusal.project_id) == (None, project.id)


def test_no_token_at_all_is_kept_without_a_beginning(door: Door) -> None:
    httpx.get(door.origin + CHUNKS)

    refusal = door.only().refusal
    assert refusal.token_prefix == ""
    assert "needs an API token" in refusal.sentence


def test_a_scope_that_is_too_small_is_kept(door: Door) -> None:
    door.side.releases.create(None, "1.0", NOW)

    door.tool(door.side.token(None)).http.delete(f"{RELEASES}1.0/")

    refusal = door.only().refusal
    assert (refusal.status, refusal.token_name) == (403, "ci")
    assert "this needs 'full'" in refusal.sentence


def test_a_chunk_that_is_not_what_it_is_called_is_kept(door: Door) -> None:
    files = [("file", (sha1_of(b"one"), b"another"))]

    door.tool(door.side.token(None)).http.post(CHUNKS, files=files)

    refusal = door.only().refusal
    assert refusal.status == 400
    assert sha1_of(b"one") in refusal.sentence


def test_a_bundle_that_can_not_be_used_is_kept_though_the_answer_is_200(door: Door) -> None:
    project = door.side.project("web")

    told = door.tool(door.side.token(project.id)).upload(bundle_of({}, None))

    refusal = door.only().refusal
    assert told["state"] == "error"
    assert (refusal.status, refusal.sentence) == (200, told["detail"])
    assert refusal.path.endswith("/artifactbundle/assemble/")
    assert refusal.project_id == project.id


def test_an_unknown_way_to_upload_is_kept(door: Door) -> None:
    door.tool(WRONG).http.post("/api/0/projects/any/web/files/dsyms/", content=b"x")

    refusal = door.only().refusal
    assert refusal.status == 404
    assert refusal.sentence == "Headwater has no POST /api/0/projects/any/web/files/dsyms/."


@pytest.mark.parametrize(
    ("org", "said"), [("denied", "may not write to its storage"), ("faulty", "its log says what")]
)
def test_a_server_that_fails_is_kept_too(door: Door, org: str, said: str) -> None:
    answer = door.tool(WRONG).http.patch(f"/api/0/organizations/{org}/releases/broken/")

    refusal = door.only().refusal
    assert refusal.status == answer.status_code == 500
    assert said in refusal.sentence
    assert refusal.sentence == answer.json()["detail"]


def test_what_goes_well_is_not_kept(door: Door) -> None:
    tool = door.tool(door.side.token(None))

    assert tool.upload(pair())["state"] == "ok"
    assert tool.http.get(CHUNKS).status_code == 200
    assert tool.http.post(RELEASES, json={"version": "1.0"}).status_code == 201
    assert door.kept() == ()


def test_a_file_that_is_there_already_is_no_refusal(door: Door) -> None:
    tool = door.tool(door.side.token(None))

    statuses = [
        tool.http.post(FILES, files={"file": content}, data={"name": "~/app.js"}).status_code
        for content in (b"x()", b"y()")
    ]

    assert statuses == [201, 409]
    assert door.kept() == ()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/0/organizations/"),
        ("GET", f"{RELEASES}1.0/"),
        ("GET", FILES),
        ("GET", "/api/0/projects/any/any/events/1/"),
        ("PUT", "/api/0/organizations/any/issues/1/"),
        ("POST", "/api/0/organizations/releases/issues/"),
        ("POST", "/somewhere/else/"),
    ],
)
def test_other_calls_are_not_kept(door: Door, method: str, path: str) -> None:
    assert door.tool(WRONG).http.request(method, path).status_code >= 400

    assert door.kept() == ()


def test_a_secret_is_nowhere_even_if_it_was_pasted_everywhere(door: Door) -> None:
    with capture_logs() as logged:
        httpx.post(
            f"{door.origin}/api/0/projects/any/{WRONG}/files/{WRONG}/",
            headers={"Authorization": f"Bearer {WRONG}", "User-Agent": f"build {WRONG}"},
        )
        kept = door.only().refusal

    with door.side.database.read() as connection:
        stored = repr(connection.execute(select(upload_refusals)).all())
    lines = [line for line in logged if line["event"] == "upload refused"]
    assert kept.path == "/api/0/projects/any/deadbeef…/files/deadbeef…/"
    assert kept.user_agent == "build deadbeef…"
    assert len(lines) == 1
    assert WRONG[:9] not in repr(lines)
    assert WRONG[:9] not in stored


def test_a_password_sent_as_a_token_is_not_shown_whole(door: Door) -> None:
    answer = door.tool("hunter2").http.get(CHUNKS)

    refusal = door.only().refusal
    assert "hunter2" not in answer.text
    assert "hunter2" not in repr(refusal)
    assert refusal.token_prefix == "hun"


def test_a_refusal_is_a_warning_in_the_log_and_repeating_it_is_not(door: Door) -> None:
    tool = door.tool(WRONG)

    with capture_logs() as logged:
        for _ in range(20):
            tool.http.get(CHUNKS)

    lines = [line for line in logged if line["event"] == "upload refused"]
    assert lines[0]["log_level"] == "warning"
    assert lines[0]["token_prefix"] == "deadbeef"
    # One for each second, at most.
    assert len(lines) < 20
    assert door.only().tally.count == 20
