"""The folder of backups: what is copied, what counts as a backup, and what is noticed."""

import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from headwater.protocol.debug_id import DebugId
from headwater.settings import Settings
from headwater.storage.backup.backup import Backup, Instance
from headwater.storage.backup.folder import ABOUT, FILES, BackupFolder, BackupUnusable, Entry, Kind
from headwater.storage.backup.restore import Restore
from headwater.storage.backup.snapshot import snapshot
from headwater.storage.database import Database
from headwater.storage.files.stores import folder_stores
from headwater.storage.projects import Projects
from headwater.storage.queue.journal import segments
from headwater.storage.queue.journal.reader import JournalReader
from headwater.storage.queue.journal.records import written
from headwater.storage.queue.journal.segment import Segment
from headwater.storage.queue.journal.writer import JournalWriter
from headwater.storage.queue.queue import submit
from headwater.upload_side import UploadSide as WholeSide
from tests.artifacts.test_expire import LATER, large_map, now
from tests.artifacts.test_keeping import build
from tests.databases import sqlite_only
from tests.folders import mark
from tests.upload_side import DEBUG_ID, UploadSide, pair

pytestmark = sqlite_only

ID = "9a00dac2cd571ff910f2694180a6fdc4"


@pytest.fixture
def folder(tmp_path: Path) -> BackupFolder:
    return BackupFolder(tmp_path / "backups")


@pytest.fixture
def one(side: UploadSide, tmp_path: Path) -> Instance:
    return Instance(side.database, tmp_path / "queue", side.files, side.settling)


def other(tmp_path: Path) -> Instance:
    """An empty one."""
    data = tmp_path / "other"
    data.mkdir(exist_ok=True)
    settings = Settings(data_dir=data)
    settings.sourcemaps.mkdir(exist_ok=True)
    mark(settings.sourcemaps)
    database = Database(settings.database)
    parts = WholeSide.of(settings, database, folder_stores(settings.sourcemaps))
    return Instance(database, settings.queue, parts.blobs, parts.tidy.settling)


def make(one: Instance, folder: BackupFolder, minutes: int = 0, keep: int = 0) -> str:
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    return Backup(one, folder).make("1.2.3", moment, keep).stamp


def blob_in(folder: BackupFolder, digest: str) -> Path:
    """Where a blob of the backups lies."""
    return folder.path / "blobs" / folder.blobs.key(digest)


def restore(folder: BackupFolder, into: Instance) -> None:
    Restore(folder, folder.stamps()[-1]).into(into)


def test_raw_and_packed_files_come_back_as_they_were(
    side: UploadSide, one: Instance, folder: BackupFolder, tmp_path: Path
) -> None:
    side.upload(None, pair(source_map=large_map()))
    assert side.settling.settle(now() + LATER) == 1

    make(one, folder)
    restored = other(tmp_path)
    restore(folder, restored)

    found = side.artifacts.with_debug_id(1, DebugId(DEBUG_ID))
    assert [entry.kind for entry in folder.entries(folder.stamps()[-1])] == [Kind.PACK, Kind.FILE]
    assert all(restored.originals.is_intact(file.sha256) for file in found)


def test_what_is_there_already_is_not_copied_again(
    side: UploadSide, one: Instance, folder: BackupFolder
) -> None:
    def blobs() -> dict[Path, int]:
        return {
            path: path.stat().st_ino
            for path in (folder.path / "blobs").rglob("*")
            if path.is_file()
        }

    side.upload(None, pair(source_map=large_map()))
    side.settling.settle(now() + LATER)
    make(one, folder)
    first = blobs()
    side.upload(None, build(2))
    make(one, folder, minutes=1)
    second = blobs()

    assert len(first) == 2
    assert first.items() <= second.items()
    assert len(second) == 3


def test_a_file_that_is_packed_or_deleted_after_the_databases_moment_is_in_the_backup(
    side: UploadSide, one: Instance, folder: BackupFolder, tmp_path: Path
) -> None:
    side.upload(None, pair(source_map=large_map()))
    found = side.artifacts.with_debug_id(1, DebugId(DEBUG_ID))

    class Interrupted(Backup):
        """Everything happens between the first copying and the database's moment, and after it."""

        def _copy_what_is_there(self) -> None:
            side.settling.settle(now() + LATER)
            super()._copy_what_is_there()
            for name in one.settling.files.older_than(now() + LATER):
                one.settling.files.delete(name)

    Interrupted(one, folder).make("1", datetime.now(UTC))
    restored = other(tmp_path)
    restore(folder, restored)

    assert all(restored.originals.is_intact(file.sha256) for file in found)


