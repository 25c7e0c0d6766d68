"""Bundles and request shapes of twelve real clients, replayed over HTTP."""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.debug_id import parse_debug_id
from headwater.storage.uploads.artifact import ReleaseName
from tests.conformance import CONFORMANCE, needs_conformance_data
from tests.server.build_tool import build_tool
from tests.upload_side import BuildTool, UploadSide, sha1_of

pytestmark = needs_conformance_data

CLIENTS = sorted(path.stem for path in (CONFORMANCE / "client-bundles").glob("*.zip"))
BUNDLERS = sorted(path.parent.name for path in (CONFORMANCE / "real-bundlers").glob("*/bundle.zip"))
OK: dict[str, object] = {"state": "ok", "missingChunks": [], "detail": None}


@pytest.fixture
def tool(side: UploadSide) -> Iterator[BuildTool]:
    with build_tool(side, side.project("web").id) as tool:
        yield tool


def manifest(bundle: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(BytesIO(bundle)) as archive:
        found: dict[str, Any] = json.loads(archive.read("manifest.json"))
        return found


def replay(tool: BuildTool, bundle: bytes, request: dict[str, Any]) -> None:
    """Options, assemble, chunks, assemble, and assemble again."""
    options = tool.http.get("/api/0/organizations/any/chunk-upload/").json()
    size = options["chunkSize"]
    chunks = [bundle[start : start + size] for start in range(0, len(bundle), size)]
    assert request["checksum"] == sha1_of(bundle)
    wanted = {**request, "chunks": [sha1_of(chunk) for chunk in chunks]}

    def assemble() -> dict[str, Any]:
        path = "/api/0/organizations/any/artifactbundle/assemble/"
        answer: dict[str, Any] = tool.http.post(path, json=wanted).json()
        return answer

    assert assemble() == {"state": "not_found", "missingChunks": wanted["chunks"], "detail": None}
    for chunk in chunks:
        sent = tool.send(chunk)
        assert sent.request.url == httpx.URL(options["url"])
        assert sent.status_code == httpx.codes.OK
    assert assemble() == OK
    assert assemble() == OK


@pytest.mark.parametrize("client", CLIENTS)
def test_every_clients_bundle_is_taken_and_each_of_its_files_is_found(
    tool: BuildTool, side: UploadSide, client: str
) -> None:
    folder = CONFORMANCE / "client-bundles"
    bundle = (folder / f"{client}.zip").read_bytes()
    request = json.loads((folder / f"{client}.assemble_request.json").read_text())

    replay(tool, bundle, request)

    release = ReleaseName(request["version"], request.get("dist")) if "version" in request else None
    for described in manifest(bundle)["files"].values():
        check_is_found(side, described, release)
    assert side.artifacts.find(1, sha1_of(bundle))[0].fault is None


def check_is_found(
    side: UploadSide, described: dict[str, Any], release: ReleaseName | None
) -> None:
    maps = side.maps_of(1)
    debug_id = parse_debug_id(described["headers"].get("debug-id"))
    if debug_id is not None:
        assert described["url"] in {found.url for found in maps.with_debug_id(debug_id)}
    if release is None:
        return
    [found] = maps.at_urls([described["url"]], release.version, release.dist)
    assert found.debug_id == debug_id
    if found.type is ArtifactType.SOURCE_MAP:
        # Clients put their snippet before the code, so it is on the first or a later line.
        assert any(maps.open_map(found).has_mappings_on(line) for line in range(5))
    else:
        assert found.source_map_reference == "test.min.js.map"


@pytest.mark.parametrize("bundler", BUNDLERS)
def test_every_bundlers_bundle_is_taken(tool: BuildTool, side: UploadSide, bundler: str) -> None:
    folder: Path = CONFORMANCE / "real-bundlers" / bundler
    bundle = (folder / "bundle.zip").read_bytes()
    request = json.loads((folder / "assemble_request.json").read_text())

    replay(tool, bundle, request)

    files = side.artifacts.find(1, sha1_of(bundle))
    assert [file.fault for file in files] == [None] * len(files)
    assert {file.sha256 for file in files} == {
        hashlib.sha256(content).hexdigest() for content in members(bundle)
    }


def members(bundle: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(BytesIO(bundle)) as archive:
        for path in manifest(bundle)["files"]:
            yield archive.read(path)


@pytest.mark.parametrize("client", CLIENTS)
def test_every_request_that_a_client_made_has_an_answer(tool: BuildTool, client: str) -> None:
    log = (CONFORMANCE / "client-bundles" / f"{client}.requests.log").read_text(errors="replace")
    asked = [line for line in log.splitlines() if line.startswith(("GET /", "POST /", "PUT /"))]
    assert len(asked) >= 4

    for line in asked:
        method, path = line.split(" ", 1)
        answer = tool.http.request(method, path.strip(), content=b"")

        assert "application/json" in answer.headers["content-type"], line
        assert "Headwater has no" not in answer.text, line
        assert answer.status_code < 500, line
