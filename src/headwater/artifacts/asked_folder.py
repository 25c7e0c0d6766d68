"""Compiled files as the compiler's process sees them: in a folder, into which its parent brings more."""

from collections.abc import Callable
from pathlib import Path

from headwater.storage.files.compiled_files import name_of
from headwater.storage.files.folder import Folder, FolderReading


class AskedFolder(Folder):
    """A folder that may have copies only of what was used last."""

    def __init__(self, root: Path, fetch: Callable[[str], None]) -> None:
        """`fetch` has the compiled file of this name brought to the folder, if there is one."""
        super().__init__(root)
        self._fetch = fetch

    def reading(self, key: str) -> FolderReading:
        """Asks for a file that is not there, once."""
        try:
            return super().reading(key)
        except FileNotFoundError:
            self._fetch(str(name_of(key)))
        return super().reading(key)
