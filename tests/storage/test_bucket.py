"""A bucket whose store fails: what is said, what is kept, and that nobody waits for ever."""

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from headwater.storage.files.blobs import Blobs
from headwater.storage.files.bucket import PIECE, Bucket
from headwater.storage.files.bucket_connection import Bounds
from headwater.storage.files.bucket_deletions import YOUNG, Deletions
from headwater.storage.files.bucket_stores import bucket_of
from headwater.storage.files.folder import MARK
from headwater.storage.files.trial import EXPECTS_UPLOADS
from headwater.storage.files.unreachable import StorageUnreachable
from tests.faulty_proxy import Fault
from tests.s3_server import SECRET, Remote

IMPATIENT = Bounds(connect=1, request=1, retry=1)
SECONDS = 60.0
OWNER = "a" * 32
UNREACHABLE = (Fault.ERROR, Fault.SILENT, Fault.TRUNCATED, Fault.GONE)


@pytest.fixture
def bucket(remote: Remote, tmp_path: Path) -> Bucket:
    # Each look at this clock is later than any rest.
    return bucket_of(
        remote.url, tmp_path / "scratch", IMPATIENT, (10.0**each for each in count()).__next__
    )


def keep(bucket: Bucket, key: str = "ab/cd", content: bytes = b"content") -> None:
    temporary = bucket.temporary()
    temporary.write_bytes(content)
    bucket.adopt(temporary, key)


@pytest.mark.parametrize("fault", UNREACHABLE)
def test_a_store_that_fails_is_unreachable_for_readers_and_nothing_is_lost(
    bucket: Bucket, remote: Remote, fault: Fault
) -> None:
    keep(bucket)

    remote.proxy.fault = fault
    with pytest.raises(StorageUnreachable, match=remote.url) as raised:
        bucket.open("ab/cd")
    remote.proxy.fault = Fault.NONE

    assert SECRET not in str(raised.value)
    with bucket.open("ab/cd") as file:
        assert file.read() == b"content"


def test_while_the_store_rests_nothing_at_all_is_asked_of_it(
    remote: Remote, tmp_path: Path
) -> None:
    bucket = bucket_of(remote.url, tmp_path / "scratch", IMPATIENT, lambda: 0.0)
    keep(bucket)
    reading, sent = bucket.reading("ab/cd"), tmp_path / "sent"
    sent.write_bytes(b"content")
    remote.proxy.fault = Fault.GONE
    with pytest.raises(StorageUnreachable):
        bucket.size("ab/cd")
    asked = remote.proxy.requests

    for ask in (
        lambda: bucket.size("ab/cd"),
        lambda: bucket.reading("ab/cd"),
        lambda: bucket.open("ab/cd"),
        lambda: bucket.bring("ab/cd", tmp_path / "here"),
        lambda: bucket.send(sent, "ab/cd", is_synced=True),
        lambda: reading.read([(0, 1)]),
        lambda: list(bucket.entries()),
        bucket.parts,
    ):
        with pytest.raises(StorageUnreachable, match="it is asked again in a moment"):
            ask()

    assert remote.proxy.requests == asked


@pytest.mark.parametrize("fault", [*UNREACHABLE, Fault.GARBLED])
def test_nothing_counts_as_stored_that_could_not_be_read_back(
    bucket: Bucket, remote: Remote, fault: Fault
) -> None:
    remote.proxy.fault = fault

    with pytest.raises(StorageUnreachable):
        keep(bucket)

    remote.proxy.fault = Fault.NONE
    keep(bucket)
    assert bucket.size("ab/cd") == len(b"content")


