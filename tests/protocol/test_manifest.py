"""Manifests of every generation of clients, and manifests that lie."""

import json

import pytest

from headwater.protocol.manifest import (
    MAX_COLONS,
    MAX_ENTRIES,
    ArtifactType,
    MalformedManifest,
    Manifest,
    parse_manifest,
)

ID = "8c0b638c-7772-4580-a988-5410e42f0437"


def parse(files: object, **more: object) -> Manifest:
    return parse_manifest(json.dumps({"files": files, **more}).encode())


def test_header_names_are_read_in_any_case() -> None:
    for names in (
        ("debug-id", "sourcemap"),
        ("Debug-Id", "Sourcemap"),
        ("debug-id", "X-SourceMap"),
    ):
        headers = dict(zip(names, (ID.upper(), "app.js.map"), strict=True))
        described = {"type": "minified_source", "url": "~/app.js", "headers": headers}

        manifest = parse({"_/_/app.js": described})

        assert manifest.entries[0].debug_id == ID
        assert manifest.entries[0].source_map_reference == "app.js.map"


def test_a_reference_that_can_t_be_stored_is_none_and_its_file_stays() -> None:
    headers = {"Sourcemap": "app\x00.js.map", "debug-id": ID}

    manifest = parse({"a": {"type": "minified_source", "url": "~/app.js", "headers": headers}})

    assert manifest.entries[0].source_map_reference is None
    assert manifest.entries[0].debug_id == ID


def test_headers_may_be_absent_null_or_empty() -> None:
    described = {"type": "source_map", "url": "~/app.js.map"}

    manifest = parse(
        {"a": described, "b": {**described, "headers": None}, "c": {**described, "headers": {}}}
    )

    assert [entry.type for entry in manifest.entries] == [ArtifactType.SOURCE_MAP] * 3
    assert manifest.rejected == ()


def test_what_is_called_a_map_is_one_whatever_its_type_there() -> None:
    page = {"type": "minified_source", "url": "~/app.js.map"}

    manifest = parse({"a": page, "b": {**page, "url": "~/app.js.map?v=1"}})

    assert [entry.type for entry in manifest.entries] == [ArtifactType.SOURCE_MAP] * 2


def test_the_bundles_own_fields_are_read() -> None:
    manifest = parse({}, debug_id=ID, release="1.0", dist="d1", org="o", note={"any": "thing"})

    assert (manifest.bundle_id, manifest.release, manifest.dist) == (ID, "1.0", "d1")


def test_fields_of_a_wrong_type_are_passed_over() -> None:
    manifest = parse({}, debug_id=5, release=["1.0"], dist={})

    assert manifest == Manifest(entries=())


@pytest.mark.parametrize(
    "described",
    [
        None,
        [],
        {"url": "~/x"},
        {"type": "virus", "url": "~/x"},
        {"type": ["source_map"], "url": "~/x"},
        {"type": "source_map"},
        {"type": "source_map", "url": 5},
        {"type": "source_map", "url": "~/\x00"},
        {"type": "source_map", "url": "~/" + "x" * 2000},
    ],
)
def test_an_entry_that_can_not_be_used_costs_no_other(described: object) -> None:
    good = {"type": "source_map", "url": "~/good.js.map"}

    manifest = parse({"bad": described, "good": good})

    assert [entry.url for entry in manifest.entries] == ["~/good.js.map"]
    assert "'bad'" in manifest.rejected[0]


def test_long_words_of_a_client_are_not_repeated_in_full() -> None:
    manifest = parse({"x" * 10_000: {"type": "y" * 10_000}})

    assert len(manifest.rejected[0]) < 500


def test_a_debug_id_that_is_none_is_left_out() -> None:
    headers = {"debug-id": "not an id", "sourcemap": 5}

    manifest = parse({"a": {"type": "source_map", "url": "~/a", "headers": headers}})

    assert manifest.entries[0].debug_id is None
    assert manifest.entries[0].source_map_reference is None


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", b"[]", b'{"files": []}', b"{}", b"[" * 100_000, b'{"files":"\xff"}'],
)
def test_what_is_no_manifest_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedManifest, match=r"manifest\.json"):
        parse_manifest(content)


def test_more_files_than_a_bundle_may_have_are_refused() -> None:
    files: dict[str, object] = {str(number): {} for number in range(MAX_ENTRIES + 1)}

    with pytest.raises(MalformedManifest, match="describes 20,001 files; the limit is 20,000"):
        parse(files)


def test_as_many_files_as_a_bundle_may_have_are_read() -> None:
    headers = {"debug-id": "8c0b638c-7772-4580-a988-5410e42f0437", "Sourcemap": "a.js.map"}
    entry = {"type": "minified_source", "url": "https://example.com:8080/a.js", "headers": headers}

    manifest = parse({f"files/_/_/{number}.js": entry for number in range(MAX_ENTRIES)})

    assert len(manifest.entries) == MAX_ENTRIES


def test_a_manifest_of_nothing_but_names_is_refused_before_it_is_decoded() -> None:
    content = b'{"files":{' + b'"":0,' * (MAX_COLONS + 1) + b'"":0}}'

    with pytest.raises(MalformedManifest, match="colons"):
        parse_manifest(content)


def test_an_entry_that_is_not_text_costs_no_other() -> None:
    good = b'{"type":"source","url":"~/a.js"}'

    manifest = parse_manifest(b'{"files":{"bad":{"url":"\xff"},"a.js":' + good + b"}}")

    assert [entry.path for entry in manifest.entries] == ["a.js"]
    assert manifest.rejected == ("'bad' is not described by an object",)
