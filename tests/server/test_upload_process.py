"""The real server process: killed in the middle of an upload, and fed a map of 100 MB."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.server.build_tool import half_a_chunk, http
from tests.server.web_process import secret, until, web_process
from tests.upload_side import MAP, BuildTool, bundle_of, cut, manifest_of, pair, sha1_of

MEGABYTE = 1024**2
PAIRS = 300
OK = "ok"

SERVER_BOUND = 48 * MEGABYTE
"""What an upload of any size may add to the server's memory: a few chunks of 512 KiB in flight."""


def many_pairs() -> bytes:
    """A bundle that takes a while to assemble."""
    files, described = {}, {}
    for number in range(PAIRS):
        headers = {"debug-id": f"8c0b638c-7772-4580-a988-{number:012x}"}
        path = f"_/_/{number}.js"
        files[path] = b"x" * number
        files[f"{path}.map"] = json.dumps({**json.loads(MAP), "file": path}).encode()
        described[path] = {"type": "minified_source", "url": f"~/{number}.js", "headers": headers}
        described[f"{path}.map"] = {
            "type": "source_map",
            "url": f"~/{number}.js.map",
            "headers": headers,
        }
    return bundle_of(files, manifest_of(described))


def uploads(client: httpx.Client) -> list[int]:
    """How many files each stored bundle has."""
    answer = client.get("/api/0/projects/any/any/files/source-maps/")
    assert answer.status_code == httpx.codes.OK
    return [archive["fileCount"] for archive in answer.json()]


@pytest.mark.parametrize("progress", [1, PAIRS])
def test_a_server_killed_while_it_assembles_shows_no_half_bundle_and_the_retry_succeeds(
    tmp_path: Path, progress: int
) -> None:
    token, bundle = secret(tmp_path), many_pairs()
    with web_process(tmp_path) as server, http(server.origin, token) as client:
        for chunk in cut(bundle):
            assert BuildTool(client).send(chunk).status_code == httpx.codes.OK
        with ThreadPoolExecutor(1) as thread:
            asking = thread.submit(BuildTool(client).assemble, bundle)
            until(lambda: server.stored("files") >= progress)
            server.kill()
            assert isinstance(asking.exception(), httpx.TransportError)

    with web_process(tmp_path) as server, http(server.origin, token) as client:
        assert uploads(client) == []
        assert BuildTool(client).upload(bundle, version="1.0")["state"] == OK
        assert uploads(client) == [2 * PAIRS]


def test_a_server_killed_while_a_chunk_comes_in_knows_nothing_of_it(tmp_path: Path) -> None:
    token = secret(tmp_path)
    with web_process(tmp_path) as server, half_a_chunk(server.origin, token):
        until(lambda: any((tmp_path / "sourcemaps" / "chunks" / "tmp").glob("*")))
        server.kill()

    with web_process(tmp_path) as server, http(server.origin, token) as client:
        assert server.stored("chunks") == 0
        assert BuildTool(client).assemble(pair())["missingChunks"] == [sha1_of(pair())]
        assert BuildTool(client).upload(pair())["state"] == OK


def test_a_map_of_a_hundred_megabytes_does_not_grow_the_server(tmp_path: Path) -> None:
    token = secret(tmp_path)
    source = "".join(f"export const value{number} = {number};\n" for number in range(31_000))
    large = json.dumps(
        {
            "version": 3,
            "sources": [f"src/{number}.ts" for number in range(100)],
            "sourcesContent": [source] * 100,
            "names": [],
            "mappings": "AAAA" + ",IAAI" * 1_000_000,
        }
    ).encode()
    assert len(large) > 100 * MEGABYTE
    bundle = pair(source_map=large)

    with web_process(tmp_path) as server, http(server.origin, token) as client:
        assert BuildTool(client).upload(pair())["state"] == OK
        before = server.peak_memory

        assert BuildTool(client).upload(bundle)["state"] == OK

        added = server.peak_memory - before
        print(f"{before / MEGABYTE:.0f} MB before, {added / MEGABYTE:.1f} MB added")
        assert added < SERVER_BOUND
        assert client.get("/health/live").status_code == httpx.codes.OK
