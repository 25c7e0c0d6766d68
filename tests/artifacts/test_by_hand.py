"""Files that people upload: their names decide nothing, and what they say of themselves is read."""

import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.artifacts.by_hand.bundle import BundleByHand
from headwater.artifacts.by_hand.facts import Facts
from headwater.artifacts.by_hand.names import (
    MAX_NAME,
    address,
    clean_name,
    clean_prefix,
    kind_of,
    without_folder,
)
from headwater.artifacts.members import BundleLimits
from headwater.protocol.bundle import BundleRefused, open_archive, open_bundle
from headwater.protocol.manifest import ArtifactType, ManifestEntry
from tests.folders import FolderBlobs
from tests.upload_side import DEBUG_ID

LIMITS = BundleLimits(bundle=1_000_000, file=100_000)
COMMENT = f"//# debugId={DEBUG_ID}\n".encode()
SNIPPET = (
    f"(function(){{try{{var e=globalThis,t=new e.Error().stack;t&&(e._sentryDebugIds=e._sentryDebugIds||{{}},"
    f"e._sentryDebugIds[t]=`{DEBUG_ID}`,e._sentryDebugIdIdentifier=`sentry-dbid-{DEBUG_ID}`)}}catch{{}}}})();"
).encode()
"""What @sentry/vite-plugin leaves in a deployed file, of which only its uploaded copy has a comment."""


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("dist/app.js", "dist/app.js"),
        ("../../etc/passwd.js", "etc/passwd.js"),
        ("/root/app.js", "root/app.js"),
        ("C:\\dist\\app.js", "dist/app.js"),
        ("a/./b//c/../app.js", "a/b/c/app.js"),
        ("a\x00\x1b[2J\u202e.js", "a[2J.js"),
        ("..", None),
        ("", None),
        ("\x00", None),
        ("__MACOSX/dist/._app.js", None),
        ("dist/._app.js", None),
        ("a" * (MAX_NAME + 1), None),
    ],
)
def test_a_name_is_cleaned_of_everything_that_leads_elsewhere(
    name: str, cleaned: str | None
) -> None:
    assert clean_name(name) == cleaned


@given(st.text())
def test_no_name_leaves_its_folder(name: str) -> None:
    cleaned = clean_name(name)

    if cleaned is not None:
        assert not cleaned.startswith("/")
        assert ".." not in cleaned.split("/")
        assert cleaned.isprintable()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("app.js", ArtifactType.MINIFIED_SOURCE),
        ("app.MJS", ArtifactType.MINIFIED_SOURCE),
        ("main.jsbundle", ArtifactType.MINIFIED_SOURCE),
        ("app.js.map", ArtifactType.SOURCE_MAP),
        ("app.css.map", None),
        ("app.css", None),
        ("index.html", None),
        ("js", None),
    ],
)
def test_only_scripts_and_their_maps_are_taken(name: str, kind: ArtifactType | None) -> None:
    assert kind_of(name) == kind


def test_the_chosen_folder_is_no_part_of_an_address() -> None:
    chosen, any_folder, output = ["web/a.js", "web/b/c.js"], ["assets/a.js"], ["dist/a.js"]

    assert without_folder(chosen, is_chosen=True) == ["a.js", "b/c.js"]
    assert without_folder(any_folder, is_chosen=False) == ["assets/a.js"]
    assert without_folder(output, is_chosen=False) == ["a.js"]
    assert without_folder(["a/b.js", "c/d.js"], is_chosen=True) == ["a/b.js", "c/d.js"]
    assert without_folder(["a.js"], is_chosen=True) == ["a.js"]


@pytest.mark.parametrize(
    ("given_", "prefix"),
    [
        ("", "~/"),
        ("~", "~/"),
        ("~/assets", "~/assets/"),
        ("/assets/", "~/assets/"),
        ("assets", "~/assets/"),
        ("https://cdn.example.com/a", "https://cdn.example.com/a/"),
        ("app:///", "app:///"),
        ("~/a b", None),
        ("~/\x00", None),
        ("~/" + "a" * 2_000, None),
    ],
)
def test_a_prefix_begins_an_address(given_: str, prefix: str | None) -> None:
    assert clean_prefix(given_) == prefix


def test_an_address_is_written_as_browsers_write_it() -> None:
    assert address("~/", "ein Blatt/[id]-ü.js") == "~/ein%20Blatt/[id]-%C3%BC.js"
    assert address("~/", "ü" * 900) is None


