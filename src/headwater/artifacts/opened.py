"""Compiled files that are open in this process, and which of them was found damaged."""

import threading
import time
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.functions_file import FunctionsFile
from headwater.sourcemaps.compiled.parts import Bytes, CompiledFileDamaged, Ref
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.compiled.script_file import ScriptFile
from headwater.sourcemaps.source_map import Script
from headwater.sourcemaps.stored_functions import StoredFunctions
from headwater.storage.compiled import Compiled
from headwater.storage.compiled_files import CompiledFile, CompiledFiles, CompiledName, Kind

OPENED_BYTES: Final = 64 * 1024**2
"""Memory of maps that are open: directories of parts, 20 KB of a map of 8 MB, 400 KB of 105 MB."""

NAMES_BYTES: Final = 8 * 1024**2
"""Memory for which compiled files there are, as the database said: some ten thousand."""

LOOK_AGAIN_SECONDS: Final = 5
"""After this the database is asked again what there is of a map: its functions may have come."""

_NAME_BYTES: Final = 700
_DIRECTORY_SHARE: Final = 32
"""Of a compiled map's bytes, at least so much less is its directory in memory."""
_MAP_BYTES: Final = 8 * 1024


@dataclass(slots=True)
class OpenedMap:
    """A compiled map, and the files that hold texts for it, as far as they were read."""

    name: CompiledName
    compiled: CompiledMap
    holders: set[str] = field(default_factory=set)


class OpenedMaps:
    """Made once per process, for every thread. What was not used for longest is let go."""

    def __init__(self, files: CompiledFiles, register: Compiled) -> None:
        self._files = files
        self._register = register
        self._parts = Cache()
        self._maps = Cache(OPENED_BYTES)
        self._names = Cache(NAMES_BYTES)
        self._last = _LastRead()

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

    def map(self, name: CompiledName) -> OpenedMap:
        """Raises CompiledFileDamaged."""
        opened: OpenedMap | None = self._maps.get(name)
        if opened is None:
            file = self.open(str(name))
            holders: set[str] = set()

            def open_holder(key: str) -> Bytes:
                holders.add(key)
                return self.open(key)

            opened = OpenedMap(name, CompiledMap(file, open_holder, self._parts), holders)
            self._maps.put(name, opened, _MAP_BYTES + file.size // _DIRECTORY_SHARE)
        return opened

    def functions(self, name: CompiledName, opened: OpenedMap) -> StoredFunctions:
        """The functions of an opened map. Raises CompiledFileDamaged."""
        found: FunctionsFile | None = self._maps.get(name)
        if found is None:
            file = self.open(str(name))
            found = FunctionsFile(file, self.open, self._parts)
            self._maps.put(name, found, _MAP_BYTES + file.size // _DIRECTORY_SHARE)
        return StoredFunctions(found, opened.compiled)

    def script(self, name: CompiledName) -> Script:
        """Raises CompiledFileDamaged."""
        opened: Script | None = self._maps.get(name)
        if opened is None:
            file = self.open(str(name))
            opened = Script(ScriptFile(file, self._parts))
            self._maps.put(name, opened, _MAP_BYTES + file.size // _DIRECTORY_SHARE)
        return opened

    def check(self, name: CompiledName) -> None:
        """Raises CompiledFileDamaged if a compiled map or script can't be opened."""
        if name.kind is Kind.SCRIPT:
            self.script(name)
        else:
            self.map(name)

    def open(self, key: str) -> Bytes:
        """A compiled file by its name. Raises CompiledFileDamaged if it is lost."""
        self._last.key = key
        try:
            return _WatchedFile(self._files.open(CompiledName.parse(key)), self._last)
        except (OSError, ValueError) as error:
            raise CompiledFileDamaged(f"{key} can't be opened: {error}") from None

    def damaged(self) -> str | None:
        """The file that this thread read last: the one to blame for a CompiledFileDamaged."""
        return self._last.key

    def retire(self, names: Collection[CompiledName], now: datetime) -> None:
        """Nobody finds these any more. Raises DatabaseError."""
        self._register.retire(names, now)
        for name in names:
            self.forget(name.sha256)


class _LastRead(threading.local):
    """The name of the file that a thread read last."""

    def __init__(self) -> None:
        self.key: str | None = None


class _WatchedFile:
    """A compiled file whose failures are told as damages: it can be made anew whatever it was."""

    def __init__(self, file: CompiledFile, last: _LastRead) -> None:
        self._file = file
        self._last = last
        self.key = file.key
        self.size = file.size

    def read(self, offset: int, length: int) -> bytes:
        self._last.key = self.key
        try:
            return self._file.read(offset, length)
        except OSError as error:
            raise CompiledFileDamaged(f"{self.key} can't be read: {error}") from None

    def will_read(self, ranges: Iterable[Ref]) -> None:
        with suppress(OSError):  # reading it will tell
            self._file.will_read(ranges)
