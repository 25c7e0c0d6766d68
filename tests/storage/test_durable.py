"""Files that get their names: all of them or nothing."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from headwater.storage.files.durable import adopt, make_folder, sweep, written_at


def test_a_file_is_adopted_into_folders_that_are_not_there_yet(tmp_path: Path) -> None:
    written = tmp_path / "written"
    written.write_bytes(b"content")

    assert adopt(written, tmp_path / "one" / "two" / "three") == 7

    assert (tmp_path / "one" / "two" / "three").read_bytes() == b"content"
    assert not written.exists()


def test_many_make_the_same_folder_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "c"
    threads = [threading.Thread(target=make_folder, args=(folder,)) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert folder.is_dir()


def test_what_is_gone_is_young_and_sweeping_nothing_is_fine(tmp_path: Path) -> None:
    later = datetime.now(UTC) + timedelta(days=1)

    assert written_at(tmp_path / "gone") > later
    assert sweep(tmp_path / "gone", later) == 0