@pytest.mark.parametrize("cut", [1, 7, 100, 10_000])
def test_what_a_script_says_of_itself_is_read_wherever_it_is_cut(cut: int) -> None:
    text = b"//# debugId=" + b"0" * 32 + b"\nvar a;" * 2_000
    text += b"\n//# sourceMappingURL=old.map\n" + COMMENT + b"//# sourceMappingURL=app.js.map\n"
    facts = Facts(is_map=False)

    for start in range(0, len(text), cut):
        facts.feed(text[start : start + cut])

    assert (facts.debug_id, facts.reference) == (DEBUG_ID, "app.js.map")


@pytest.mark.parametrize("cut", [1, 7, 10_000])
def test_an_id_is_read_where_the_sdk_reads_it(cut: int) -> None:
    text = SNIPPET + b"var a;" * 2_000
    facts = Facts(is_map=False)

    for start in range(0, len(text), cut):
        facts.feed(text[start : start + cut])

    assert facts.debug_id == DEBUG_ID


def test_a_comment_says_it_before_what_the_sdk_reads() -> None:
    facts = Facts(is_map=False)
    facts.feed(COMMENT + SNIPPET.replace(DEBUG_ID.encode(), b"0" * 8 + DEBUG_ID[8:].encode()))

    assert facts.debug_id == DEBUG_ID


def test_a_map_inside_of_a_script_is_no_reference() -> None:
    facts = Facts(is_map=False)
    facts.feed(b"//# sourceMappingURL=data:application/json;base64,eyJ")
    facts.feed(b"2ZXJzaW9uIjozfQ==")

    assert facts.reference is None


def test_a_maps_id_is_not_read_from_its_texts() -> None:
    facts = Facts(is_map=True)
    other = '\\"debug_id\\": \\"' + "0" * 32 + '\\"'
    facts.feed(f'{{"debugId":"{DEBUG_ID}","sourcesContent":["{other}"]}}'.encode())

    assert facts.debug_id == DEBUG_ID


def made(
    tmp_path: Path, files: dict[str, bytes], limits: BundleLimits = LIMITS, **how: Any
) -> dict[str, ManifestEntry]:
    """The entries of the bundle, by address; their content is that of the files."""
    blobs = FolderBlobs(tmp_path, "sha1")
    with blobs.writer() as writer:
        bundle = BundleByHand(writer, limits)
        try:
            for name, content in files.items():
                bundle.begin(name)
                bundle.write(content)
                bundle.end()
            bundle.finish(how.get("prefix", "~/"), is_chosen=how.get("is_chosen", True))
            sha1 = writer.finish()
        finally:
            bundle.close()
    with blobs.open(sha1) as file, open_bundle(file) as opened:
        entries = {each.url: each for each in opened.manifest.entries}
        assert not opened.manifest.rejected
        contents = {b"".join(opened.read(each.path)) for each in entries.values()}
    assert contents <= set(files.values())
    return entries


def test_a_folder_becomes_a_bundle_with_ids_and_references(tmp_path: Path) -> None:
    entries = made(
        tmp_path,
        {
            "dist/index.html": b"<html>",
            "dist/assets/app.js": COMMENT + b"//# sourceMappingURL=../maps/app.js.map",
            "dist/maps/app.js.map": b"{}",
            "dist/b.js": b"b",
            "dist/b.js.map": b"{ }",
        },
    )

    assert set(entries) == {"~/assets/app.js", "~/maps/app.js.map", "~/b.js", "~/b.js.map"}
    assert entries["~/assets/app.js"].source_map_reference == "../maps/app.js.map"
    assert entries["~/maps/app.js.map"].debug_id == DEBUG_ID
    assert entries["~/b.js"].source_map_reference == "b.js.map"
    assert entries["~/b.js"].debug_id is None


@pytest.mark.parametrize("reference", [b"\n//# sourceMappingURL=app.js.map", b""])
def test_a_script_gives_its_map_the_id_that_the_sdk_reads(tmp_path: Path, reference: bytes) -> None:
    entries = made(tmp_path, {"app.js": SNIPPET + reference, "app.js.map": b"{}"})

    assert {each.debug_id for each in entries.values()} == {DEBUG_ID}


