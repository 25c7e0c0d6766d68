"""What an event's project finds and reads."""

import base64

import pytest

from headwater.artifacts.lookup import MAX_SOURCE_FILE, StoredSourceMaps
from headwater.protocol.bundle import ArtifactType
from headwater.protocol.debug_id import DebugId
from headwater.sourcemaps.reading.document import MalformedSourceMap, SourceMapTooLarge
from headwater.symbolicate.source_maps import Artifact, ArtifactUnreadable
from headwater.symbolicate.stacktrace import symbolicate
from headwater.symbolicate.verdicts import Verdict
from tests.symbolicate.world import event, frame, image, resolved
from tests.upload_side import DEBUG_ID, MAP, NOW, SCRIPT, UploadSide, bundle_of, manifest_of, pair

ID = DebugId(DEBUG_ID)


def the_map(maps: StoredSourceMaps) -> Artifact:
    [found] = [a for a in maps.with_debug_id(ID) if a.type is ArtifactType.SOURCE_MAP]
    return found


def retire(side: UploadSide, artifact: Artifact) -> None:
    """As if it had been found that the map's compiled file is damaged."""
    side.compiled.retire(side.compiled.find([artifact.key]), NOW)


def test_an_opened_map_is_kept_for_the_next_event(side: UploadSide) -> None:
    side.upload(None, pair())
    maps = side.maps_of(1)

    assert maps.open_map(the_map(maps)).compiled is maps.open_map(the_map(maps)).compiled


def test_a_map_is_looked_up_without_the_file_that_was_uploaded(side: UploadSide) -> None:
    side.upload(None, pair())
    maps = side.maps_of(1)
    for file in maps.with_debug_id(ID):
        side.files.delete(file.key)
    path = "https://shop.example/app.js"

    found = resolved(maps, frame(path, colno=1), images=(image(path, DEBUG_ID),))

    assert found.verdict is Verdict.RESOLVED
    assert found.original is not None
    assert found.original.context_line == "throw new Error('boom')"


def test_a_map_that_is_a_page_of_html_is_found_beside_its_script(side: UploadSide) -> None:
    described = {"type": "minified_source", "url": "~/app.js", "headers": {"debug-id": DEBUG_ID}}
    page = {"type": "minified_source", "url": "~/app.js.map"}
    good = {"type": "source_map", "url": "~/lazy.js.map"}
    manifest = manifest_of({"js": described, "page": page, "good": good})
    files = {"js": b"throw 1", "page": b"<!doctype html><html>oops", "good": MAP}
    assert side.upload(None, bundle_of(files, manifest), "1.0").detail is None
    path = "https://shop.example/app.js"

    found = resolved(side.maps_of(1), frame(path, colno=1), images=(image(path, DEBUG_ID),))

    assert found.verdict is Verdict.MALFORMED_MAP
    assert found.evidence.detail == (
        "~/app.js.map is not a source map (it begins with `<!doctype html>`)"
    )


def test_a_projects_map_is_no_other_projects(side: UploadSide) -> None:
    web, shop = side.project("web"), side.project("shop")
    side.upload(web.id, pair(), version="1.0")

    maps = side.maps_of(shop.id)

    assert maps.with_debug_id(ID) == ()
    assert maps.at_urls(["~/app.js"], "1.0", None) == ()
    assert not maps.has_release("1.0", None)
    assert side.maps_of(web.id).has_release("1.0", None)


def test_a_files_text_is_read_with_undecodable_bytes_replaced(side: UploadSide) -> None:
    side.upload(None, pair(script=SCRIPT + b"\xff"), version="1.0")
    maps = side.maps_of(1)

    [script] = maps.at_urls(["~/app.js"], "1.0", None)

    assert maps.read_text(script) == SCRIPT.decode() + "\N{REPLACEMENT CHARACTER}"
    assert script.source_map_reference == "app.js.map"


def test_a_lost_file_is_unreadable_and_not_a_crash(side: UploadSide) -> None:
    side.upload(None, pair())
    maps = side.maps_of(1)
    found = the_map(maps)
    side.files.delete(found.key)
    retire(side, found)

    with pytest.raises(ArtifactUnreadable, match=r"~/app\.js\.map could not be read back"):
        maps.open_map(found)
    with pytest.raises(ArtifactUnreadable, match=found.key):
        maps.read_text(found)


def test_a_damaged_file_is_unreadable_and_never_taken_for_what_was_uploaded(
    side: UploadSide,
) -> None:
    side.upload(None, pair())
    maps = side.maps_of(1)
    found = the_map(maps)
    side.files.path(found.key).write_bytes(MAP.replace(b"boom", b"bomb"))
    retire(side, found)

    with pytest.raises(ArtifactUnreadable, match="is damaged"):
        maps.open_map(found)
    with pytest.raises(ArtifactUnreadable, match="is damaged"):
        maps.read_text(found)