def test_what_the_instance_has_lost_is_counted_and_the_rest_is_kept(
    side: UploadSide, one: Instance, folder: BackupFolder
) -> None:
    side.upload(None, pair(source_map=large_map()))
    lost, damaged = (file.sha256 for file in side.artifacts.with_debug_id(1, DebugId(DEBUG_ID)))
    side.files.delete(lost)
    side.files.path(damaged).write_bytes(b"rot")

    about = folder.about(make(one, folder))

    assert about.lost == 2
    assert about.entries == 0


def test_events_that_wait_come_along_and_those_in_the_middle_of_writing_do_not(
    one: Instance, folder: BackupFolder, tmp_path: Path
) -> None:
    writer = JournalWriter(one.queue)
    for number in range(3):
        submit(writer, 1, b"event %d" % number, datetime.now(UTC), ID, "").result(30)
    [name] = segments.names(one.queue)
    [*_, end] = _ends(one.queue / name)
    whole = written(1, b"half" * 1000, datetime.now(UTC), ID, "", segments.salt_of(name))
    with (one.queue / name).open("r+b") as segment:
        segment.seek(end)
        segment.write(whole[:-100])

    make(one, folder)
    writer.close()
    restored = other(tmp_path)
    restore(folder, restored)
    reader = JournalReader(restored.queue, restored.database)
    reader.start_over()

    assert [each.envelope for each in reader.claim(10, now())] == [
        b"event 0",
        b"event 1",
        b"event 2",
    ]
    assert reader.claim(10, now()) == ()
    reader.close()
    assert not [each for each in restored.queue.iterdir() if each.suffix == ".damaged"]


def _ends(path: Path) -> list[int]:
    segment = Segment(path.parent, path.name, 0)
    try:
        return [record.end for record in segment.records(100)]
    finally:
        segment.close()


def test_the_database_is_that_of_one_moment(one: Instance, tmp_path: Path) -> None:
    projects = Projects(one.database)
    projects.create("Before", None, datetime.now(UTC))

    with snapshot(one.database) as moment:
        projects.create("After", None, datetime.now(UTC))
        moment.write(tmp_path / "copy.db")

    copy = Database(f"sqlite:///{tmp_path / 'copy.db'}")
    assert [each.name for each in Projects(copy).all()] == ["Before"]
    copy.close()


def test_half_a_backup_is_none_and_goes_with_the_next(one: Instance, folder: BackupFolder) -> None:
    first = make(one, folder)
    with folder.writing():
        left = folder.new(datetime.now(UTC))
        (left / FILES).write_text("half")
    torn = folder.blobs.temporary()
    torn.write_bytes(b"half")

    assert folder.stamps() == [first]
    make(one, folder, minutes=1)
    assert not left.exists()
    assert not torn.exists()
    assert len(folder.stamps()) == 2


def test_two_cannot_be_made_at_once(one: Instance, folder: BackupFolder) -> None:
    with folder.writing(), pytest.raises(BackupUnusable, match="is being made"):
        make(one, BackupFolder(folder.path))


def test_only_the_latest_are_kept_and_what_they_need(
    side: UploadSide, one: Instance, folder: BackupFolder
) -> None:
    side.upload(None, pair())
    make(one, folder)
    with side.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM artifact_files WHERE url LIKE '%.map'")
    [gone] = set(folder.blobs.older_than(now())) - {
        file.sha256 for file in side.artifacts.with_debug_id(1, DebugId(DEBUG_ID))
    }
    side.files.delete(gone)

    stamp = make(one, folder, minutes=1, keep=1)

    assert folder.stamps() == [stamp]
    assert not list(Restore(folder, folder.stamps()[0]).faults())
    assert not folder.blobs.exists(gone)


