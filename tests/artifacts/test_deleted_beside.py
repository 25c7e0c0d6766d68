"""What is deleted at the very moment at which it is uploaded again: on PostgreSQL nothing keeps one of the
two out but what each of them locks."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.chunks import AssembleState, Sha1
from headwater.protocol.debug_id import DebugId
from headwater.storage.schema import resolutions
from headwater.storage.uploads import unnamed
from headwater.storage.uploads.artifact import NewBundle, NewFile
from headwater.storage.uploads.bundle_uses import BundleUses
from headwater.storage.uploads.needed import note_needed
from headwater.storage.uploads.unnamed import BlobsMissing
from tests.clients.patience import until
from tests.databases import IS_POSTGRESQL
from tests.upload_side import DEBUG_ID, NOW, REMOVAL, SCRIPT, UploadSide, pair, sha1_of

SECONDS = 60
DAY = timedelta(days=1)
CHECKSUM = Sha1("1" * 40)
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND datname = current_database()"
)

postgresql_only = pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite has one writer at a time")


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def until_it_waits(side: UploadSide, done: Future[Any], waiting: int = 1) -> None:
    """Until somebody waits for a lock, or has done what should have waited."""

    def waits() -> bool:
        with side.database.read() as connection:
            return int(connection.execute(WAITING).scalar_one()) == waiting

    until(lambda: done.done() or waits(), SECONDS, f"{waiting} wait")


def stored(side: UploadSide, content: bytes = b"x") -> str:
    return side.files.put([content])[0]


def save(
    side: UploadSide, sha256: str, now: datetime, is_there: Callable[[str], bool] = lambda _: True
) -> int:
    file = NewFile(ArtifactType.SOURCE_MAP, "~/app.js.map", DebugId(DEBUG_ID), None, sha256, 1)
    bundle = NewBundle(None, CHECKSUM, None, 1, None, (file,))
    return side.artifacts.save(bundle, None, now, is_there)


def drop(side: UploadSide, sha256: str) -> None:
    side.artifacts.drop_unnamed([sha256], side.files.delete_older)


def delete_surplus(side: UploadSide, bundle: int) -> tuple[str, ...]:
    return side.release_files.delete_surplus([bundle], NOW + DAY / 2, REMOVAL)


def bundle_of(side: UploadSide, bundle: bytes) -> int:
    return side.artifacts.find(None, sha1_of(bundle))[0].bundle


def are_all_there(side: UploadSide, bundle: bytes) -> bool:
    files = side.artifacts.find(None, sha1_of(bundle))
    return len(files) == 2 and all(side.files.exists(file.sha256) for file in files)


@postgresql_only
def test_a_file_that_an_upload_is_about_to_name_is_not_deleted(
    side: UploadSide, pool: ThreadPoolExecutor
) -> None:
    sha256 = stored(side)
    dropping: list[Future[Any]] = []

    def is_there(asked: str) -> bool:
        there = side.files.is_still_there(asked)
        dropping.append(pool.submit(drop, side, sha256))
        until_it_waits(side, dropping[0])
        return there

    save(side, sha256, NOW, is_there)

    dropping[0].result(SECONDS)
    assert side.files.exists(sha256)


@postgresql_only
def test_an_upload_of_the_very_bytes_that_are_deleted_stores_them_again(
    side: UploadSide, pool: ThreadPoolExecutor
) -> None:
    sha256 = stored(side, SCRIPT)
    side.put_chunks(None, pair())
    uploading: list[Future[Any]] = []

    def delete(asked: str, _moment: datetime) -> None:
        uploading.append(pool.submit(side.assemble, None, pair()))
        until_it_waits(side, uploading[0])
        side.files.delete(asked)

    side.artifacts.drop_unnamed([sha256], delete)

    assert uploading[0].result(SECONDS).state is AssembleState.OK
    assert are_all_there(side, pair())


@postgresql_only
def test_a_chunk_that_is_uploaded_while_it_expires_is_to_be_sent_again(
    side: UploadSide, pool: ThreadPoolExecutor
) -> None:
    side.put_chunks(None, pair())
    side.register.expire(NOW + DAY)
    uploading: list[Future[Any]] = []

    def delete(asked: Sha1, _moment: datetime) -> None:
        uploading.append(pool.submit(side.put_chunks, None, pair()))
        until_it_waits(side, uploading[0])
        side.chunk_blobs.delete(asked)

    side.register.drop_unnamed([sha1_of(pair())], delete)

    with pytest.raises(BlobsMissing):
        uploading[0].result(SECONDS)


def test_who_was_stopped_before_deleting_leaves_what_came_since(side: UploadSide) -> None:
    sha256 = stored(side)

    def stopped(asked: str, moment: datetime) -> None:
        stored(side)
        side.files.delete_older(asked, moment)

    side.artifacts.drop_unnamed([sha256], stopped)

    assert side.files.exists(sha256)


@postgresql_only
def test_a_bundle_that_is_being_uploaded_again_does_not_expire(
    side: UploadSide, pool: ThreadPoolExecutor
) -> None:
    side.upload(None, pair())
    bundle = bundle_of(side, pair())

    with side.database.write() as connection:
        connection.execute(text("LOCK TABLE releases IN EXCLUSIVE MODE"))
        again = pool.submit(side.assemble, None, pair(), "1.0", None, NOW + DAY)
        until_it_waits(side, again)
        deleting = pool.submit(delete_surplus, side, bundle)
        until_it_waits(side, deleting, 2)

    assert again.result(SECONDS).state is AssembleState.OK
    assert deleting.result(SECONDS) == ()
    assert are_all_there(side, pair())


@postgresql_only
def test_a_bundle_that_is_being_stored_again_does_not_expire(
    side: UploadSide, pool: ThreadPoolExecutor
) -> None:
    bundle = save(side, stored(side), NOW)
    deleting: list[Future[Any]] = []

    def is_there(_: str) -> bool:
        deleting.append(pool.submit(delete_surplus, side, bundle))
        until_it_waits(side, deleting[0])
        return True

    save(side, stored(side), NOW + DAY, is_there)

    assert deleting[0].result(SECONDS) == ()
    assert len(side.artifacts.find(None, CHECKSUM)) == 1


@postgresql_only
def test_a_bundle_that_goes_while_it_is_uploaded_again_is_stored_anew(
    side: UploadSide, pool: ThreadPoolExecutor
) -> None:
    side.upload(None, pair())
    bundle = bundle_of(side, pair())

    with side.database.write() as connection:
        _hold_changes(connection)
        deleting = pool.submit(side.release_files.delete_bundle, bundle, REMOVAL)
        until_it_waits(side, deleting)
        again = pool.submit(side.assemble, None, pair(), "1.0", None, NOW + DAY)
        until_it_waits(side, again, 2)

    deleting.result(SECONDS)
    assert again.result(SECONDS).state is AssembleState.OK
    assert bundle_of(side, pair()) != bundle
    assert are_all_there(side, pair())


@postgresql_only
def test_a_bundle_that_an_event_comes_to_need_meanwhile_does_not_expire(
    side: UploadSide, pool: ThreadPoolExecutor
) -> None:
    side.upload(None, pair())
    bundle = bundle_of(side, pair())

    with side.database.write() as connection:
        _need(connection, bundle)
        deleting = pool.submit(delete_surplus, side, bundle)
        until_it_waits(side, deleting)

    assert deleting.result(SECONDS) == ()
    assert are_all_there(side, pair())


def _hold_changes(connection: Connection) -> None:
    connection.execute(text("SELECT * FROM artifact_changes FOR UPDATE"))


def _need(connection: Connection, bundle: int) -> None:
    """As a digest does that resolves a frame with it."""
    BundleUses().add(connection, [bundle], datetime.now(UTC))
    connection.execute(resolutions.insert().values(digest=b"1", content=b""))
    note_needed(connection, {b"1": [bundle]})


@postgresql_only
def test_behind_a_vacuum_nobody_waits_for_long_and_the_file_is_left(
    side: UploadSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unnamed, "LOCK_SECONDS", 1)
    sha256 = stored(side)

    with side.database.write() as vacuum:
        vacuum.execute(text("LOCK TABLE artifact_files IN SHARE UPDATE EXCLUSIVE MODE"))
        drop(side, sha256)

    assert side.files.exists(sha256)
    drop(side, sha256)
