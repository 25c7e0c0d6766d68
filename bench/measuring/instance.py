"""What an instance makes of uploaded maps and keeps of them, in a folder: its own parts, no server."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from headwater.artifacts.compiler import COMPILER_BOUNDS, Compiler
from headwater.artifacts.compiler_questions import Fault
from headwater.artifacts.making import FUNCTIONS_OF, Making
from headwater.artifacts.second_stage import FUNCTIONS_SECONDS
from headwater.sourcemaps.compiled.parts import VERSION
from headwater.storage.database import Database
from headwater.storage.files.compiled import Compiled
from headwater.storage.files.compiled_files import (
    CompiledFiles,
    CompiledName,
    Kind,
    NearCompiledFiles,
)
from headwater.storage.files.folder import Folder
from headwater.storage.files.originals import Originals
from headwater.storage.files.packs import VERSION as PACKS_VERSION
from headwater.storage.files.packs import Packs
from headwater.storage.files.settle import Settling
from headwater.storage.migrate import migrate


class NotCompiled(Exception):
    """A map of the corpus was refused."""


class Instance:
    """Uploaded files, what was compiled of them, and the process that does that."""

    def __init__(self, folder: Path) -> None:
        database = Database(f"sqlite:///{folder / 'headwater.db'}")
        migrate(database)
        self.files = NearCompiledFiles(Folder(folder / "compiled"), VERSION)
        packs, pack_files = Packs(database), CompiledFiles(Folder(folder / "packs"), PACKS_VERSION)
        self._originals = Originals(Folder(folder / "files"), packs, pack_files)
        self._settling = Settling(self._originals, packs, pack_files)
        register = Compiled(database, VERSION)
        self._making = Making(self._originals, self.files, register, _no_script)
        self.compiler = Compiler(replace(COMPILER_BOUNDS, seconds=FUNCTIONS_SECONDS))
        self._folder = folder

    def upload(self, document: Path) -> str:
        """Keep a file as it comes; its SHA-256."""
        with document.open("rb") as file:
            return self._originals.put(iter(lambda: file.read(1 << 20), b""))[0]

    def compile(self, sha256: str, kind: Kind = Kind.MAP) -> CompiledName:
        """What look-ups need. Raises `NotCompiled`."""
        return _made(self._making.first_stage(self.compiler, sha256, kind, _now()))

    def name_functions(self, compiled: CompiledName) -> CompiledName:
        """What comes in the background. Raises `NotCompiled`."""
        assert compiled.kind in FUNCTIONS_OF
        return _made(self._making.second_stage(self.compiler, compiled, _now()))

    def settle(self, sha256: str) -> None:
        """Pack the original, as happens an hour after it came."""
        later = _now() + timedelta(days=1)
        assert self._settling.settle_one(sha256, later, later)

    def size(self, name: CompiledName) -> int:
        """Bytes of a compiled file."""
        return self.files.open(name).size

    def originals(self) -> int:
        """Bytes of all originals, packed or not."""
        folders = (self._folder / "packs", self._folder / "files")
        found = (path for each in folders for path in each.rglob("*"))
        return sum(path.stat().st_size for path in found if path.is_file())


@contextmanager
def instance(folder: Path) -> Iterator[Instance]:
    """An instance whose process ends with it."""
    made = Instance(folder)
    try:
        yield made
    finally:
        made.compiler.close()


def _no_script(_sha256: str) -> None:
    """All sources of the corpus's large maps have texts: no minified file is parsed for them."""


def _made(found: CompiledName | Fault) -> CompiledName:
    if isinstance(found, Fault):
        raise NotCompiled(found.sentence)
    return found


def _now() -> datetime:
    return datetime.now(UTC)
