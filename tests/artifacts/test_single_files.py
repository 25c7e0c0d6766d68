"""Files uploaded one by one to a release."""

import pytest

from headwater.artifacts.single_files import FileExists, SingleFile
from headwater.protocol.bundle import ArtifactType
from headwater.protocol.chunks import Sha1
from headwater.storage.uploads.artifact import ReleaseName, StoredFile
from tests.upload_side import MAP, NOW, REMOVAL, UploadSide


def store(
    side: UploadSide, url: str = "~/app.js.map", dist: str | None = None, content: bytes = MAP
) -> StoredFile:
    sha256, size = side.files.put([content])
    file = SingleFile(url, None, None, Sha1("a" * 40), sha256, size)
    return side.single_files.store(None, None, ReleaseName("1.0", dist), file, NOW)


def test_a_single_file_is_found_by_release_dist_and_address(side: UploadSide) -> None:
    store(side, dist="d1")

    [found] = side.maps_of(1).at_urls(["~/app.js.map"], "1.0", "d1")

    assert found.type is ArtifactType.SOURCE_MAP
    assert side.maps_of(1).open_map(found).lookup(0, 0) is not None


def test_a_name_is_taken_once_per_dist(side: UploadSide) -> None:
    stored = store(side)
    store(side, dist="d1")
    with pytest.raises(FileExists, match=r"'~/app\.js\.map' already"):
        store(side)

    side.single_files.forget(stored.bundle, REMOVAL)

    store(side)


def test_a_damaged_map_is_kept_with_its_fault(side: UploadSide) -> None:
    fault = store(side, content=b"nonsense").fault

    assert fault == "is not a source map (it begins with `nonsense`)"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("~/a.js", ArtifactType.MINIFIED_SOURCE),
        ("~/a.JS?v=1", ArtifactType.MINIFIED_SOURCE),
        ("~/main.jsbundle", ArtifactType.MINIFIED_SOURCE),
        ("~/a.mjs.map?v=1#x", ArtifactType.SOURCE_MAP),
        ("~/a.ts", ArtifactType.SOURCE),
    ],
)
def test_a_files_kind_is_told_by_its_name(side: UploadSide, url: str, kind: ArtifactType) -> None:
    assert store(side, url).type is kind
