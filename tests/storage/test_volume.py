"""Disks that forget."""

from pathlib import Path

from headwater.storage.volume import filesystem

MOUNTS = """overlay / overlay rw 0 0
tmpfs /run tmpfs rw 0 0
/dev/vda1 /data ext4 rw 0 0
/dev/vdb1 /srv/with\\040space ext4 rw 0 0
"""


def test_a_folder_is_on_the_file_system_mounted_nearest_above_it() -> None:
    assert filesystem(Path("/data/sourcemaps"), MOUNTS) == "ext4"
    assert filesystem(Path("/database"), MOUNTS) == "overlay"
    assert filesystem(Path("/run/headwater"), MOUNTS) == "tmpfs"


def test_a_mount_point_may_contain_a_space() -> None:
    assert filesystem(Path("/srv/with space/x"), MOUNTS) == "ext4"


def test_where_there_is_no_table_nothing_is_said() -> None:
    assert filesystem(Path("/data"), "") is None
