"""The whole way of a build and its error, on a bucket and on a folder; and the storage going away."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.clients.live_server import LiveServer, Project, serving
from tests.clients.patience import until
from tests.event_side import envelope
from tests.faulty_proxy import Fault
from tests.s3_server import SECRET, Remote
from tests.symbolicate.world import FILE, ID, OTHER_ID, SCRIPT, THROWN_COLUMN, map_of
from tests.upload_side import BuildTool, pair, sha1_of

PATIENCE_SECONDS = 120
BUILD = pair(ID, map_of().encode(), SCRIPT.encode())
OTHER_BUILD = pair(OTHER_ID, map_of(names=["other"]).encode(), SCRIPT.encode() + b"// other\n")
THIRD_BUILD = pair(None, map_of(names=["third"]).encode(), SCRIPT.encode() + b"// third\n")


@dataclass(frozen=True, slots=True)
class Storage:
    """A kind of storage for source maps."""

    settings: dict[str, str]
    take_away: Callable[[], object]
    bring_back: Callable[[], object]


@pytest.fixture(params=["bucket", "folder"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        folder, aside = tmp_path / "maps", tmp_path / "aside"
        return Storage(
            {"SOURCEMAP_STORAGE_PATH": str(folder)},
            lambda: folder.rename(aside),
            lambda: aside.rename(folder),
        )
    remote: Remote = request.getfixturevalue("remote")

    def take_away() -> None:
        shutil.rmtree(tmp_path / "data" / "sourcemaps" / "copies")  # what is near needs no bucket
        remote.proxy.fault = Fault.GONE

    def bring_back() -> None:
        remote.proxy.fault = Fault.NONE

    settings = {"SOURCEMAP_STORAGE_URL": remote.url, **remote.environment}
    return Storage(settings, take_away, bring_back)


@contextmanager
def tool_of(project: Project, token: str | None = None) -> Iterator[BuildTool]:
    headers = {"Authorization": f"Bearer {token or project.upload_token}"}
    with httpx.Client(base_url=project.origin, headers=headers, timeout=60) as http:
        yield BuildTool(http)


def send(project: Project, debug_id: str = ID) -> str:
    """An event that threw in the build; its id, when it was answered."""
    event_id = uuid4().hex
    frame = {"abs_path": FILE, "function": "t", "lineno": 1, "colno": THROWN_COLUMN}
    event = {
        "event_id": event_id,
        "platform": "javascript",
        "exception": {
            "values": [{"type": "Error", "value": "none", "stacktrace": {"frames": [frame]}}]
        },
        "debug_meta": {"images": [{"type": "sourcemap", "code_file": FILE, "debug_id": debug_id}]},
    }
    key, _, number = (
        project.dsn.partition("://")[2].partition("@")[0],
        *project.dsn.rpartition("/")[1:],
    )
    answer = httpx.post(
        f"{project.origin}/api/{number}/envelope/?sentry_key={key}", content=envelope(event)
    )
    assert answer.status_code == httpx.codes.OK, answer.text
    return event_id


def verdict(project: Project, event_id: str) -> tuple[str, str]:
    """Of the event's one frame, and its detail."""
    project.event(event_id)
    found = project.verdicts(event_id)
    (frame,) = found["stacktraces"][0]["frames"]
    return frame["verdict"], json.dumps(frame["evidence"])


def resolve_again(server: LiveServer, project: Project, event_id: str) -> None:
    answer = httpx.post(
        f"{server.origin}/api/0/projects/any/{project.slug}/events/{event_id}/resolve-again/",
        headers={"Authorization": f"Bearer {server.full_token}"},
    )
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text


@pytest.mark.timeout(300)
def test_from_upload_to_deletion_with_the_storage_going_away_in_between(
    storage: Storage, tmp_path: Path
) -> None:
    with serving(tmp_path / "data", **storage.settings) as server:
        project = server.project("Shop")
        with tool_of(project) as tool:
            assert tool.upload(BUILD)["state"] == tool.upload(OTHER_BUILD)["state"] == "ok"
            event_id = send(project)
            assert verdict(project, event_id)[0] == "resolved"
            assert "nothing to pay" in server.reader().event(event_id)

            storage.take_away()

            _check_while_away(project, tool)
            waiting = send(project, OTHER_ID)
            project.event(waiting)

            storage.bring_back()

            until(
                lambda: tool.send(THIRD_BUILD).status_code == httpx.codes.OK,
                PATIENCE_SECONDS,
                "clients that come again are taken",  # a bucket is left alone for a moment
            )
            assert tool.upload(THIRD_BUILD, version="3")["state"] == "ok"
        until(
            lambda: verdict(project, send(project, OTHER_ID))[0] == "resolved",
            PATIENCE_SECONDS,
            "new events are resolved",
        )
        resolve_again(server, project, waiting)
        until(
            lambda: verdict(project, waiting)[0] == "resolved",
            PATIENCE_SECONDS,
            "the event of that time is resolved as well",
        )
        _delete(server, project, sha1_of(BUILD))
        until(
            lambda: verdict(project, send(project))[0] == "deleted",
            PATIENCE_SECONDS,
            "what was deleted resolves nothing",
        )


def _check_while_away(project: Project, tool: BuildTool) -> None:
    """Events are taken, their frames say why; uploads are told to come again."""
    found, why = verdict(project, send(project, OTHER_ID))
    assert found == "storage_read_failed", why
    assert "can't be used" in why or "is its volume mounted" in why
    refused = tool.send(THIRD_BUILD)
    assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE, refused.text
    assert "retry-after" in refused.headers
    assert "can't be reached" in refused.json()["detail"]
    assert SECRET not in why + refused.text


def _delete(server: LiveServer, project: Project, checksum: str) -> None:
    with tool_of(project, server.token(project.slug, "full")) as tool:
        path = f"/api/0/projects/any/{project.slug}/files/source-maps/"
        gone = tool.http.delete(path, params={"name": checksum})
    assert gone.status_code == httpx.codes.NO_CONTENT, gone.text
