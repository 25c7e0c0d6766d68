"""What is dropped after a day, and what never is."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from headwater.artifacts.expire import CHUNK_LIFETIME, MadeFiles
from headwater.protocol.bundle import ArtifactType
from headwater.protocol.chunks import AssembleState
from headwater.protocol.debug_id import DebugId
from headwater.storage.files.compiled import Compiled
from headwater.storage.files.compiled_files import Kind, new_name
from tests.folders import FolderFiles
from tests.upload_side import DEBUG_ID, MAP, REMOVAL, UploadSide, pair, sha1_of

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

    dropped = side.expiry.expire(now())

    assert dropped == 1
    assert not side.chunk_blobs.exists(sha1_of(pair()))
    assert side.assemble(None, pair()).state is AssembleState.NOT_FOUND


def test_a_chunk_that_was_asked_about_stays_until_it_is_assembled(side: UploadSide) -> None:
    side.put_chunks(None, pair(), now() - LATER)
    make_old(side.chunk_blobs.root)
    assert side.uploads.missing(None, [sha1_of(pair())], now()) == ()

    assert side.expiry.expire(now()) == 0

    assert side.assemble(None, pair()).state is AssembleState.OK


def test_a_chunk_that_another_home_needs_stays_on_disk(side: UploadSide) -> None:
    web = side.project("web")
    side.put_chunks(web.id, pair(), now() - LATER)
    side.put_chunks(None, pair(), now())
    make_old(side.chunk_blobs.root)

    side.expiry.expire(now())

    assert side.assemble(web.id, pair()).state is AssembleState.NOT_FOUND
    assert side.assemble(None, pair()).state is AssembleState.OK


def test_assembled_files_never_expire(side: UploadSide) -> None:
    side.upload(None, pair())
    make_old(side.files.root, side.chunk_blobs.root)

    side.expiry.expire(now() + CHUNK_LIFETIME)

    files = side.artifacts.with_debug_id(1, DebugId(DEBUG_ID))
    assert len(files) == 2
    assert all(side.files.is_intact(file.sha256) for file in files)


def test_what_interrupted_uploads_left_is_dropped_once_it_is_old(side: UploadSide) -> None:
    unnamed, _ = side.files.put([b"stored, and then the power failed"])
    unregistered, _ = side.chunk_blobs.put([b"stored, and never registered"])
    (side.files.root / "tmp" / "half").write_bytes(b"half")
    side.expiry.expire(now())
    assert side.files.exists(unnamed)

    make_old(side.files.root, side.chunk_blobs.root)
    side.expiry.expire(now())

    assert not side.files.exists(unnamed)
    assert not side.chunk_blobs.exists(unregistered)
    assert list((side.files.root / "tmp").iterdir()) == []


def test_expiry_of_nothing_is_fine(side: UploadSide) -> None:
    assert side.expiry.expire(now()) == 0


def large_map() -> bytes:
    content = "\n".join(f"export const value{number} = {number * 7919};" for number in range(2000))
    return json.dumps({**json.loads(MAP), "sourcesContent": [content]}).encode()


def test_a_packed_map_is_found_and_read_as_before(side: UploadSide) -> None:
    side.upload(None, pair(source_map=large_map()))

    assert side.settling.settle(now() + LATER) == 1

    [found] = [
        file
        for file in side.maps_of(1).with_debug_id(DebugId(DEBUG_ID))
        if file.type is ArtifactType.SOURCE_MAP
    ]
    assert side.maps_of(1).read_text(found) == large_map().decode()
    assert side.assemble(None, pair(source_map=large_map())).state is AssembleState.OK


def test_a_damaged_pack_makes_the_server_ask_for_the_bundle_again(side: UploadSide) -> None:
    bundle = pair(source_map=large_map())
    side.upload(None, bundle)
    side.settling.settle(now() + LATER)
    for chunk in side.chunk_blobs.older_than(now() + LATER):
        side.chunk_blobs.delete(chunk)
    for name in side.pack_files.older_than(now() + LATER):
        side.pack_files.path(name).write_bytes(b"damaged")

    assert side.assemble(None, bundle).state is AssembleState.NOT_FOUND

    assert side.upload(None, bundle).state is AssembleState.OK
    files = side.artifacts.with_debug_id(1, DebugId(DEBUG_ID))
    assert all(side.files.is_intact(file.sha256) for file in files)


def test_what_was_packed_goes_with_the_last_upload_that_names_it(side: UploadSide) -> None:
    side.upload(None, pair(source_map=large_map()))
    side.settling.settle(now() + LATER)
    [file] = [
        file for file in side.artifacts.with_debug_id(1, DebugId(DEBUG_ID)) if file.size > 50_000
    ]
    side.expiry.expire(now() + LATER)
    assert side.files.is_intact(file.sha256)

    side.single_files.forget(file.bundle, REMOVAL)
    for turn in range(1, 5):
        side.expiry.expire(now() + turn * LATER)

    assert not side.files.exists(file.sha256)
    assert list(side.settling.files.older_than(now() + LATER)) == []


def test_what_interrupted_compilations_and_older_versions_left_is_dropped(
    side: UploadSide, tmp_path: Path
) -> None:
    older = FolderFiles(tmp_path / "compiled", 1)
    files = FolderFiles(tmp_path / "compiled", 2)
    for some in (older, files):
        with some.temporary() as path:
            path.write_bytes(b"written, and then the power failed")
            some.adopt(path, new_name("ab" * 32, Kind.MAP))
    made = MadeFiles(Compiled(side.database, 2), files)
    made.expire(now() - LATER, now())
    assert len(list(files.older_than(now() + LATER))) == 1

    make_old(tmp_path / "compiled")
    made.expire(now() - LATER + timedelta(hours=1), now())

    assert list(files.older_than(now() + LATER)) == []
    assert list(older.older_than(now() + LATER)) == []
