"""How much was uploaded for a release."""

from headwater.storage.uploads.artifact import ReleaseName
from headwater.storage.uploads.release_summary import summary_of
from tests.upload_side import SCRIPT, UploadSide, bundle_of, manifest_of, pair


def test_files_beyond_those_asked_for_are_counted(side: UploadSide) -> None:
    side.upload(None, pair(), version="1.0")
    more = {"b.js": {"type": "minified_source", "url": "~/b.js"}}
    map_of_b = {"b.js.map": {"type": "source_map", "url": "~/b.js.map"}}
    contents = {"b.js": SCRIPT, "b.js.map": b'{"version":3,"sources":["b"],"mappings":"AAAA"}'}
    side.upload(None, bundle_of(contents, manifest_of(more | map_of_b)), version="1.0")

    found = summary_of(side.database, 1, ReleaseName("1.0", None), 1)

    assert (len(found.scripts), found.distinct) == (1, 2)
