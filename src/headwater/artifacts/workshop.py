"""What one process asks its compiler for while events wait: within each event's time, and not again
for a while what failed lately."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from msgspec.structs import astuple

from headwater.artifacts.compiler import GUILTY_SHARE, Compiler, Ended
from headwater.artifacts.compiler_questions import Answer, Fault, Named
from headwater.artifacts.making import Making
from headwater.artifacts.opened import OpenedMap
from headwater.artifacts.troubles import Troubles
from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.parts import CompiledFileDamaged
from headwater.sourcemaps.compiling.compile_functions import table_digest
from headwater.sourcemaps.compiling.generated_functions import GeneratedFunctions
from headwater.sourcemaps.functions.function_table import FunctionTable
from headwater.storage.files.compiled_files import CompiledName, Kind
from headwater.storage.files.unreachable import StorageUnreachable
from headwater.storage.uploads.artifact import OVER_LIMIT

EVENT_SECONDS: Final = 20
"""For all that has to be compiled or parsed for one event, because it is not there yet or was
damaged: a map of 100 MB takes five."""

TABLES_BYTES: Final = 16 * 1024**2
"""Memory of function tables that were made for events before the background came to them."""

_ENTRY_BYTES: Final = 100
_TABLE_BYTES: Final = 500


class FoundDamaged(CompiledFileDamaged):
    """A compiled file that the child read is damaged; `key` names it."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} was found damaged when functions were to be named")
        self.key = key


class Patience:
    """The time that one event has for its children's work."""

    def __init__(self, seconds: float = EVENT_SECONDS) -> None:
        self.seconds = seconds
        self.was_needed = False
        self._until = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds; asked for by who has something to do with them."""
        self.was_needed = True
        return max(0.0, self._until - time.monotonic())


class Workshop:
    """Made once per process, for every thread; it has one compiler."""

    def __init__(
        self, making: Making, compiler: Compiler, troubles: Troubles | None = None
    ) -> None:
        self._making = making
        self._compiler = compiler
        self._troubles = troubles or Troubles()
        self._tables = Cache(TABLES_BYTES)

    def compiled(self, sha256: str, kind: Kind, patience: Patience) -> CompiledName | Fault:
        """Compile an uploaded file. Raises OSError, DatabaseError."""
        work = f"{kind} {sha256}"
        if known := self._troubles.current().get(work):
            return Fault(known)
        seconds = patience.left
        if not seconds:
            return Fault(f"{OVER_LIMIT}{_used_up(patience)}", is_lasting=False)
        now = datetime.now(UTC)
        found = self._making.first_stage(self._compiler, sha256, kind, now, seconds)
        if isinstance(found, Fault) and found.is_lasting:
            self._remember(work, found.sentence, seconds, patience)
        return found

    def functions(self, opened: OpenedMap, source: int, patience: Patience) -> FunctionTable | None:
        """The functions in one source of a map; None if that can't be said (in time).

        Raises CompiledFileDamaged.
        """
        its = opened.compiled.source(source)
        if not its.digest:
            return None
        tables = self._tables_of(
            f"parse {table_digest(its.digest, its.name or '').hex()}",
            lambda left: self._making.name_functions(self._compiler, opened.name, source, left),
            patience,
        )
        return tables[0] if tables else None

    def generated(
        self, opened: OpenedMap, script: str, patience: Patience
    ) -> GeneratedFunctions | None:
        """The functions of a minified file, by SHA-256; None if that can't be said (in time)."""
        tables = self._tables_of(
            f"parse {script} for {opened.name.sha256}",
            lambda left: self._making.name_generated(self._compiler, opened.name, script, left),
            patience,
        )
        return GeneratedFunctions(*tables) if tables else None

    @property
    def pid(self) -> int | None:
        """The compiler's process id while it runs."""
        return self._compiler.pid

    def close(self) -> None:
        """End the compiler."""
        self._compiler.close()

    def _tables_of(
        self, work: str, ask: Callable[[float], Answer | Ended], patience: Patience
    ) -> Sequence[FunctionTable]:
        kept: Sequence[FunctionTable] | None = self._tables.get(work)
        seconds = patience.left
        if kept is not None or work in self._troubles.current() or not seconds:
            return kept or ()
        try:
            answer = ask(seconds)
        except StorageUnreachable:  # the map is here all the same
            return ()
        if isinstance(answer, Ended):
            self._remember(work, answer.fault.sentence, seconds, patience)
            return ()
        if isinstance(answer, Fault) and answer.damaged is not None:
            raise FoundDamaged(answer.damaged)
        if isinstance(answer, Fault) and not answer.is_lasting:
            return ()
        found: tuple[FunctionTable, ...] = ()
        if isinstance(answer, Named):
            found = tuple(FunctionTable(*astuple(table)) for table in answer.tables)
        size = _TABLE_BYTES + sum(_ENTRY_BYTES * len(table) for table in found)
        return self._tables.put(work, found, size)

    def _remember(self, work: str, sentence: str, seconds: float, patience: Patience) -> None:
        if seconds >= GUILTY_SHARE * patience.seconds:
            self._troubles.remember(work, sentence)


def _used_up(patience: Patience) -> str:
    return f"the event's other files took the {patience.seconds:g} seconds that it has"
