"""What a folder takes on the disk."""

import os
from pathlib import Path
from typing import Final

from msgspec import Struct

BLOCK: Final = 512
"""Bytes of a block, as the system counts them, whatever the disk's own are."""


class FolderSize(Struct, frozen=True):
    """`size`: bytes that its files take, whole blocks of the disk."""

    files: int
    size: int


def folder_size(folder: Path) -> FolderSize:
    """All below it; nothing, if it is not there. Files that go meanwhile are left out."""
    files = size = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                found = os.lstat(os.path.join(root, name))  # noqa: PTH118 # a million times
            except FileNotFoundError:
                continue
            files += 1
            size += found.st_blocks * BLOCK
    return FolderSize(files, size)
