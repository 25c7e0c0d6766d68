"""What every place for files does: a folder, a bucket, and a bucket with copies on this machine."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from headwater.storage.files.bucket import Bucket
from headwater.storage.files.bucket_stores import bucket_of
from headwater.storage.files.folder import Folder
from headwater.storage.files.near import Near
from headwater.storage.files.store import BlobStore, Store
from headwater.storage.files.trial import TRIAL, try_store
from tests.s3_server import Remote

SECONDS = 60.0
KEY = "1/ab/cdef"
CONTENT = b"".join(b"%07d." % number for number in range(1000))


@pytest.fixture(params=["folder", "bucket", "near"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return Folder(tmp_path / "kept")
    bucket: Bucket = request.getfixturevalue("bucket")
    return bucket if request.param == "bucket" else Near(bucket, tmp_path / "copies", 10**6)


@pytest.fixture
def bucket(remote: Remote, tmp_path: Path) -> Bucket:
    return bucket_of(remote.url, tmp_path / "scratch")


@pytest.fixture(params=["folder", "bucket"])
def blob_store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "folder":
        return Folder(tmp_path / "kept")
    bucket: Bucket = request.getfixturevalue("bucket")
    return bucket


def read(store: Store) -> bytes:
    return bytes(store.reading(KEY).read([(0, 2 * len(CONTENT))])[0])


def keep(store: Store, key: str = KEY, content: bytes = CONTENT) -> int:
    temporary = store.temporary()
    temporary.write_bytes(content)
    return store.adopt(temporary, key)


def test_what_was_adopted_is_read_back_by_place(store: Store) -> None:
    assert keep(store) == len(CONTENT)

    reading = store.reading(KEY)
    assert reading.size == len(CONTENT)
    assert reading.read([(16, 8), (len(CONTENT) - 4, 100), (len(CONTENT), 5), (3, 0)]) == [
        CONTENT[16:24],
        CONTENT[-4:],
        b"",
        b"",
    ]


def test_what_was_adopted_is_read_back_whole(blob_store: BlobStore, tmp_path: Path) -> None:
    keep(blob_store)

    with blob_store.open(KEY) as file:
        file.seek(8)
        assert file.read(8) == CONTENT[8:16]
        file.seek(0)
        assert file.read() == CONTENT
    assert blob_store.size(KEY) == len(CONTENT)
    assert blob_store.bring(KEY, tmp_path / "here").read_bytes() == CONTENT


def test_a_file_that_is_not_there_is_told_from_storage_that_does_not_answer(store: Store) -> None:
    keep(store, "1/ab/other")

    with pytest.raises(FileNotFoundError):
        store.reading(KEY)


def test_a_blob_that_is_not_there_is_told_from_storage_that_does_not_answer(
    blob_store: BlobStore, tmp_path: Path
) -> None:
    keep(blob_store, "1/ab/other")

    for ask in (
        blob_store.open,
        blob_store.size,
        lambda key: blob_store.bring(key, tmp_path / "x"),
    ):
        with pytest.raises(FileNotFoundError):
            ask(KEY)
    assert not (tmp_path / "x").exists()


def test_files_are_listed_by_what_their_keys_begin_with(store: Store) -> None:
    began = datetime.now(UTC) - timedelta(seconds=2)
    for key in (KEY, "1/ab/other", "2/ab/cdef"):
        keep(store, key)

    assert sorted(store.parts()) == ["1", "2"]
    assert sorted(each.key for each in store.entries()) == [KEY, "1/ab/other", "2/ab/cdef"]
    (entry,) = store.entries("2/")
    assert (entry.key, entry.size) == ("2/ab/cdef", len(CONTENT))
    assert entry.written_at >= began


def test_several_are_adopted_at_once(blob_store: BlobStore) -> None:
    files = {blob_store.temporary(): f"ab/{number}" for number in range(20)}
    for path, key in files.items():
        path.write_bytes(key.encode())

    blob_store.adopt_all(files)

    assert sorted(each.key for each in blob_store.entries()) == sorted(files.values())
    assert not any(path.exists() for path in files)
    with blob_store.open("ab/7") as file:
        assert file.read() == b"ab/7"


def test_the_same_again_replaces_what_is_there(store: Store) -> None:
    keep(store, content=b"damaged")

    keep(store)

    assert read(store) == CONTENT


def test_what_was_just_adopted_is_still_there_and_never_deleted_as_old(
    blob_store: BlobStore,
) -> None:
    keep(blob_store)

    blob_store.delete(KEY, datetime.now(UTC) - timedelta(hours=1))
    if isinstance(blob_store, Bucket):
        assert blob_store.deletions.finish(SECONDS) == 0

    assert blob_store.is_still_there(KEY)
    assert blob_store.size(KEY) == len(CONTENT)


def test_leftovers_are_swept_once_they_are_old(store: Store) -> None:
    left = store.temporary()
    left.write_bytes(b"half")

    assert store.sweep(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert store.sweep(datetime.now(UTC) + timedelta(hours=1)) == 1
    assert not left.exists()


def test_a_good_store_passes_the_trial_any_number_of_times(blob_store: BlobStore) -> None:
    try_store(blob_store)
    try_store(blob_store)

    assert [each.key for each in blob_store.entries("trial/")] == [TRIAL]
