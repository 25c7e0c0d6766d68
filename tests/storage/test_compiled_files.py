"""Compiled files on disk: whole or not there, read by place, with few descriptors."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from headwater.storage.files import open_files
from headwater.storage.files.compiled_files import CompiledName, Kind, new_name
from headwater.storage.files.open_files import OpenFiles
from tests.folders import FolderFiles

SHA256 = "ab" * 32
OTHER = "cd" * 32


@pytest.fixture
def opened() -> Iterator[OpenFiles]:
    opened = OpenFiles(limit=2)
    yield opened
    opened.close()


@pytest.fixture
def files(tmp_path: Path, opened: OpenFiles) -> FolderFiles:
    return FolderFiles(tmp_path / "compiled", 1, opened)


def stored(files: FolderFiles, content: bytes, sha256: str = SHA256) -> CompiledName:
    name = new_name(sha256, Kind.MAP)
    with files.temporary() as path:
        path.write_bytes(content)
        assert files.adopt(path, name) == len(content)
    return name


def make_old(path: Path) -> None:
    then = (datetime.now(UTC) - timedelta(hours=2)).timestamp()
    os.utime(path, (then, then))


def an_hour_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_file_is_read_by_place(files: FolderFiles) -> None:
    file = files.open(stored(files, b"0123456789"))

    assert file.size == 10
    assert file.read(3, 4) == b"3456"
    assert file.read(8, 4) == b"89"
    assert file.read(10, 4) == b""


def test_a_file_knows_what_it_is_called(files: FolderFiles) -> None:
    name = stored(files, b"content")

    assert CompiledName.parse(files.open(name).key) == name


def test_the_same_map_compiled_twice_is_two_files(files: FolderFiles) -> None:
    first, second = stored(files, b"first"), stored(files, b"second")

    assert first != second
    assert files.open(first).read(0, 5) == b"first"


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", f"{SHA256}.00000000.exe", f"{SHA256}.map", f"{SHA256}\n.map"]
)
def test_only_names_of_compiled_files_become_paths(name: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        CompiledName.parse(name)


def test_what_was_not_adopted_leaves_nothing(files: FolderFiles, tmp_path: Path) -> None:
    with files.temporary() as path:
        path.write_bytes(b"half")

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_that_is_lost_says_so(files: FolderFiles) -> None:
    name = stored(files, b"content")
    files.delete(name)

    with pytest.raises(FileNotFoundError, match=str(name)[2:]):
        files.open(name)


def test_a_file_that_was_cut_short_is_short_and_kills_nobody(files: FolderFiles) -> None:
    name = stored(files, b"x" * 100_000)
    file = files.open(name)

    os.truncate(files.path(name), 10)

    assert file.read(0, 100) == b"x" * 10
    assert file.read(50_000, 100) == b""


def test_a_reader_goes_on_while_the_file_is_deleted(files: FolderFiles, tmp_path: Path) -> None:
    name = stored(files, b"content")
    descriptors = OpenFiles()
    file = FolderFiles(tmp_path / "compiled", 1, descriptors).open(name)

    files.delete(name)

    assert file.read(0, 7) == b"content"
    descriptors.close()


def test_any_number_of_files_needs_few_descriptors(files: FolderFiles, opened: OpenFiles) -> None:
    names = [stored(files, b"%d" % number, f"{number:064x}") for number in range(10)]
    before = descriptors()

    readers = [files.open(name) for name in names]

    assert [reader.read(0, 9) for reader in readers] == [b"%d" % number for number in range(10)]
    assert len(opened) == 2
    assert descriptors() <= before + 2


def test_threads_read_what_is_theirs_while_descriptors_come_and_go(files: FolderFiles) -> None:
    readers = [
        files.open(stored(files, (b"%d" % number) * 5000, f"{number:064x}")) for number in range(8)
    ]
    wrong: list[int] = []

    def read(start: int) -> None:
        for turn in range(400):
            number = (start + turn * 3) % 8
            if readers[number].read(100, 50) != (b"%d" % number) * 50:
                wrong.append(number)

    threads = [threading.Thread(target=read, args=(start,)) for start in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_a_file_that_another_one_replaced_is_read_after_it_is_forgotten(
    tmp_path: Path, opened: OpenFiles
) -> None:
    path, other = tmp_path / "file", tmp_path / "other"
    path.write_bytes(b"before")
    other.write_bytes(b"after!")
    assert opened.read(str(path), [(0, 6)]) == [b"before"]
    other.replace(path)
    assert opened.read(str(path), [(0, 6)]) == [b"before"]

    opened.forget(str(path))

    assert opened.read(str(path), [(0, 6)]) == [b"after!"]


def test_ranges_may_be_asked_for_before_they_are_read(files: FolderFiles) -> None:
    file = files.open(stored(files, b"x" * 50_000))

    file.will_read([(40_000, 10), (0, 10), (20, 10), (49_999, 5)])
    file.will_read([])

    assert file.read(20, 10) == b"x" * 10


RANGES = [(40_000, 10), (0, 10), (20, 10), (49_999, 5), (60_000, 1)]


def test_what_is_not_in_memory_is_waited_for(tmp_path: Path, opened: OpenFiles) -> None:
    path, content = tmp_path / "file", os.urandom(50_000)
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            open_files, "_AT_ONCE", None
        )  # as on systems that can't say what is in memory
        assert not opened.waits

        found = opened.read(str(path), RANGES)

    assert found == [content[offset : offset + length] for offset, length in RANGES]
    assert opened.waits
    assert opened.read(str(path), RANGES) == found


def test_a_file_system_that_can_not_read_without_waiting_is_read_all_the_same(
    tmp_path: Path, opened: OpenFiles
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(open_files, "_AT_ONCE", 1 << 30)  # a flag that no kernel knows

        assert opened.read(str(path), [(90, 20)]) == [b"x" * 10]

    assert opened.waits


def test_leftovers_go_when_they_are_old(files: FolderFiles) -> None:
    with files.temporary() as path:
        path.write_bytes(b"somebody writes this right now")
        left = path.with_name("left")
        left.write_bytes(b"its writer was killed")
        make_old(left)

        assert files.sweep(an_hour_ago()) == 1

        assert path.exists()
        assert not left.exists()


def test_files_are_listed_by_age_and_strangers_left_alone(files: FolderFiles) -> None:
    old, young = stored(files, b"old"), stored(files, b"young", OTHER)
    make_old(files.path(old))
    stranger = files.path(old).with_name("lost+found")
    stranger.write_bytes(b"")
    make_old(stranger)

    assert list(files.older_than(an_hour_ago())) == [old]
    assert files.path(young).is_file()


def test_other_versions_do_not_meet(files: FolderFiles, tmp_path: Path) -> None:
    name = stored(files, b"of version 1")
    newer = FolderFiles(tmp_path / "compiled", 2)

    with pytest.raises(FileNotFoundError):
        newer.open(name)
    assert [older.version for older in newer.older_versions()] == [1]
    assert files.older_versions() == ()
