"""The upload door over HTTP: what real clients send, and what means harm."""

import gzip
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest

from headwater.protocol.debug_id import DebugId
from headwater.server.upload import MAX_UPLOADS, MAX_UPLOADS_OF_TOKEN
from headwater.storage.uploads.artifact import ReleaseName
from tests.server.build_tool import build_tool, half_a_chunk, http
from tests.server.web_process import until
from tests.upload_side import (
    CHUNK,
    DEBUG_ID,
    MAP,
    SCRIPT,
    BuildTool,
    UploadSide,
    bundle_of,
    manifest_of,
    pair,
    serving,
    sha1_of,
)

UPLOAD = "/api/0/organizations/any/chunk-upload/"
ASSEMBLE = "/api/0/organizations/any/artifactbundle/assemble/"
OK: dict[str, object] = {"state": "ok", "missingChunks": [], "detail": None}


@pytest.fixture
def tool(side: UploadSide) -> Iterator[BuildTool]:
    with build_tool(side) as tool:
        yield tool


def stored_files(side: UploadSide) -> list[str]:
    return [path.name for path in side.chunk_blobs.root.rglob("*") if path.is_file()]


def post(tool: BuildTool, field: str, filename: str, content: bytes) -> httpx.Response:
    return tool.http.post(UPLOAD, files=[(field, (filename, content))])


def test_options_are_what_every_client_understands(tool: BuildTool) -> None:
    answer = tool.http.get(UPLOAD)

    assert answer.json() == {
        "url": str(tool.http.base_url.join(UPLOAD)),
        "chunkSize": CHUNK,
        "chunksPerRequest": 64,
        "maxRequestSize": CHUNK,
        "maxFileSize": 64 * 1024**2,
        "concurrency": 8,
        "hashAlgorithm": "sha1",
        "compression": ["gzip"],
        "accept": ["release_files", "artifact_bundles", "artifact_bundles_v2"],
    }
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


def test_the_url_is_on_the_origin_that_the_client_used(tool: BuildTool) -> None:
    answer = tool.http.get(UPLOAD, headers={"Host": "errors.example.com:8443"})

    assert answer.json()["url"] == f"http://errors.example.com:8443{UPLOAD}"


def test_any_organization_is_accepted_and_kept_in_the_url(tool: BuildTool) -> None:
    answer = tool.http.get("/api/0/organizations/m%C3%BC%20x%2Fy/chunk-upload/")

    assert answer.json()["url"].endswith("/api/0/organizations/m%C3%BC%20x%2Fy/chunk-upload/")


def test_a_chunk_of_the_offered_size_fits_into_a_default_proxy(tool: BuildTool) -> None:
    options = tool.http.get(UPLOAD).json()
    incompressible = os.urandom(options["maxRequestSize"])

    answer = tool.send(incompressible)

    assert answer.status_code == 200
    assert int(answer.request.headers["content-length"]) < 1_000_000  # nginx's default is 1m


def test_a_bundle_goes_the_whole_way(tool: BuildTool, side: UploadSide) -> None:
    bundle = pair()

    first = tool.assemble(bundle)
    assert first == {"state": "not_found", "missingChunks": [sha1_of(bundle)], "detail": None}
    assert tool.send(bundle).status_code == 200
    assert tool.assemble(bundle) == OK
    assert tool.assemble(bundle) == OK

    assert len(side.artifacts.with_debug_id(1, DebugId(DEBUG_ID))) == 2


@pytest.mark.parametrize("field", ["file", "file_gzip"])
def test_many_chunks_may_come_in_one_request(tool: BuildTool, field: str) -> None:
    chunks = [bytes([number]) * 1000 for number in range(64)]

    answer = tool.send(*chunks, field=field)

    assert answer.status_code == 200
    missing = tool.http.post(
        ASSEMBLE, json={"checksum": "a" * 40, "chunks": [*map(sha1_of, chunks), "b" * 40]}
    )
    assert missing.json()["missingChunks"] == ["b" * 40]


def test_sending_a_known_chunk_again_is_fine(tool: BuildTool) -> None:
    assert tool.send(MAP).status_code == 200
    assert tool.send(MAP).status_code == 200


def test_chunks_larger_than_offered_now_are_taken(tool: BuildTool) -> None:
    assert tool.send(b"x" * (8 * 1024**2)).status_code == 200


