"""What is stored in folders, whose files tests look at and damage."""

from pathlib import Path

from headwater.storage.files.blobs import Algorithm, Blobs
from headwater.storage.files.compiled_files import CompiledFiles, CompiledName, NearCompiledFiles
from headwater.storage.files.folder import MARK, Folder
from headwater.storage.files.open_files import OpenFiles
from headwater.storage.files.originals import Originals
from headwater.storage.files.packs import Packs


def mark(root: Path) -> None:
    """The folder is a storage, of which nobody says whose."""
    (root / MARK).touch()


class FolderBlobs(Blobs):
    """Blobs in a folder."""

    def __init__(self, root: Path, algorithm: Algorithm) -> None:
        super().__init__(Folder(root), algorithm)
        self.root = root

    def path(self, digest: str) -> Path:
        """Where a blob is, or would be."""
        return self.root / self.key(digest)


class FolderOriginals(Originals):
    """Uploaded files in a folder."""

    def __init__(self, root: Path, packs: Packs, files: CompiledFiles) -> None:
        super().__init__(Folder(root), packs, files)
        self.root = root

    def path(self, digest: str) -> Path:
        """Where a raw file is, or would be."""
        return self.root / self.key(digest)


class FolderFiles(NearCompiledFiles):
    """Compiled files in a folder."""

    def __init__(self, root: Path, version: int, files: OpenFiles | None = None) -> None:
        super().__init__(Folder(root, files), version)

    def path(self, name: CompiledName) -> Path:
        """Where a file is, or would be."""
        return self.folder / self.key(name)