def test_an_uploaded_file_that_was_cut_short_is_a_failure_of_storage(side: UploadSide) -> None:
    side.upload(None, pair())
    maps = side.maps_of(1)
    side.files.path(the_map(maps).key).write_bytes(MAP[:-9])
    retire(side, the_map(maps))
    path = "https://shop.example/app.js"

    found = resolved(maps, frame(path), images=(image(path, DEBUG_ID),))

    assert found.verdict is Verdict.STORAGE_READ_FAILED
    assert "is damaged" in (found.evidence.detail or "")


def test_a_map_inside_of_a_script_is_decoded_once_for_all_addresses(side: UploadSide) -> None:
    url = "data:application/json;base64," + base64.b64encode(MAP).decode()
    script = f"throw 1\n//# sourceMappingURL={url}\n".encode()
    headers = {"debug-id": DEBUG_ID}
    manifest = manifest_of({"a": {"type": "minified_source", "url": "~/a.js", "headers": headers}})
    side.upload(None, bundle_of({"a": script}, manifest))
    maps = side.maps_of(1)
    [artifact] = maps.with_debug_id(ID)
    paths = [f"https://host-{number}.example/a.js" for number in range(5)]

    found = symbolicate(
        event(*map(frame, paths), images=tuple(image(each, DEBUG_ID) for each in paths)), maps
    )

    assert {each.evidence.resolved_with for each in found.stacktraces[0].frames} == {"inline"}
    opened = maps.open_inline_map(artifact)
    assert opened.compiled is maps.open_inline_map(artifact).compiled


def test_a_file_of_the_same_bundle_leads_on_by_its_own_map(side: UploadSide) -> None:
    bundled = MAP.replace(b"src/app.ts", b"../build/app.js")
    described = {"type": "source_map", "url": "~/dist/app.js.map"}
    compiled = {"type": "source_map", "url": "~/build/app.js.map"}
    files = {
        "a": {**described, "headers": {"debug-id": DEBUG_ID}},
        "b": {**compiled, "headers": {"debug-id": "8c0b638c-7772-4580-a988-5410e42f0438"}},
    }
    side.upload(None, bundle_of({"a": bundled, "b": MAP}, manifest_of(files)))
    path = "https://shop.example/app.js"
    maps = side.maps_of(1)
    [artifact] = maps.with_debug_id(ID)
    assert artifact.bundle is not None

    found = resolved(maps, frame(path, colno=1), images=(image(path, DEBUG_ID),))

    assert found.original is not None
    assert found.original.abs_path == "~/build/src/app.ts"
    assert found.evidence.chain == ("~/build/app.js.map: 1:1 → src/app.ts:1:1",)
    assert maps.in_bundle(artifact.bundle, ["~/app.js.map"]) == ()
    assert maps.in_bundle(artifact.bundle + 1, ["~/build/app.js.map"]) == ()


def test_the_fault_found_at_assembly_is_told_without_decoding_again(side: UploadSide) -> None:
    described = {"type": "source_map", "url": "~/bad.map", "headers": {"debug-id": DEBUG_ID}}
    good = {**described, "headers": {"debug-id": "8c0b638c-7772-4580-a988-5410e42f0438"}}
    manifest = manifest_of({"bad": described, "good": good})
    side.upload(None, bundle_of({"bad": b"nonsense", "good": MAP}, manifest))
    maps = side.maps_of(1)

    with pytest.raises(MalformedSourceMap, match=r"~/bad\.map is not a source map"):
        maps.open_map(the_map(maps))


def test_a_map_over_the_limit_is_told_apart_from_a_damaged_one(side: UploadSide) -> None:
    described = {"type": "source_map", "url": "~/large.map", "headers": {"debug-id": DEBUG_ID}}
    good = {**described, "headers": {"debug-id": "8c0b638c-7772-4580-a988-5410e42f0438"}}
    manifest = manifest_of({"large": described, "good": good})
    side.upload(None, bundle_of({"large": b" " * (17 * 1024**2), "good": MAP}, manifest))
    maps = side.maps_of(1)

    with pytest.raises(SourceMapTooLarge, match="17,825,792 bytes"):
        maps.open_map(the_map(maps))
    with pytest.raises(ArtifactUnreadable, match="17,825,792 bytes"):
        maps.read_text(the_map(maps))


def test_a_file_too_large_for_a_source_is_not_read_as_one(side: UploadSide) -> None:
    maps = side.maps_of(1)
    sha256, _ = side.files.put([b" " * MAX_SOURCE_FILE, b" "])

    with pytest.raises(ArtifactUnreadable, match="16,777,217 bytes, too many for a source"):
        maps.read_text(Artifact(sha256, ArtifactType.SOURCE, "~/large.ts", None, None))


def test_a_minified_file_is_read_by_lines(side: UploadSide) -> None:
    side.upload(None, pair())
    maps = side.maps_of(1)
    [script] = [a for a in maps.with_debug_id(ID) if a.type is ArtifactType.MINIFIED_SOURCE]

    opened = maps.open_script(script)

    assert opened.source_mapping_url == "app.js.map"
    line = opened.text.line(0)
    assert line is not None
    assert line.text == SCRIPT.decode().split("\n")[0]