@pytest.mark.parametrize("content", [b"", b"--x--\r\n", b"--x--"])
def test_a_request_without_parts_is_fine(tool: BuildTool, content: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}

    assert tool.http.post(UPLOAD, content=content, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("field", "filename", "content", "said"),
    [
        ("file", "a" * 40, MAP, f"has the SHA-1 {sha1_of(MAP)}: it was damaged"),
        ("file", "../../etc/passwd", MAP, "40 hex digits, not '../../etc/passwd'"),
        ("file_gzip", sha1_of(MAP), MAP, "is not gzip"),
        ("file_gzip", sha1_of(MAP), gzip.compress(MAP)[:-9], "ends in the middle"),
        ("file_gzip", sha1_of(b""), b"", "ends in the middle"),
        ("file_brotli", sha1_of(MAP), MAP, "not in 'file_brotli'"),
        ("file_zstd", sha1_of(MAP), MAP, "not in 'file_zstd'"),
        ("file", sha1_of(MAP), b"x" * (8 * 1024**2 + 1), "more than 8,388,608 bytes"),
        (
            "file_gzip",
            sha1_of(MAP),
            gzip.compress(b"\0" * 200_000_000),
            "more than 8,388,608 bytes",
        ),
    ],
    ids=[
        "wrong checksum", "path as name", "not gzip", "cut gzip", "empty gzip", "brotli", "zstd",
        "too large", "gzip bomb",
    ],
)  # fmt: skip
def test_a_bad_chunk_is_refused_with_a_sentence_and_leaves_nothing(
    tool: BuildTool, side: UploadSide, field: str, filename: str, content: bytes, said: str
) -> None:
    answer = post(tool, field, filename, content)

    assert answer.status_code == 400
    assert said in answer.json()["detail"]
    assert stored_files(side) == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b"nonsense"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="f'),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"A" * 10_000 + b": b\r\n\r\n"),
        ("multipart/form-data; boundary=" + "x" * 3000, b"--x--"),
    ],
)
def test_a_request_that_is_no_multipart_is_refused(
    tool: BuildTool, content_type: str, body: bytes
) -> None:
    answer = tool.http.post(UPLOAD, content=body, headers={"Content-Type": content_type})

    assert answer.status_code == 400
    assert len(answer.json()["detail"]) > 20


def test_a_good_chunk_beside_a_bad_one_is_asked_for_again(tool: BuildTool) -> None:
    files = [("file", (sha1_of(MAP), MAP)), ("file", ("a" * 40, b"bad"))]
    assert tool.http.post(UPLOAD, files=files).status_code == 400

    wanted = {"checksum": "a" * 40, "chunks": [sha1_of(MAP)]}

    assert tool.http.post(ASSEMBLE, json=wanted).json()["missingChunks"] == [sha1_of(MAP)]


def test_a_request_beyond_the_limit_is_refused(tool: BuildTool) -> None:
    files = [("file", (sha1_of(b"x"), b"x"))] + [("other", ("x", b"x" * 1024**2))] * 34

    answer = tool.http.post(UPLOAD, files=files)

    assert answer.status_code == 413
    assert "34,603,008 bytes" in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"", b"{}", b"nonsense", b'{"checksum": "x", "chunks": []}'])
def test_a_malformed_request_to_assemble_is_refused_with_a_sentence(
    tool: BuildTool, body: bytes
) -> None:
    answer = tool.http.post(ASSEMBLE, content=body)

    assert answer.status_code == 400
    assert len(answer.json()["detail"]) > 20


def test_a_useless_bundle_is_an_error_every_time_it_is_asked_for(tool: BuildTool) -> None:
    useless = pair(source_map=b"<!doctype html>")

    first = tool.upload(useless)
    second = tool.assemble(useless)

    assert first == second
    assert first["state"] == "error"
    assert first["missingChunks"] == []
    assert "app.js.map is not a source map (it begins with `<!doctype html>`)" in first["detail"]


def test_the_older_call_assembles_for_the_release_in_its_path(
    tool: BuildTool, side: UploadSide
) -> None:
    bundle = pair(debug_id=None)
    tool.send(bundle)

    answer = tool.http.post(
        "/api/0/organizations/any/releases/app%2F1.0/assemble/",
        json={"checksum": sha1_of(bundle), "chunks": [sha1_of(bundle)]},
    )

    assert answer.json() == OK
    assert side.artifacts.has_release(1, ReleaseName("app/1.0"))


