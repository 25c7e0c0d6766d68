"""Room on a disk."""

import shutil
from pathlib import Path

from headwater.storage.disk import MAX_AGE_SECONDS, RESERVE, RESERVED_PART, FreeSpace


def test_there_is_room_while_the_reserve_is_free(tmp_path: Path) -> None:
    everything = shutil.disk_usage(tmp_path).total

    assert FreeSpace(tmp_path, 1).has_room()
    assert not FreeSpace(tmp_path, everything + 1).has_room()


def test_what_is_missing_is_told_in_bytes(tmp_path: Path) -> None:
    everything = shutil.disk_usage(tmp_path).total

    assert FreeSpace(tmp_path, 1).missing(2) == 0
    assert FreeSpace(tmp_path, everything).missing(3) >= 2 * everything


def test_the_reserve_is_a_small_part_of_a_small_disk(tmp_path: Path) -> None:
    everything = shutil.disk_usage(tmp_path).total
    expected = min(RESERVE, everything // RESERVED_PART)

    # So many reserves that the disk's other users don't matter.
    assert FreeSpace(tmp_path).missing(10_000) + everything >= 10_000 * expected
    assert FreeSpace(tmp_path).missing(10_000) <= 10_000 * expected


def test_the_disk_is_not_asked_for_every_request(tmp_path: Path) -> None:
    moment = 100.0
    folder = tmp_path / "data"
    folder.mkdir()
    space = FreeSpace(folder, 1, clock=lambda: moment)
    assert space.has_room()

    folder.rmdir()

    assert space.has_room()
    moment += MAX_AGE_SECONDS
    assert not space.has_room(), "a disk that can't be asked has no room"
    folder.mkdir()
    moment += MAX_AGE_SECONDS
    assert space.has_room()
