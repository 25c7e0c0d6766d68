"""A folder on a volume that goes away while it is written to or looked through."""

from pathlib import Path

import pytest

from headwater.storage.files.folder import MARK, Folder
from headwater.storage.files.unreachable import StorageUnreachable
from tests.folders import mark


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "volume"
    root.mkdir()
    mark(root)
    return root


@pytest.fixture
def folder(root: Path) -> Folder:
    return Folder(root, marked=root).below("files")


def unmount(root: Path) -> None:
    """What stays is the bare mount point."""
    root.rename(root.with_name("aside"))
    root.mkdir()


def written(folder: Folder) -> Path:
    temporary = folder.temporary()
    temporary.write_bytes(b"content")
    return temporary


@pytest.mark.parametrize("is_synced", [True, False])
def test_what_was_written_before_the_volume_went_is_not_adopted_beside_it(
    folder: Folder, root: Path, *, is_synced: bool
) -> None:
    temporary = written(folder)
    unmount(root)

    with pytest.raises(StorageUnreachable, match="is its volume mounted"):
        folder.adopt(temporary, "ab/cd", is_synced=is_synced)
    with pytest.raises(StorageUnreachable, match="is its volume mounted"):
        folder.adopt_all({temporary: "ab/cd"})

    assert list(root.iterdir()) == []


def test_what_is_written_beside_the_volume_is_not_adopted(folder: Folder, root: Path) -> None:
    unmount(root)
    (root / "files" / "tmp").mkdir(parents=True)

    with pytest.raises(StorageUnreachable, match="is its volume mounted"):
        folder.adopt(written(folder), "ab/cd")

    assert not (root / "files" / "ab").exists()


def test_a_volume_that_goes_while_it_is_looked_through_has_not_shown_all(
    folder: Folder, root: Path
) -> None:
    for key in ("ab/cd", "ef/gh"):
        folder.adopt(written(folder), key)
    entries = folder.entries()
    assert next(entries).key == "ab/cd"

    (root / MARK).unlink()

    with pytest.raises(StorageUnreachable, match="is its volume mounted"):
        list(entries)


def test_what_can_t_be_looked_through_is_not_taken_for_empty(folder: Folder) -> None:
    folder.adopt(written(folder), "ab")

    with pytest.raises(StorageUnreachable, match="ab can't be read: Not a directory"):
        list(folder.entries("ab/"))