def test_a_token_uploads_for_its_own_home_whatever_the_request_says(side: UploadSide) -> None:
    web, shop = side.project("web"), side.project("shop")

    with build_tool(side, shop.id) as tool:
        assert tool.upload(pair(), projects=["web"], version="1.0") == OK

    assert side.artifacts.with_debug_id(web.id, DebugId(DEBUG_ID)) == ()
    assert len(side.artifacts.with_debug_id(shop.id, DebugId(DEBUG_ID))) == 2


def test_knowing_a_bundles_name_gives_no_other_home_its_content(side: UploadSide) -> None:
    web, shop = side.project("web"), side.project("shop")
    with serving(side.routes()) as origin:
        with http(origin, side.token(web.id)) as client:
            assert BuildTool(client).upload(pair()) == OK

        with http(origin, side.token(shop.id)) as client:
            answer = BuildTool(client).assemble(pair())

    assert answer["state"] == "not_found"
    assert answer["missingChunks"] == [sha1_of(pair())]


def test_eight_uploads_at_once_all_arrive(tool: BuildTool, side: UploadSide) -> None:
    def bundle(number: int) -> bytes:
        return pair(f"8c0b638c-7772-4580-a988-{number:012x}", script=b"x" * number)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: tool.upload(bundle(number)), range(8)))

    assert answers == [OK] * 8
    for number in range(8):
        found = side.artifacts.with_debug_id(1, DebugId(f"8c0b638c-7772-4580-a988-{number:012x}"))
        assert len(found) == 2


def test_the_same_bundle_eight_times_at_once_is_stored_once(
    tool: BuildTool, side: UploadSide
) -> None:
    tool.send(pair())
    versions = ["1.0", "1.1", "1.2", "1.3"] * 2

    with ThreadPoolExecutor(8) as threads:
        answers = list(
            threads.map(lambda version: tool.assemble(pair(), version=version), versions)
        )

    assert answers == [OK] * 8
    assert len(side.artifacts.with_debug_id(1, DebugId(DEBUG_ID))) == 2
    for version in versions:
        assert side.artifacts.has_release(1, ReleaseName(version))


def test_a_zip_bomb_is_an_error_and_the_server_goes_on(tool: BuildTool) -> None:
    files = {f"{number}.map": b"\0" * 16 * 1024**2 for number in range(5)}
    described = {
        path: {"type": "source_map", "url": f"~/{path}", "headers": {"debug-id": DEBUG_ID}}
        for path in files
    }

    bomb = tool.upload(bundle_of(files, manifest_of(described)))

    assert bomb["state"] == "error"
    assert "83,886,080 bytes unpacked; the limit is 67,108,864" in bomb["detail"]
    assert tool.upload(pair()) == OK


def coming_in(side: UploadSide) -> int:
    """How many chunks are being received. Not asked by sending one, which would take a place."""
    return len(list((side.chunk_blobs.root / "tmp").glob("*")))


def test_one_tokens_slow_uploads_do_not_lock_out_another_token(side: UploadSide) -> None:
    token, other = side.token(None), side.token(None)
    with serving(side.routes()) as origin, http(origin, token) as client:
        tool = BuildTool(client)
        with ExitStack() as half_done, http(origin, other) as other_client:
            for _ in range(MAX_UPLOADS_OF_TOKEN):
                half_done.enter_context(half_a_chunk(origin, token))
            until(lambda: coming_in(side) == MAX_UPLOADS_OF_TOKEN)

            refused = tool.send(MAP)

            assert int(refused.headers["retry-after"]) > 0
            assert "16 uploads with this token" in refused.json()["detail"]
            assert BuildTool(other_client).send(SCRIPT).status_code == 200
        until(lambda: tool.send(MAP).status_code == 200)


def test_too_many_uploads_at_once_are_asked_to_come_again(side: UploadSide) -> None:
    token = side.token(None)
    with serving(side.routes()) as origin, http(origin, token) as client:
        tool = BuildTool(client)
        with ExitStack() as half_done:
            for _ in range(MAX_UPLOADS // MAX_UPLOADS_OF_TOKEN):
                one = side.token(None)
                for _ in range(MAX_UPLOADS_OF_TOKEN):
                    half_done.enter_context(half_a_chunk(origin, one))
            until(lambda: coming_in(side) == MAX_UPLOADS)

            refused = tool.send(MAP)

            assert int(refused.headers["retry-after"]) > 0
            assert "64 uploads" in refused.json()["detail"]
        until(lambda: tool.send(MAP).status_code == 200)
    assert stored_files(side) == [sha1_of(MAP)[2:]]
