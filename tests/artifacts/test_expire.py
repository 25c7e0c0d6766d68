"""What is dropped after a day, and what never is."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from headwater.artifacts.expire import CHUNK_LIFETIME
from headwater.protocol.chunks import AssembleState
from headwater.protocol.debug_id import DebugId
from tests.upload_side import DEBUG_ID, UploadSide, pair, sha1_of

LATER = timedelta(hours=25)


def now() -> datetime:
    return datetime.now(UTC)


def make_old(*folders: Path) -> None:
    then = (now() - LATER).timestamp()
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                os.utime(path, (then, then))


def test_chunks_that_nobody_asked_about_for_a_day_are_dropped(side: UploadSide) -> None:
    side.put_chunks(None, pair(), now() - LATER)
    make_old(side.chunk_blobs.root)

    dropped = side.expiry.expire_chunks(now())

    assert dropped == 1
    assert not side.chunk_blobs.exists(sha1_of(pair()))
    assert side.assemble(None, pair()).state is AssembleState.NOT_FOUND


def test_a_chunk_that_was_asked_about_stays_until_it_is_assembled(side: UploadSide) -> None:
    side.put_chunks(None, pair(), now() - LATER)
    make_old(side.chunk_blobs.root)
    assert side.uploads.missing(None, [sha1_of(pair())], now()) == ()

    assert side.expiry.expire_chunks(now()) == 0

    assert side.assemble(None, pair()).state is AssembleState.OK


def test_a_chunk_that_another_home_needs_stays_on_disk(side: UploadSide) -> None:
    web = side.project("web")
    side.put_chunks(web.id, pair(), now() - LATER)
    side.put_chunks(None, pair(), now())
    make_old(side.chunk_blobs.root)

    side.expiry.expire_chunks(now())

    assert side.assemble(web.id, pair()).state is AssembleState.NOT_FOUND
    assert side.assemble(None, pair()).state is AssembleState.OK


def test_assembled_files_never_expire(side: UploadSide) -> None:
    side.upload(None, pair())
    make_old(side.files.root, side.chunk_blobs.root)

    side.expiry.expire_chunks(now() + CHUNK_LIFETIME)

    files = side.artifacts.with_debug_id(1, DebugId(DEBUG_ID))
    assert len(files) == 2
    assert all(side.files.is_intact(file.sha256) for file in files)


def test_what_interrupted_uploads_left_is_dropped_once_it_is_old(side: UploadSide) -> None:
    unnamed, _ = side.files.put([b"stored, and then the power failed"])
    unregistered, _ = side.chunk_blobs.put([b"stored, and never registered"])
    (side.files.root / "tmp" / "half").write_bytes(b"half")
    side.expiry.expire_chunks(now())
    assert side.files.exists(unnamed)

    make_old(side.files.root, side.chunk_blobs.root)
    side.expiry.expire_chunks(now())

    assert not side.files.exists(unnamed)
    assert not side.chunk_blobs.exists(unregistered)
    assert list((side.files.root / "tmp").iterdir()) == []


def test_expiry_of_nothing_is_fine(side: UploadSide) -> None:
    assert side.expiry.expire_chunks(now()) == 0
