"""The parts of the storage of source maps."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from msgspec import Struct

from headwater.storage.files.folder import Folder
from headwater.storage.files.store import BlobStore, NearStore, Root, Store

CHUNKS: Final = "chunks"
FILES: Final = "files"
PACKS: Final = "packs"
COMPILED: Final = "compiled"
CANARIES: Final = ".instances"
"""What their keys begin with, in a folder as in a bucket: one can be copied to the other as it is."""

COPIES: Final = "copies"
"""The folder of copies of what is in a bucket, and of what is on its way there: nothing that was in the
folder before is one."""

PARTS: Final = (CHUNKS, FILES, PACKS, COMPILED)


def any_file(stores: Iterable[Store]) -> bool:
    """Whether there is one in any of them. Raises OSError."""
    return any(True for store in stores for _ in store.entries())


def nothing_waits(_seconds: float) -> int:
    """Files are deleted at once."""
    return 0


class Stores(Struct, frozen=True):
    """`files` are those that were uploaded, `packs` the same packed, `compiled` what is made of them."""

    chunks: BlobStore
    files: BlobStore
    packs: Store
    compiled: NearStore
    canaries: BlobStore
    root: Root
    """All of it, with its mark."""
    finish: Callable[[float], int] = nothing_waits
    """Waits so many seconds for files that are deleted in the background; how many are left."""


def folder_stores(root: Path) -> Stores:
    """In one folder."""
    folder = Folder(root, marked=root)
    return Stores(
        folder.below(CHUNKS),
        folder.below(FILES),
        folder.below(PACKS),
        folder.below(COMPILED),
        folder.below(CANARIES),
        Folder(root),  # whose mark is still to come
    )
