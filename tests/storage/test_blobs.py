"""Blobs: all of a file or nothing, under the digest of its content."""

import errno
import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from headwater.storage.files.blobs import Algorithm, BlobNotFound, DigestMismatch
from tests.folders import FolderBlobs

CONTENT = b"content of a blob" * 1000


@pytest.fixture(params=["sha1", "sha256"])
def blobs(tmp_path: Path, request: pytest.FixtureRequest) -> FolderBlobs:
    algorithm: Algorithm = request.param
    return FolderBlobs(tmp_path / "blobs", algorithm)


def digest_of(blobs: FolderBlobs, content: bytes) -> str:
    return hashlib.new(blobs.algorithm, content, usedforsecurity=False).hexdigest()


def age(blobs: FolderBlobs, digest: str, hours: int) -> None:
    then = datetime.now(UTC).timestamp() - hours * 3600
    os.utime(blobs.path(digest), (then, then))


def files_of(blobs: FolderBlobs) -> list[Path]:
    return [path for path in blobs.root.rglob("*") if path.is_file()]


def test_what_was_put_is_read_back_under_its_digest(blobs: FolderBlobs) -> None:
    digest, size = blobs.put([CONTENT[:100], CONTENT[100:]])

    with blobs.open(digest) as file:
        assert file.read() == CONTENT
    assert (digest, size) == (digest_of(blobs, CONTENT), len(CONTENT))
    assert blobs.size(digest) == len(CONTENT)


def test_bytes_that_are_not_what_they_are_called_are_refused(blobs: FolderBlobs) -> None:
    expected = digest_of(blobs, b"something else")

    with pytest.raises(DigestMismatch, match=digest_of(blobs, CONTENT)):
        blobs.put([CONTENT], expected)

    assert files_of(blobs) == []


def test_a_blob_that_was_not_finished_leaves_nothing(blobs: FolderBlobs) -> None:
    with blobs.writer() as writer:
        writer.write(CONTENT)

    assert files_of(blobs) == []


def test_putting_the_same_again_heals_a_damaged_blob(blobs: FolderBlobs) -> None:
    digest, _ = blobs.put([CONTENT])
    blobs.path(digest).write_bytes(b"damaged")
    assert not blobs.is_intact(digest)

    blobs.put([CONTENT])

    assert blobs.is_intact(digest)


def test_a_reader_keeps_what_it_opened_while_the_blob_is_put_again(blobs: FolderBlobs) -> None:
    digest, _ = blobs.put([CONTENT])

    with blobs.open(digest) as file:
        begun = file.read(10)
        blobs.put([CONTENT])
        blobs.delete(digest)

        assert begun + file.read() == CONTENT


def test_a_lost_blob_says_so(blobs: FolderBlobs) -> None:
    digest, _ = blobs.put([CONTENT])
    blobs.delete(digest)

    assert not blobs.exists(digest)
    assert not blobs.is_intact(digest)
    with pytest.raises(BlobNotFound, match=digest):
        blobs.open(digest)
    with pytest.raises(BlobNotFound, match=digest):
        blobs.size(digest)


def test_deleting_twice_is_fine(blobs: FolderBlobs) -> None:
    digest, _ = blobs.put([CONTENT])

    blobs.delete(digest)
    blobs.delete(digest)

    assert not blobs.exists(digest)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "AB" * 20, "a" * 39, "g" * 64])
def test_what_is_not_a_digest_names_no_file(blobs: FolderBlobs, name: str) -> None:
    with pytest.raises(BlobNotFound):
        blobs.open(name)


def test_only_old_blobs_are_listed_and_deleted_as_old(blobs: FolderBlobs) -> None:
    old, _ = blobs.put([b"old"])
    new, _ = blobs.put([b"new"])
    age(blobs, old, hours=25)
    day_ago = datetime.now(UTC) - timedelta(hours=24)

    assert list(blobs.older_than(day_ago)) == [old]
    blobs.delete_older(new, day_ago)
    blobs.delete_older(old, day_ago)

    assert blobs.exists(new)
    assert not blobs.exists(old)


def test_putting_an_old_blob_again_makes_it_young(blobs: FolderBlobs) -> None:
    digest, _ = blobs.put([CONTENT])
    age(blobs, digest, hours=25)

    blobs.put([CONTENT])

    assert list(blobs.older_than(datetime.now(UTC) - timedelta(hours=24))) == []


def test_leftovers_of_interrupted_writes_are_swept_away_once_they_are_old(
    blobs: FolderBlobs,
) -> None:
    blobs.put([CONTENT])
    folder = blobs.root / "tmp"
    (folder / "old").write_bytes(b"half")
    (folder / "running").write_bytes(b"half")
    then = datetime.now(UTC).timestamp() - 25 * 3600
    os.utime(folder / "old", (then, then))

    swept = blobs.sweep(datetime.now(UTC) - timedelta(hours=24))

    assert swept == 1
    assert [path.name for path in folder.iterdir()] == ["running"]


def test_blobs_of_a_batch_are_stored_like_any_other(blobs: FolderBlobs) -> None:
    with blobs.batch() as batch:
        put = [batch.put([b"blob %d" % number]) for number in range(20)]
        assert not any(blobs.exists(digest) for digest, _ in put)

    assert [size for _, size in put] == [6] * 10 + [7] * 10
    assert all(blobs.is_intact(digest) for digest, _ in put)
    assert len(files_of(blobs)) == 20


def test_a_batch_that_fails_leaves_nothing(blobs: FolderBlobs) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise OSError(errno.EIO, "broken")

    def store() -> None:
        with blobs.batch() as batch:
            batch.put([CONTENT])
            batch.put(broken())

    with pytest.raises(OSError, match="broken"):
        store()

    assert files_of(blobs) == []
    assert list((blobs.root / "tmp").iterdir()) == []