def test_a_large_file_goes_and_comes_in_pieces(bucket: Bucket, tmp_path: Path) -> None:
    content = b"0123456789abcdef" * (PIECE // 8)

    keep(bucket, content=content)

    assert bucket.bring("ab/cd", tmp_path / "here").read_bytes() == content


def test_a_bucket_that_is_gone_is_no_reason_to_believe_that_its_files_are(
    bucket: Bucket, remote: Remote
) -> None:
    keep(bucket)
    remote.lose_bucket()

    with pytest.raises(StorageUnreachable, match="NoSuchBucket"):
        bucket.open("ab/cd")


def test_whether_a_blob_is_intact_is_not_answered_while_nobody_can_say(
    bucket: Bucket, remote: Remote
) -> None:
    blobs = Blobs(bucket, "sha256")
    digest, _ = blobs.put([b"content"])
    remote.proxy.fault = Fault.GONE

    with pytest.raises(StorageUnreachable):
        blobs.is_intact(digest)


def test_a_damaged_blob_is_healed_by_the_same_content(bucket: Bucket, remote: Remote) -> None:
    blobs = Blobs(bucket, "sha256")
    digest, _ = blobs.put([b"content"])
    remote.put(f"maps/{digest[:2]}/{digest[2:]}", b"damaged")
    assert not blobs.is_intact(digest)

    blobs.put([b"content"])

    assert blobs.is_intact(digest)


def test_only_what_has_grown_old_is_deleted() -> None:
    now = datetime.now(UTC)
    written = {"young": now, "old": now - 2 * YOUNG, "renewed": now - 2 * YOUNG}
    deletions = Deletions(written.__getitem__, written.__delitem__)

    for key in ("young", "old"):
        deletions.ask(key)
    deletions.ask("renewed", now - 3 * YOUNG)

    assert deletions.finish(SECONDS) == 0
    assert sorted(written) == ["renewed", "young"]


def test_deletions_that_take_longer_than_is_waited_for_are_said_to_be_left() -> None:
    goes_on = threading.Event()

    def delete(_key: str) -> None:
        goes_on.wait(SECONDS)

    deletions = Deletions(lambda _key: datetime.min.replace(tzinfo=UTC), delete)
    for key in ("one", "two"):
        deletions.ask(key)

    assert deletions.finish(0.01) == 2
    goes_on.set()
    assert deletions.finish(SECONDS) == 0


def test_deleting_what_is_gone_or_can_t_be_reached_hinders_nothing_after_it() -> None:
    old = datetime.now(UTC) - timedelta(days=2)
    deleted: list[str] = []

    def written_at(key: str) -> datetime:
        if key == "first":
            raise StorageUnreachable("it is away")
        return old if key == "third" else datetime.max.replace(tzinfo=UTC)

    deletions = Deletions(written_at, deleted.append)
    for key in ("first", "second", "third"):
        deletions.ask(key)

    assert deletions.finish(SECONDS) == 1
    assert deletions.finish(SECONDS) == 0
    assert deleted == ["third"]


def trial(remote: Remote, *expected: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "headwater.storage.files.bucket_trial", remote.url, *expected],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )


def test_a_bucket_that_does_not_exist_fails_the_trial_in_one_sentence(remote: Remote) -> None:
    remote.lose_bucket()

    done = trial(remote)

    assert done.returncode == 1
    assert done.stdout.count("\n") == 1
    assert remote.url in done.stdout
    assert "bucket" in done.stdout


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("AWS_ENDPOINT_URL", "minio:9000", "begins with http:// or https://"),
        ("AWS_ENDPOINT_URL", "127.0.0.1", "begins with http:// or https://"),
        ("AWS_ENDPOINT_URL", "http://", "begins with http:// or https://"),
        ("AWS_ENDPOINT_URL", "http://:9000", "begins with http:// or https://"),
        ("AWS_ENDPOINT_URL", "http://h:99999", "begins with http:// or https://"),
        ("AWS_REGION", "us-east-1\n", "AWS_REGION has a line break"),
        ("AWS_SECRET_ACCESS_KEY", "secret\n", "AWS_SECRET_ACCESS_KEY has a line break"),
        ("AWS_ENDPOINT_URL", "http://a<b", "are the AWS_ variables right?"),
    ],
)
def test_settings_that_the_library_dies_of_fail_the_trial_in_one_sentence(
    remote: Remote, monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
) -> None:
    monkeypatch.setenv(name, value)

    done = trial(remote)

    assert done.returncode == 1
    assert done.stdout.count("\n") == 1
    assert why in done.stdout


def test_a_bucket_that_can_be_used_passes_the_trial(remote: Remote) -> None:
    done = trial(remote)

    assert (done.returncode, done.stdout) == (0, "")
    assert remote.listed() == ["maps/.instances/trial/written"]


@pytest.mark.parametrize(("key", "content"), [("files/ab/cd", b"content"), (MARK, b"")])
def test_a_bucket_without_uploads_fails_the_trial_where_some_are_expected(
    remote: Remote, key: str, content: bytes
) -> None:
    done = trial(remote, OWNER, EXPECTS_UPLOADS)
    assert done.returncode == 1
    assert done.stdout.count("\n") == 1
    assert "are bucket and prefix right" in done.stdout

    remote.put(f"maps/{key}", content)

    assert trial(remote, OWNER, EXPECTS_UPLOADS).returncode == 0
