"""From chunks to files that can be found."""

import json
import zipfile
from pathlib import Path

import pytest

from headwater.artifacts.bundles import MAX_ABSENT
from headwater.artifacts.compiler import Compiler
from headwater.artifacts.members import BundleLimits
from headwater.protocol.chunks import AssembleAnswer, AssembleRequest, AssembleState, Sha1
from headwater.protocol.debug_id import DebugId
from headwater.storage.uploads.artifact import ReleaseName
from tests.upload_side import (
    CHUNK,
    DEBUG_ID,
    MAP,
    NOW,
    REMOVAL,
    SCRIPT,
    UploadSide,
    bundle_of,
    cut,
    manifest_of,
    pair,
    sha1_of,
)

ID = DebugId(DEBUG_ID)
OK = AssembleAnswer(AssembleState.OK)


def large_pair() -> bytes:
    """A bundle of several chunks."""
    script = bytes(range(256)) * (5 * CHUNK // 512)
    return bundle_of(
        {"a.js": script, "a.js.map": MAP},
        manifest_of(
            {
                "a.js": {
                    "type": "minified_source",
                    "url": "~/a.js",
                    "headers": {"debug-id": DEBUG_ID},
                },
                "a.js.map": {
                    "type": "source_map",
                    "url": "~/a.js.map",
                    "headers": {"debug-id": DEBUG_ID},
                },
            }
        ),
        zipfile.ZIP_STORED,
    )


def test_nothing_is_assembled_while_chunks_are_missing(side: UploadSide) -> None:
    bundle = large_pair()
    chunks = cut(bundle)
    assert len(chunks) == 3
    sha1, size = side.chunk_blobs.put([chunks[1]])
    side.uploads.keep(None, {Sha1(sha1): size}, NOW)

    answer = side.assemble(None, bundle)

    missing = (sha1_of(chunks[0]), sha1_of(chunks[2]))
    assert answer == AssembleAnswer(AssembleState.NOT_FOUND, missing)


def test_a_bundle_is_assembled_and_its_files_are_found(side: UploadSide) -> None:
    project = side.project("web")

    assert side.upload(project.id, large_pair()) == OK

    maps = side.maps_of(project.id)
    found = {artifact.type.value: artifact for artifact in maps.with_debug_id(ID)}
    assert set(found) == {"minified_source", "source_map"}
    assert maps.open_map(found["source_map"]).lookup(0, 0) is not None


def test_assembling_again_is_harmless(side: UploadSide) -> None:
    side.upload(None, pair())

    assert side.assemble(None, pair()) == OK
    assert len(side.artifacts.with_debug_id(1, ID)) == 2


def test_assembling_again_needs_no_chunks(side: UploadSide) -> None:
    side.upload(None, pair())
    for chunk in cut(pair()):
        side.chunk_blobs.delete(sha1_of(chunk))

    assert side.assemble(None, pair()) == OK


def test_assembling_again_for_another_release_associates_that_too(side: UploadSide) -> None:
    side.upload(None, pair(), version="1.0")

    side.assemble(None, pair(), version="1.1", dist="d1")

    for release in (ReleaseName("1.0"), ReleaseName("1.1", "d1")):
        assert len(side.artifacts.at_urls(1, ["~/app.js.map"], release)) == 1


def test_a_bundle_without_release_takes_the_one_of_its_manifest(side: UploadSide) -> None:
    described = {"type": "source_map", "url": "~/app.js.map"}
    manifest = manifest_of({"a": described}, release="1.0", dist="d1")

    assert side.upload(None, bundle_of({"a": MAP}, manifest)) == OK

    assert side.artifacts.has_release(1, ReleaseName("1.0", "d1"))


def test_the_plugins_word_for_no_release_is_no_release(side: UploadSide) -> None:
    described = {"type": "source_map", "url": "~/a.map", "headers": {"debug-id": DEBUG_ID}}
    manifest = manifest_of({"a": described}, release="undefined")

    side.upload(None, bundle_of({"a": MAP}, manifest))

    assert side.releases.page(None, "", 0, 10) == ()


def test_chunks_of_another_home_are_missing(side: UploadSide) -> None:
    web, shop = side.project("web"), side.project("shop")
    side.put_chunks(web.id, pair())

    assert side.assemble(shop.id, pair()).state is AssembleState.NOT_FOUND
    assert side.assemble(None, pair()).state is AssembleState.NOT_FOUND
    assert side.assemble(web.id, pair()) == OK


def test_a_bundle_of_another_home_is_not_told_of(side: UploadSide) -> None:
    web, shop = side.project("web"), side.project("shop")
    side.upload(web.id, pair())

    assert side.assemble(shop.id, pair()).state is AssembleState.NOT_FOUND
    assert side.artifacts.with_debug_id(shop.id, ID) == ()


def test_a_lost_file_is_healed_from_the_chunks(side: UploadSide) -> None:
    side.upload(None, pair())
    lost = side.artifacts.with_debug_id(1, ID)[0].sha256
    side.files.delete(lost)

    assert side.assemble(None, pair()) == OK

    assert side.files.is_intact(lost)


def test_a_damaged_file_without_chunks_makes_the_client_upload_again(side: UploadSide) -> None:
    side.upload(None, pair())
    damaged = side.artifacts.with_debug_id(1, ID)[0].sha256
    side.files.path(damaged).write_bytes(b"damaged")
    side.chunk_blobs.delete(sha1_of(pair()))

    answer = side.assemble(None, pair())

    assert answer == AssembleAnswer(AssembleState.NOT_FOUND, (sha1_of(pair()),))
    assert side.upload(None, pair()) == OK
    assert side.files.is_intact(damaged)


@pytest.mark.parametrize("damage", [b"", b"cut short"])
def test_a_chunk_that_was_cut_short_is_missing(side: UploadSide, damage: bytes) -> None:
    side.put_chunks(None, pair())
    side.chunk_blobs.path(sha1_of(pair())).write_bytes(damage)

    answer = side.assemble(None, pair())

    assert answer == AssembleAnswer(AssembleState.NOT_FOUND, (sha1_of(pair()),))


def test_a_chunk_with_a_flipped_bit_is_missing(side: UploadSide) -> None:
    bundle = large_pair()
    side.put_chunks(None, bundle)
    second = sha1_of(cut(bundle)[1])
    path = side.chunk_blobs.path(second)
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(bytes(content))

    answer = side.assemble(None, bundle)

    assert answer == AssembleAnswer(AssembleState.NOT_FOUND, (second,))
    assert side.upload(None, bundle) == OK


def test_chunks_in_a_wrong_order_are_an_error(side: UploadSide) -> None:
    bundle = large_pair()
    chunks = tuple(side.put_chunks(None, bundle))

    request = AssembleRequest(sha1_of(bundle), chunks[::-1])
    answer = side.assembler.assemble(None, None, request, NOW)

    assert answer.state is AssembleState.ERROR
    assert answer.detail is not None
    assert f"not {sha1_of(bundle)}" in answer.detail


def test_no_chunks_at_all_are_an_error(side: UploadSide) -> None:
    request = AssembleRequest(sha1_of(b""), ())

    answer = side.assembler.assemble(None, None, request, NOW)

    assert answer.state is AssembleState.ERROR


def zip_bomb() -> bytes:
    """Sixty times a file of a megabyte of zeros, in seventy kilobytes."""
    files = {f"{number}.map": b"\0" * 1024**2 for number in range(60)}
    described = {
        path: {"type": "source_map", "url": f"~/{path}", "headers": {"debug-id": DEBUG_ID}}
        for path in files
    }
    return bundle_of(files, manifest_of(described))


@pytest.mark.parametrize(
    ("bundle", "said"),
    [
        (b"PK nonsense", "not a readable ZIP"),
        (pair()[:-30], "not a readable ZIP"),
        (bundle_of({"a": MAP}, None), "manifest.json is not in the ZIP"),
        (bundle_of({"a": MAP}, b"{"), "manifest.json is not JSON"),
        (bundle_of({"a": MAP}, manifest_of({})), "neither source maps nor minified files"),
        (
            bundle_of({}, manifest_of({"a.map": {"type": "source_map", "url": "~/a.map"}})),
            "a.map is not in the ZIP",
        ),
        (
            bundle_of({"a": MAP}, manifest_of({"a": {"type": "source_map", "url": 5}})),
            "'a' has no url",
        ),
        (
            bundle_of({"a": SCRIPT}, manifest_of({"a": {"type": "minified_source", "url": "~/a"}})),
            "no source map",
        ),
        (pair(source_map=b"<!doctype html>"), "app.js.map is not a source map (it begins with `<!doctype html>`)"),
        (pair(debug_id=None), "no debug ids"),
        (zip_bomb(), "62,914,560 bytes unpacked; the limit is 33,554,432"),
        (pair(source_map=b" " * (17 * 1024**2)), "it has 17,825,792 bytes, where 16,777,216"),
    ],
    ids=[
        "no zip", "cut zip", "no manifest", "manifest not json", "no files", "lying manifest",
        "wrong types", "no map", "map not json", "no debug ids", "bomb", "large map",
    ],
)  # fmt: skip
def test_a_useless_bundle_is_an_error_that_says_why_and_leaves_nothing(
    compiler: Compiler, tmp_path: Path, bundle: bytes, said: str
) -> None:
    side = UploadSide(tmp_path, compiler, BundleLimits(bundle=32 * 1024**2, file=16 * 1024**2))

    answer = side.upload(None, bundle)

    assert answer.state is AssembleState.ERROR
    assert answer.missing_chunks == ()
    assert answer.detail is not None
    assert said in answer.detail
    assert [path for path in side.files.root.rglob("*") if path.is_file()] == []
    assert side.artifacts.find(None, sha1_of(bundle)) == ()
    side.database.close()


def test_a_bundle_larger_than_the_limit_is_an_error(compiler: Compiler, tmp_path: Path) -> None:
    side = UploadSide(tmp_path, compiler, BundleLimits(bundle=CHUNK, file=CHUNK))

    answer = side.upload(None, large_pair())

    assert answer.state is AssembleState.ERROR
    assert answer.detail is not None
    assert "the limit is 524,288 (HEADWATER_MAX_BUNDLE)" in answer.detail
    side.database.close()


def test_a_bundle_whose_files_take_too_long_to_decode_is_given_up(
    compiler: Compiler, tmp_path: Path
) -> None:
    limits = BundleLimits(bundle=16 * CHUNK, file=16 * CHUNK, seconds=-1)
    side = UploadSide(tmp_path, compiler, limits)

    answer = side.upload(None, pair())

    assert answer.state is AssembleState.ERROR
    assert answer.detail is not None
    assert "the files before it took all the time there is" in answer.detail
    side.database.close()


def test_a_damaged_map_costs_no_other_and_its_fault_is_remembered(side: UploadSide) -> None:
    def described(url: str, debug_id: str) -> dict[str, object]:
        return {"type": "source_map", "url": url, "headers": {"debug-id": debug_id}}

    other = DebugId("8c0b638c-7772-4580-a988-5410e42f0438")
    manifest = manifest_of(
        {
            "good": described("~/good.map", DEBUG_ID),
            "bad": described("~/bad.map", other),
            "gone": described("~/gone.map", other),
            5 * "long": {"type": "unheard of"},
        }
    )

    assert side.upload(None, bundle_of({"good": MAP, "bad": b"nonsense"}, manifest)) == OK

    assert [file.fault for file in side.artifacts.with_debug_id(1, ID)] == [None]
    [bad] = side.artifacts.with_debug_id(1, other)
    assert bad.fault == "is not a source map (it begins with `nonsense`)"


def test_a_script_may_come_after_its_map(side: UploadSide) -> None:
    headers = {"debug-id": DEBUG_ID}
    the_map = {"type": "source_map", "url": "~/a.map", "headers": headers}
    script = {"type": "minified_source", "url": "~/a.js", "headers": headers}
    side.upload(None, bundle_of({"a": MAP}, manifest_of({"a": the_map})))

    answer = side.upload(None, bundle_of({"a": SCRIPT}, manifest_of({"a": script})))

    assert answer == OK
    assert len(side.artifacts.with_debug_id(1, ID)) == 2


def test_debug_ids_inside_of_files_are_found_where_the_manifest_has_none(side: UploadSide) -> None:
    with_id = json.dumps({**json.loads(MAP), "debug_id": DEBUG_ID}).encode()

    assert side.upload(None, pair(debug_id=None, source_map=with_id)) == OK

    assert [file.url for file in side.artifacts.with_debug_id(1, ID)] == ["~/app.js.map"]


def test_nothing_in_a_zip_decides_a_path_on_disk(side: UploadSide) -> None:
    path = "../../../../../../tmp/headwater-escaped"
    described = {"type": "source_map", "url": "~/x", "headers": {"debug-id": DEBUG_ID}}

    assert side.upload(None, bundle_of({path: MAP}, manifest_of({path: described}))) == OK

    stored = [path for path in side.files.root.rglob("*") if path.is_file()]
    assert [path.parent.name + path.name for path in stored] == [
        side.artifacts.with_debug_id(1, ID)[0].sha256
    ]


def test_a_manifest_that_lies_leaves_a_bounded_number_of_faults(side: UploadSide) -> None:
    headers = {"debug-id": DEBUG_ID}
    files = {"a.js.map": {"type": "source_map", "url": "~/a.js.map", "headers": headers}}
    lies = {f"{number}": {"type": "source", "url": "~/lie"} for number in range(2 * MAX_ABSENT)}
    bundle = bundle_of({"a.js.map": MAP}, manifest_of({**lies, **files}))

    assert side.upload(None, bundle) == OK

    found = side.artifacts.find(None, sha1_of(bundle))
    assert [file.url for file in found if file.fault is None] == ["~/a.js.map"]
    assert len(found) == 1 + MAX_ABSENT


def test_a_file_over_the_limit_is_remembered_among_many_lies(
    compiler: Compiler, tmp_path: Path
) -> None:
    side = UploadSide(tmp_path, compiler, BundleLimits(bundle=32 * 1024**2, file=1024))
    headers = {"debug-id": DEBUG_ID}
    files = {
        name: {"type": "source_map", "url": f"~/{name}", "headers": headers}
        for name in ("a.js.map", "large.js.map")
    }
    lies = {f"{number}": {"type": "source", "url": "~/lie"} for number in range(2 * MAX_ABSENT)}
    content = {"a.js.map": MAP, "large.js.map": bytes(2048)}

    assert side.upload(None, bundle_of(content, manifest_of({**lies, **files}))) == OK

    found = side.artifacts.with_debug_id(1, ID)
    assert {file.url for file in found} == {"~/a.js.map", "~/large.js.map"}
    side.database.close()


def test_what_was_asked_for_is_there_until_it_is_deleted(side: UploadSide) -> None:
    bundle = pair()
    wanted = AssembleRequest(sha1_of(bundle), (), "1.0")
    assert not side.assembler.has(None, wanted)
    side.upload(None, bundle, version="1.0")
    assert side.assembler.has(None, wanted)
    assert not side.assembler.has(7, wanted)
    assert not side.assembler.has(None, AssembleRequest(sha1_of(bundle), (), "2.0"))

    side.single_files.forget_release(None, "1.0", REMOVAL)

    assert not side.assembler.has(None, wanted)
    assert not side.assembler.has(None, AssembleRequest(sha1_of(bundle), ()))
