"""Files and bundles as the older calls list and delete them."""

from headwater.artifacts.single_files import SingleFile
from headwater.protocol.chunks import Sha1
from headwater.storage.schema import artifact_bundles, bundle_releases
from headwater.storage.uploads.artifact import ReleaseName, StoredFile
from tests.upload_side import NOW, REMOVAL, UploadSide, pair


def store(side: UploadSide, url: str, version: str, content: bytes = b"x") -> StoredFile:
    sha256, size = side.files.put([content])
    file = SingleFile(url, None, None, Sha1("a" * 40), sha256, size)
    return side.single_files.store(None, None, ReleaseName(version), file, NOW)


def test_only_files_that_were_uploaded_by_themselves_are_listed(side: UploadSide) -> None:
    side.upload(None, pair(), version="1.0")
    stored = store(side, "~/b.js", "1.0")
    store(side, "~/a.js", "2.0")

    listed = side.release_files.page(None, "1.0", (), 0, 10)

    assert [each.file.id for each in listed] == [stored.id]
    assert side.release_files.page(1, "1.0", (), 0, 10) == ()


def test_files_are_found_by_checksum(side: UploadSide) -> None:
    store(side, "~/b.js", "1.0")

    assert len(side.release_files.page(None, "1.0", {Sha1("a" * 40)}, 0, 10)) == 1
    assert side.release_files.page(None, "1.0", {Sha1("b" * 40)}, 0, 10) == ()


def test_a_bundle_goes_by_its_release_or_its_checksum(side: UploadSide) -> None:
    side.upload(None, pair(), version="1.0")
    side.upload(None, pair("8c0b638c-7772-4580-a988-5410e42f0438"))

    listed = side.release_files.bundles(None, "", 0, 10)

    assert [(bundle.files, bundle.name == "1.0") for bundle in listed] == [(2, False), (2, True)]
    assert [bundle.name for bundle in side.release_files.bundles(None, "1.", 0, 10)] == ["1.0"]


def test_deleting_a_release_keeps_what_is_for_another_one_too(side: UploadSide) -> None:
    side.upload(None, pair(), version="1.0")
    side.upload(None, pair(), version="1.1")
    store(side, "~/b.js", "1.0")

    side.single_files.forget_release(None, "1.0", REMOVAL)

    assert side.release_files.page(None, "1.0", (), 0, 10) == ()
    assert [bundle.name for bundle in side.release_files.bundles(None, "", 0, 10)] == ["1.1"]
    assert not side.artifacts.has_release(1, ReleaseName("1.0"))


def test_deleting_takes_the_content_along_unless_it_is_shared(side: UploadSide) -> None:
    shared = store(side, "~/a.js", "1.0", b"shared")
    store(side, "~/a.js", "2.0", b"shared")
    alone = store(side, "~/b.js", "1.0", b"alone")

    side.single_files.forget(shared.bundle, REMOVAL)
    side.single_files.forget(alone.bundle, REMOVAL)

    assert side.files.exists(shared.sha256)
    assert not side.files.exists(alone.sha256)


def test_a_release_of_more_bundles_than_a_statement_takes_is_deleted(side: UploadSide) -> None:
    rows = [
        {"id": number, "checksum": f"{number:040x}", "size": 1, "uploaded_at": NOW}
        for number in range(1, 33_000)
    ]
    names = [{"artifact_bundle_id": row["id"], "version": "1.0"} for row in rows]
    with side.database.write() as connection:
        connection.execute(artifact_bundles.insert(), rows)
        connection.execute(bundle_releases.insert(), names)

    side.release_files.delete_release(None, "1.0", REMOVAL)

    assert side.release_files.bundles(None, "", 0, 10) == ()