@pytest.mark.parametrize("what", ["database", "index", "about"])
def test_what_was_changed_since_is_noticed_before_anything_is_restored(
    side: UploadSide, one: Instance, folder: BackupFolder, tmp_path: Path, what: str
) -> None:
    side.upload(None, pair())
    stamp = make(one, folder)
    damages: dict[str, Callable[[], object]] = {
        "database": lambda: _rot(folder.path / stamp / "database"),
        "index": lambda: (folder.path / stamp / FILES).write_bytes(b""),
        "about": lambda: (folder.path / stamp / ABOUT).write_bytes(b"{"),
    }

    damages[what]()

    restored = other(tmp_path)
    before = sorted((tmp_path / "other").rglob("*"))
    assert what == "about" or list(Restore(folder, stamp).faults())
    with pytest.raises(BackupUnusable):
        restore(folder, restored)
    assert sorted((tmp_path / "other").rglob("*")) == before


def test_without_files_and_packs_that_were_damaged_the_rest_is_restored(
    side: UploadSide, one: Instance, folder: BackupFolder, tmp_path: Path
) -> None:
    side.upload(None, pair(source_map=large_map()))
    side.settling.settle(now() + LATER)
    side.upload(None, build(2))
    stamp = make(one, folder)
    pack, damaged, *others = folder.entries(stamp)
    blob_in(folder, pack.blob).unlink()
    blob_in(folder, damaged.blob).write_bytes(b"rot")

    said = list(Restore(folder, stamp).faults())
    restored = other(tmp_path)
    found = Restore(folder, stamp)
    found.into(restored)

    assert [each.kind for each in (pack, damaged)] == [Kind.PACK, Kind.FILE]
    assert len(said) == 2
    assert found.lost == 2
    assert others
    assert all(restored.originals.is_intact(each.name) for each in others)
    assert not restored.originals.exists(damaged.name)
    assert Projects(restored.database).all() == Projects(one.database).all()


def test_what_a_damaged_blob_says_to_delete_is_copied_anew(
    side: UploadSide, one: Instance, folder: BackupFolder
) -> None:
    side.upload(None, pair())
    stamp = make(one, folder)
    blob = blob_in(folder, next(folder.blobs.older_than(now() + LATER)))
    blob.write_bytes(b"rot")

    [said] = Restore(folder, stamp).faults()
    blob.unlink()
    make(one, folder, minutes=1)

    assert f"delete {blob} and back up again" in said
    assert not list(Restore(folder, stamp).faults())


def test_events_that_waited_are_not_left_out(
    one: Instance, folder: BackupFolder, tmp_path: Path
) -> None:
    writer = JournalWriter(one.queue)
    submit(writer, 1, b"event", datetime.now(UTC), ID, "").result(30)
    stamp = make(one, folder)
    writer.close()
    [segment] = folder.entries(stamp)
    blob_in(folder, segment.blob).write_bytes(b"rot")

    with pytest.raises(BackupUnusable, match="is damaged"):
        restore(folder, other(tmp_path))

    assert not (tmp_path / "other" / "headwater.db").exists()


@pytest.mark.parametrize("end", ["-wal", "-shm", "-journal"])
def test_an_old_log_is_not_replayed_into_what_is_restored(
    one: Instance, folder: BackupFolder, tmp_path: Path, end: str
) -> None:
    make(one, folder)
    restored = other(tmp_path)
    (tmp_path / "other" / f"headwater.db{end}").touch()

    with pytest.raises(BackupUnusable, match=f"{end} is there already"):
        restore(folder, restored)


def test_nothing_begins_where_something_is_in_the_way(
    one: Instance, folder: BackupFolder, tmp_path: Path
) -> None:
    stamp = make(one, folder)
    begun: list[str] = []

    with pytest.raises(BackupUnusable, match="is there already"):
        Restore(folder, stamp).into(one, lambda: begun.append("one"))
    Restore(folder, stamp).into(other(tmp_path), lambda: begun.append("other"))

    assert begun == ["other"]


def test_a_file_that_came_again_since_its_pack_was_damaged_is_in_the_backup(
    side: UploadSide, one: Instance, folder: BackupFolder, tmp_path: Path
) -> None:
    bundle = pair(source_map=large_map())
    side.upload(None, bundle)
    side.settling.settle(now() + LATER)
    [name] = side.pack_files.older_than(now() + LATER)
    side.pack_files.path(name).write_bytes(b"rot")
    side.files.put([large_map()])

    raw = folder.about(make(one, folder))
    side.settling.settle(now() + LATER)
    packed = folder.about(make(one, folder, minutes=1))
    restored = other(tmp_path)
    restore(folder, restored)

    assert (raw.lost, packed.lost) == (0, 0)
    assert restored.originals.is_intact(name.sha256)


