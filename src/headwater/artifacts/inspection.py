"""What an uploaded file turns out to be once it is compiled."""

from datetime import UTC, datetime

from msgspec import Struct

from headwater.artifacts.compiler import Compiler
from headwater.artifacts.compiler_questions import Fault
from headwater.artifacts.compilers import Compilers
from headwater.artifacts.facts.of_pair import Facts
from headwater.artifacts.making import Making
from headwater.artifacts.opened import OpenedMaps
from headwater.protocol.bundle import ArtifactType
from headwater.protocol.debug_id import UUID_LENGTH, DebugId, parse_debug_id
from headwater.sourcemaps.compiled.parts import CompiledFileDamaged
from headwater.sourcemaps.urls import is_data_url
from headwater.storage.files.compiled_files import CompiledName, Kind
from headwater.storage.uploads.artifact import NewFile
from headwater.storage.uploads.home import Home


class Inspection(Struct, frozen=True):
    """What was found. `fault`: a sentence's end on why the file can't be used, or None."""

    fault: str | None = None
    debug_id: DebugId | None = None
    """The id inside of the file; clients put it into the manifest as well, but not always."""
    has_map: bool = False
    """Whether positions can be looked up in it: a source map, or a file with one inside."""
    is_empty: bool = False
    """Whether it is a source map, or has one inside, that maps nothing."""


class Inspector:
    """Compiles files that were just stored; what was compiled before is not compiled again."""

    def __init__(self, making: Making, opened: OpenedMaps, compilers: Compilers) -> None:
        self._making = making
        self._opened = opened
        self._compilers = compilers

    def inspect(self, home: Home, sha256: str, kind: ArtifactType) -> Inspection:
        """What a file stored by this home turns out to be; every fault of its content is an answer.

        Raises OSError if what is compiled can't be written, DatabaseError.
        """
        if kind is ArtifactType.SOURCE_MAP:
            return self._map(home, sha256, Kind.MAP)
        if kind is ArtifactType.MINIFIED_SOURCE:
            return self._script(home, sha256)
        return Inspection()

    def look(self, home: Home, script: NewFile | None, source_map: NewFile | None) -> Facts | None:
        """What there is to say of a minified file and its map, both inspected; None if that can't be
        said: the process that looks ended, or something is damaged. Raises DatabaseError, OSError.
        """
        its = None if script is None else self._opened.find(script.sha256)
        asked = its_map = None
        if script is not None and its is not None:
            asked = (script.sha256, its.get(Kind.SCRIPT))
            if Kind.INLINE in its:
                its_map = (script.sha256, its[Kind.INLINE])
        if source_map is not None:
            compiled = self._opened.find(source_map.sha256).get(Kind.MAP)
            its_map = None if compiled is None else (source_map.sha256, compiled)
        ids = [script.debug_id[:UUID_LENGTH]] if script is not None and script.debug_id else []
        with self._compilers.one(home) as compiler:
            found = self._making.look(compiler, asked, its_map, ids)
        return found if isinstance(found, Facts) else None

    def _map(self, home: Home, sha256: str, kind: Kind) -> Inspection:
        made = self._made(home, sha256, kind)
        if isinstance(made, Fault):
            return Inspection(fault=made.sentence)
        found = self._opened.map(made).compiled
        return Inspection(
            debug_id=parse_debug_id(found.debug_id),
            has_map=found.mappings > 0,
            is_empty=not found.mappings,
        )

    def _script(self, home: Home, sha256: str) -> Inspection:
        made = self._made(home, sha256, Kind.SCRIPT)
        if isinstance(made, Fault):
            return Inspection(fault=made.sentence)
        script = self._opened.script(made)
        debug_id = parse_debug_id(script.debug_id)
        if not is_data_url(script.source_mapping_url or ""):
            return Inspection(debug_id=debug_id)
        inside = self._map(home, sha256, Kind.INLINE)
        return Inspection(debug_id=debug_id, has_map=inside.has_map, is_empty=inside.is_empty)

    def _made(self, home: Home, sha256: str, kind: Kind) -> CompiledName | Fault:
        """What was compiled before, if it can be opened."""
        name = self._opened.find(sha256).get(kind)
        now = datetime.now(UTC)
        if name is not None:
            try:
                self._opened.check(name)
            except CompiledFileDamaged:
                if not self._opened.give_up(name, [name], now):
                    return self._made(home, sha256, kind)
            else:
                return name
        with self._compilers.one(home) as compiler:
            return self._compile(compiler, sha256, kind, now)

    def _compile(
        self, compiler: Compiler, sha256: str, kind: Kind, now: datetime
    ) -> CompiledName | Fault:
        found = self._making.first_stage(compiler, sha256, kind, now)
        self._opened.forget(sha256)
        return found
