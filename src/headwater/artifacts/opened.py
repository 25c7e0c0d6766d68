"""Compiled files that are open in this process, and which of them was found damaged."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar

from headwater.artifacts.watched import WatchedFiles
from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.functions_file import FunctionsFile
from headwater.sourcemaps.compiled.parts import Bytes
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.compiled.script_file import ScriptFile
from headwater.sourcemaps.source_map import Script
from headwater.storage.files.compiled import Compiled
from headwater.storage.files.compiled_files import CompiledName, Kind, NearCompiledFiles
from headwater.storage.process_counts import ProcessCounts

PARTS_BYTES: Final = 16 * 1024**2
"""Memory of what was decoded of them: parts of 40 stack traces that have nothing in common. What was
found out about a stack trace is remembered elsewhere, so that four times as much saved no time that
could be measured, and took 28 MB more of the machine's."""

OPENED_BYTES: Final = 64 * 1024**2
"""Memory of maps that are open: directories of parts, 50 KB of a map of 8 MB, 500 KB of 105 MB."""

NAMES_BYTES: Final = 8 * 1024**2
"""Memory for which compiled files there are, as the database said: some ten thousand."""

LOOK_AGAIN_SECONDS: Final = 5
"""After this the database is asked again what there is of a map: its functions may have come."""

T = TypeVar("T")
Sized = tuple[T, int]
"""Something, and the bytes of memory that it takes."""

_NAME_BYTES: Final = 700


@dataclass(slots=True)
class OpenedMap:
    """A compiled map, and the files that hold texts for it, as far as they were read."""

    name: CompiledName
    compiled: CompiledMap
    holders: set[str] = field(default_factory=set)


@dataclass(slots=True)
class OpenedFunctions:
    """The functions of a compiled map, and the files that hold tables for it, as far as read."""

    name: CompiledName
    file: FunctionsFile
    holders: set[str] = field(default_factory=set)


class OpenedMaps:
    """Made once per process, for every thread. What was not used for longest is let go."""

    def __init__(
        self, files: NearCompiledFiles, register: Compiled, counts: ProcessCounts | None = None
    ) -> None:
        """`counts`: of files that were open already, and that were not."""
        self._files = files
        self._counts = counts or ProcessCounts()
        self._watched = WatchedFiles(files)
        self._register = register
        self._parts = Cache(PARTS_BYTES)
        self._maps = Cache(OPENED_BYTES)
        self._names = Cache(NAMES_BYTES)

    @property
    def cache(self) -> Cache:
        """Of what was decoded of all of them."""
        return self._parts

    def find(self, sha256: str) -> dict[Kind, CompiledName]:
        """What is compiled of an uploaded file. Raises DatabaseError."""
        found: tuple[float, dict[Kind, CompiledName]] | None = self._names.get(sha256)
        if found is None or time.monotonic() > found[0]:
            names = {name.kind: name for name in self._register.find([sha256])}
            is_all = Kind.FUNCTIONS in names or Kind.INLINE_FUNCTIONS in names
            until = time.monotonic() + LOOK_AGAIN_SECONDS if not is_all else float("inf")
            found = self._names.put(sha256, (until, names), _NAME_BYTES)
        return found[1]

    def forget(self, sha256: str) -> None:
        """Ask the database again."""
        self._names.put(sha256, (float("-inf"), {}), _NAME_BYTES)

    def announce(self, name: CompiledName) -> None:
        """Let the system fetch what opening the file will read."""
        if name not in self._maps:
            self._watched.announce(str(name))

    def map(self, name: CompiledName) -> OpenedMap:
        """Raises CompiledFileDamaged."""
        return self._opened(name, self._open_map)

    def functions(self, name: CompiledName) -> OpenedFunctions:
        """Raises CompiledFileDamaged."""
        return self._opened(name, self._open_functions)

    def script(self, name: CompiledName) -> Script:
        """Raises CompiledFileDamaged."""
        return self._opened(name, self._open_script)

    def _opened(self, name: CompiledName, open_: Callable[[CompiledName, Bytes], Sized[T]]) -> T:
        found: T | None = self._maps.get(name)
        self._counts.add("opened", "hit" if found is not None else "miss")
        if found is None:
            found, size = open_(name, self._watched.open(str(name)))
            self._maps.put(name, found, size)
        return found

    def _open_map(self, name: CompiledName, file: Bytes) -> Sized[OpenedMap]:
        holders = _Holders(self._watched)
        compiled = CompiledMap(file, holders.open, self._parts)
        return OpenedMap(name, compiled, holders.keys), compiled.memory

    def _open_functions(self, name: CompiledName, file: Bytes) -> Sized[OpenedFunctions]:
        holders = _Holders(self._watched)
        functions = FunctionsFile(file, holders.open, self._parts)
        return OpenedFunctions(name, functions, holders.keys), functions.memory

    def _open_script(self, _name: CompiledName, file: Bytes) -> Sized[Script]:
        script = ScriptFile(file, self._parts)
        return Script(script), script.memory

    def check(self, name: CompiledName) -> None:
        """Raises CompiledFileDamaged if a compiled map or script can't be opened."""
        if name.kind is Kind.SCRIPT:
            self.script(name)
        else:
            self.map(name)

    def damaged(self) -> str | None:
        """The file to blame for a CompiledFileDamaged that this thread met."""
        return self._watched.last_read()

    def give_up(
        self, damaged: CompiledName | None, names: Collection[CompiledName], now: datetime
    ) -> bool:
        """Nobody finds these any more, since `damaged` is; whether they were given up. If that was
        a copy on this machine, it is let go, and all is as before. Raises DatabaseError,
        StorageUnreachable."""
        if damaged is not None and self._files.renew(damaged):
            return False
        self._register.retire(names, now)
        for name in names:
            self.forget(name.sha256)
        return True


class _Holders:
    """Opens the files that hold something for another, and remembers which."""

    def __init__(self, watched: WatchedFiles) -> None:
        self._watched = watched
        self.keys: set[str] = set()

    def open(self, key: str) -> Bytes:
        self.keys.add(key)
        return self._watched.open(key)
