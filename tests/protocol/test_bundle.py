"""Artifact bundles: good ones of every client, and ZIPs that mean harm."""

import io
import random
import stat
import struct
import zipfile

import pytest

from headwater.protocol.bundle import (
    MAX_DIRECTORY,
    MAX_ENTRIES,
    BundleRefused,
    EntryRefused,
    open_bundle,
)
from tests.upload_side import MAP, bundle_of, manifest_of, pair

PATH = "files/_/_/app.js.map"
MANIFEST = manifest_of({PATH: {"type": "source_map", "url": "~/app.js.map"}})


def read(bundle: bytes, path: str = PATH) -> bytes:
    with open_bundle(io.BytesIO(bundle)) as opened:
        return b"".join(opened.read(path))


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_file_is_read_whether_stored_or_deflated(compression: int) -> None:
    assert read(bundle_of({PATH: MAP}, MANIFEST, compression)) == MAP


def test_the_header_before_the_zip_is_optional() -> None:
    bundle = bundle_of({PATH: MAP}, MANIFEST)

    assert read(bundle[8:]) == MAP
    assert read(b"SYSB" + bundle[8:]) == MAP


@pytest.mark.parametrize(
    ("bundle", "reason"),
    [
        (b"", "not a readable ZIP"),
        (b"SYSB", "not a readable ZIP"),
        (b"PK\x05\x06", "not a readable ZIP"),
        (b"\x00" * 100_000, "not a readable ZIP"),
        (bundle_of({PATH: MAP}, None), "manifest.json is not in the ZIP"),
        (bundle_of({PATH: MAP}, b"nonsense"), "manifest.json is not JSON"),
        (bundle_of({PATH: MAP}, {"files": []}), "no object called 'files'"),
        (bundle_of({PATH: MAP}, b" " * (17 * 1024**2)), "manifest.json has 17,825,792 bytes"),
    ],
)
def test_what_is_no_bundle_is_refused_with_the_reason(bundle: bytes, reason: str) -> None:
    with pytest.raises(BundleRefused, match=reason):
        read(bundle)


def test_a_cut_bundle_is_refused() -> None:
    bundle = pair()

    for end in range(0, len(bundle) - 1, 97):
        with pytest.raises(BundleRefused):
            read(bundle[:end])


def test_a_file_that_the_zip_does_not_hold_is_told() -> None:
    with pytest.raises(EntryRefused, match="is not in the ZIP"):
        read(bundle_of({}, MANIFEST))


def test_an_encrypted_file_is_told() -> None:
    bundle = bytearray(bundle_of({PATH: MAP}, MANIFEST))
    directory = bundle.index(b"PK\x01\x02")
    bundle[directory + 8] |= 1

    with pytest.raises(EntryRefused, match="is encrypted"):
        read(bytes(bundle))


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressions_that_no_client_uses_are_not_undone(compression: int) -> None:
    packed = io.BytesIO(bundle_of({}, MANIFEST))
    with zipfile.ZipFile(packed, "a", compression) as archive:
        archive.writestr(PATH, MAP)

    with pytest.raises(EntryRefused, match="is compressed by method"):
        read(packed.getvalue())


def test_a_symbolic_link_is_no_file() -> None:
    link = zipfile.ZipInfo(PATH)
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    packed = io.BytesIO(bundle_of({}, MANIFEST))
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(link, "/etc/passwd")

    with pytest.raises(EntryRefused, match="is not an ordinary file"):
        read(packed.getvalue())


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_files_of_one_name_the_last_is_read() -> None:
    packed = io.BytesIO(bundle_of({PATH: b"first"}, MANIFEST))
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(PATH, b"last")

    assert read(packed.getvalue()) == b"last"


def test_a_path_that_leaves_the_zip_is_only_a_name() -> None:
    path = "../../../../tmp/escaped"
    manifest = manifest_of({path: {"type": "source_map", "url": "~/app.js.map"}})

    assert read(bundle_of({path: MAP}, manifest), path) == MAP


def test_a_file_never_yields_more_than_it_claims() -> None:
    # The claim in the directory is made smaller than the content: the rest is not inflated.
    bundle = bytearray(bundle_of({PATH: b"\0" * 10_000_000}, MANIFEST))
    directory = bundle.index(b"PK\x01\x02")
    bundle[directory + 24 : directory + 28] = struct.pack("<I", 1000)

    with open_bundle(io.BytesIO(bytes(bundle))) as opened:
        assert opened.size(PATH) == 1000
        pieces: list[bytes] = []
        # The checksum is that of all bytes, not of the first thousand.
        with pytest.raises(EntryRefused, match="damaged"):
            pieces.extend(opened.read(PATH))
        assert sum(map(len, pieces)) <= 1000


def test_a_damaged_file_is_told_and_costs_no_other() -> None:
    other = "files/_/_/other.js.map"
    bundle = bytearray(bundle_of({PATH: MAP, other: MAP}, MANIFEST, zipfile.ZIP_STORED))
    bundle[bundle.index(MAP) + 5] ^= 0xFF

    with pytest.raises(EntryRefused, match="damaged inside the ZIP"):
        read(bytes(bundle))

    assert read(bytes(bundle), other) == MAP


def test_a_directory_that_claims_to_be_huge_is_not_read() -> None:
    size = MAX_DIRECTORY + 1
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, size, 0, 0)

    with pytest.raises(BundleRefused, match="its directory has 8,388,609 bytes"):
        read(b"\0" * size + end)


def test_too_many_files_are_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(MAX_ENTRIES):
            archive.writestr(f"{number}", b"")
        archive.writestr("manifest.json", b"{}")

    with pytest.raises(BundleRefused, match="it has 20,001 files"):
        read(packed.getvalue())


def test_mutated_bundles_are_read_or_refused_and_nothing_else() -> None:
    bundle = pair()
    dice = random.Random(5)  # noqa: S311 — the same mutations in every run
    outcomes = set()

    for _ in range(3000):
        mutated = bytearray(bundle)
        for _ in range(dice.randint(1, 4)):
            mutated[dice.randrange(len(mutated))] = dice.randrange(256)
        try:
            read(bytes(mutated))
            outcomes.add("read")
        except (BundleRefused, EntryRefused) as refused:
            outcomes.add(type(refused).__name__)

    assert outcomes == {"read", "BundleRefused", "EntryRefused"}


def test_a_bomb_costs_no_more_memory_than_a_piece() -> None:
    bundle = bundle_of({PATH: b"\0" * 50_000_000}, MANIFEST)
    assert len(bundle) < 60_000

    with open_bundle(io.BytesIO(bundle)) as opened:
        assert max(len(piece) for piece in opened.read(PATH)) <= 256 * 1024