def test_a_map_keeps_an_id_of_its_own(tmp_path: Path) -> None:
    own = "0" * 8 + DEBUG_ID[8:]
    entries = made(tmp_path, {"a.js": COMMENT, "a.js.map": f'{{"debug_id":"{own}"}}'.encode()})

    assert entries["~/a.js.map"].debug_id == own


def test_names_that_are_one_after_cleaning_are_taken_once(tmp_path: Path) -> None:
    entries = made(tmp_path, {"a.js": b"1", "../a.js": b"2", "/a.js": b"3"})

    assert list(entries) == ["~/a.js"]


def test_the_same_files_are_the_same_bundle(tmp_path: Path) -> None:
    def once() -> str:
        with FolderBlobs(tmp_path, "sha1").writer() as writer:
            bundle = BundleByHand(writer, LIMITS)
            bundle.begin("a.js")
            bundle.write(b"a")
            bundle.end()
            bundle.finish("~/", is_chosen=True)
            return writer.finish()

    assert once() == once()


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"index.html": b"a"}, "there is no .js"),
        ({"a.js": b"a" * 100_001}, "a.js has more than 100,000 bytes"),
        ({f"{n}.js": b"a" * 90_000 for n in range(12)}, "more than 1,000,000 bytes"),
    ],
)
def test_what_is_too_large_or_nothing_is_refused(
    tmp_path: Path, files: dict[str, bytes], sentence: str
) -> None:
    with pytest.raises(BundleRefused, match=sentence):
        made(tmp_path, files)

    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def zipped(files: dict[str, bytes]) -> io.BytesIO:
    """A ZIP with these names, whatever they are."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed


def unpacked(tmp_path: Path, packed: io.BytesIO) -> dict[str, ManifestEntry]:
    """The entries of the bundle that is made of a ZIP."""
    blobs = FolderBlobs(tmp_path, "sha1")
    with blobs.writer() as writer, open_archive(packed) as archive:
        bundle = BundleByHand(writer, LIMITS)
        try:
            bundle.add_all(archive)
            bundle.finish("~/", is_chosen=False)
            sha1 = writer.finish()
        finally:
            bundle.close()
    with blobs.open(sha1) as file, open_bundle(file) as opened:
        return {each.url: each for each in opened.manifest.entries}


def test_names_in_a_zip_lead_nowhere(tmp_path: Path) -> None:
    entries = unpacked(
        tmp_path,
        zipped({"../../../evil.js": b"1", "/etc/cron.d/x.js": b"2", "..\\..\\w.js": b"3"}),
    )

    assert set(entries) == {"~/evil.js", "~/etc/cron.d/x.js", "~/w.js"}
    assert all(each.path.startswith("files/") for each in entries.values())


def test_a_manifest_in_a_zip_decides_nothing(tmp_path: Path) -> None:
    entries = unpacked(tmp_path, zipped({"manifest.json": b'{"files":{}}', "a.js": b"1"}))

    assert set(entries) == {"~/a.js"}


def test_a_zip_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleRefused, match=r"bomb\.js has 5,000,000 bytes, where 100,000"):
        unpacked(tmp_path, zipped({"bomb.js": bytes(5_000_000)}))
    with pytest.raises(BundleRefused, match="files have more than 1,000,000 bytes"):
        unpacked(tmp_path, zipped({f"{n}.js": bytes(90_000) for n in range(20)}))


def test_a_zip_that_lies_about_sizes_is_refused(tmp_path: Path) -> None:
    packed = zipped({"a.js": bytes(90_000)}).getvalue()
    lying = packed.replace(struct.pack("<I", 90_000), struct.pack("<I", 10))

    with pytest.raises(BundleRefused, match=r"a\.js is damaged inside the ZIP"):
        unpacked(tmp_path, io.BytesIO(lying))


def test_a_zip_with_very_many_entries_is_refused_before_they_are_read(tmp_path: Path) -> None:
    entry = struct.pack(
        "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0
    )
    directory = (entry + b"a.js") * 1_000_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), 0, 0)

    with pytest.raises(BundleRefused, match="directory has 50,000,000 bytes"):
        unpacked(tmp_path, io.BytesIO(directory + end))


@pytest.mark.parametrize("content", [b"", b"PK", b"<html>", bytes(1_000)])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BundleRefused, match="not a readable ZIP"):
        unpacked(tmp_path, io.BytesIO(content))