def test_a_damaged_pack_that_no_upload_names_is_not_missed(
    side: UploadSide, one: Instance, folder: BackupFolder
) -> None:
    side.upload(None, pair(source_map=large_map()))
    side.settling.settle(now() + LATER)
    [name] = side.pack_files.older_than(now() + LATER)
    side.pack_files.path(name).write_bytes(b"rot")
    with side.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM artifact_files")

    assert folder.about(make(one, folder)).lost == 0


def test_a_clock_that_was_set_back_makes_no_backup_an_old_one(
    one: Instance, folder: BackupFolder
) -> None:
    make(one, folder, minutes=60)

    newest = make(one, folder, keep=1)

    assert folder.stamps() == [newest]


@pytest.mark.parametrize("rot", [b"", b"\xff\n", b"{}\n"])
def test_a_damaged_backup_does_not_stop_the_next(
    side: UploadSide, one: Instance, folder: BackupFolder, rot: bytes
) -> None:
    side.upload(None, pair(source_map=large_map()))
    side.settling.settle(now() + LATER)
    stamps = [make(one, folder, minutes) for minutes in (0, 1)]
    (folder.path / stamps[1] / FILES).write_bytes(rot)

    newest = make(one, folder, minutes=2, keep=2)

    assert folder.stamps() == [stamps[1], newest]
    assert not list(Restore(folder, newest).faults())


def _rot(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("kind", "name"),
    [(Kind.SEGMENT, "../../evil.journal"), (Kind.PACK, "../../evil"), (Kind.SEGMENT, "")],
)
def test_no_name_in_a_backup_decides_on_a_path(
    one: Instance, folder: BackupFolder, tmp_path: Path, kind: Kind, name: str
) -> None:
    stamp = make(one, folder)
    blob, size = folder.blobs.put([b"evil"])
    line = msgspec.json.encode(Entry(kind, name, blob, size)) + b"\n"
    (folder.path / stamp / FILES).write_bytes(line)

    before = sorted(tmp_path.rglob("*evil*"))
    with pytest.raises(BackupUnusable):
        restore(folder, other(tmp_path))

    assert sorted(tmp_path.rglob("*evil*")) == before


def test_a_restore_that_was_interrupted_is_done_again(
    side: UploadSide, one: Instance, folder: BackupFolder, tmp_path: Path
) -> None:
    side.upload(None, pair())
    writer = JournalWriter(one.queue)
    submit(writer, 1, b"event", datetime.now(UTC), ID, "").result(30)
    make(one, folder)
    writer.close()
    restored = other(tmp_path)
    in_the_way = tmp_path / "other" / "sourcemaps" / "files"

    in_the_way.touch()
    with pytest.raises(NotADirectoryError):
        restore(folder, restored)
    left = segments.names(restored.queue)
    in_the_way.unlink()
    restore(folder, restored)

    found = side.artifacts.with_debug_id(1, DebugId(DEBUG_ID))
    assert all(restored.originals.is_intact(file.sha256) for file in found)
    assert segments.names(restored.queue) == left
    assert len(left) == 1


def test_what_a_newer_version_made_is_refused(
    one: Instance, folder: BackupFolder, tmp_path: Path
) -> None:
    stamp = make(one, folder)
    about = msgspec.structs.replace(folder.about(stamp), revision="9999", version="99.0")
    (folder.path / stamp / ABOUT).write_bytes(msgspec.json.encode(about))

    with pytest.raises(BackupUnusable, match=r"newer version, 99\.0"):
        restore(folder, other(tmp_path))


def test_only_its_owner_can_read_a_backup(one: Instance, folder: BackupFolder) -> None:
    before = os.umask(0o022)
    try:
        make(one, folder)
    finally:
        os.umask(before)

    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert sorted(each.name for each in (folder.path / folder.stamps()[0]).iterdir()) == [
        ABOUT,
        "database",
        FILES,
    ]
