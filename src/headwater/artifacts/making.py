"""From an uploaded file to a compiled one that can be found: written by a child, durable, recorded."""

import errno
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from msgspec import Struct

from headwater.artifacts.compiler import Compiler, Ended
from headwater.artifacts.compiler_questions import (
    PARSE,
    Absent,
    Answer,
    AskedBack,
    Compile,
    CompileFunctions,
    Fault,
    Look,
    NameFunctions,
    NameGenerated,
    Stored,
    Written,
)
from headwater.storage.files.blobs import BlobNotFound
from headwater.storage.files.compiled import Compiled, NewCompiled
from headwater.storage.files.compiled_files import CompiledName, Kind, NearCompiledFiles, new_name
from headwater.storage.files.holders import HolderGone
from headwater.storage.files.places import NewPlace

MAX_RACES: Final = 5
"""Times that something is compiled anew because what it shares was given up meanwhile."""

MAX_LEFT_OUT: Final = 16
"""Sources of one map that the parser may die of; a map with more has no stored functions."""

TRIES_SECONDS: Final = 840
"""For all tries to name a map's functions, each without a source more: less than the time after
which somebody else tries it (`storage.files.compiled.LEASE`)."""

_UNWRITABLE: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""The storage's fault, which passes, and not that of a file."""

_LOST: Final = Fault("could not be read back from storage: it is gone", is_lasting=False)
_RACED: Final = Fault("needs others, which were given up all the time", is_lasting=False)

FUNCTIONS_OF: Final = {Kind.MAP: Kind.FUNCTIONS, Kind.INLINE: Kind.INLINE_FUNCTIONS}


class Kept(Protocol):
    """Uploaded files as they came."""

    def as_file(self, digest: str) -> AbstractContextManager[Path]:
        """A path to read a file at. Raises BlobNotFound, OSError."""
        ...


class Making(Struct, frozen=True):
    """Compiles what was uploaded. Doing it twice, at once or again, is harmless."""

    originals: Kept
    files: NearCompiledFiles
    register: Compiled
    script_of: Callable[[str], str | None]
    """The minified file that a map belongs to, both by SHA-256."""

    @property
    def folder(self) -> Path:
        """Of compiled files, for the child."""
        return self.files.folder

    def name_functions(
        self, compiler: Compiler, compiled: CompiledName, source: int, seconds: float
    ) -> Answer | Ended:
        """The functions in one source of a compiled map."""
        question = NameFunctions(str(self.folder), str(compiled), source)
        return compiler.ask(question, self._known, seconds)

    def name_generated(
        self, compiler: Compiler, compiled: CompiledName, script: str, seconds: float
    ) -> Answer | Ended:
        """The functions of a minified file, by SHA-256, which the map belongs to."""
        with self._paths(script) as path:
            if path is None:
                return _LOST
            question = NameGenerated(str(self.folder), str(compiled), path)
            return compiler.ask(question, self._known, seconds)

    def look(
        self,
        compiler: Compiler,
        script: tuple[str, CompiledName | None] | None,
        source_map: tuple[str, CompiledName] | None,
        debug_ids: Sequence[str] = (),
    ) -> Answer | Ended:
        """What there is to say of a minified file and its map, each by SHA-256 and compiled file."""
        with (
            self._paths(script[0] if script else None) as script_path,
            self._paths(source_map[0] if source_map else None) as map_path,
        ):
            question = Look(
                str(self.folder),
                script_path,
                str(script[1]) if script and script[1] else None,
                map_path,
                str(source_map[1]) if source_map else None,
                debug_ids,
            )
            return compiler.ask(question, self._known)

    def first_stage(
        self,
        compiler: Compiler,
        sha256: str,
        kind: Kind,
        now: datetime,
        seconds: float | None = None,
    ) -> CompiledName | Fault:
        """A map's mappings and texts, or a minified file: what is needed to look places up.

        Raises OSError if it can't be written, DatabaseError.
        """
        parses = True
        for _ in range(MAX_RACES):
            name = new_name(sha256, kind)
            with self._paths(sha256) as path, self.files.temporary() as target:
                if path is None:
                    return _LOST
                question = Compile(kind, path, sha256, str(name), str(target), parses)
                answer = compiler.ask(question, self._known, seconds)
                if isinstance(answer, Ended) and kind is Kind.SCRIPT and parses:
                    parses = False
                    continue
                if not isinstance(answer, Written):
                    return _fault(answer)
                size = self.files.adopt(target, name)
            new = NewCompiled(name, size, answer.uses, texts=_places(answer))
            if recorded := self._recorded(new, now):
                return recorded
        return _RACED

    def second_stage(
        self,
        compiler: Compiler,
        compiled: CompiledName,
        now: datetime,
        seconds: float = TRIES_SECONDS,
    ) -> CompiledName | Fault:
        """The functions in the sources of a compiled map. Raises as `first_stage`.

        A source that the parser dies of, or works on for too long, is left out.
        """
        left_out: list[str] = []
        until = time.monotonic() + seconds
        for _ in range(MAX_LEFT_OUT):
            left = until - time.monotonic()
            if left <= 0:
                return Fault(f"takes more than {seconds:g} seconds", is_lasting=False)
            name = new_name(compiled.sha256, FUNCTIONS_OF[compiled.kind])
            with (
                self._paths(compiled.sha256) as path,
                self._paths(self.script_of(compiled.sha256)) as script,
                self.files.temporary() as target,
            ):
                if path is None:
                    return _LOST
                question = CompileFunctions(
                    kind=name.kind,
                    path=path,
                    script=script,
                    folder=str(self.folder),
                    map=str(compiled),
                    key=str(name),
                    target=str(target),
                    left_out=left_out,
                )
                answer = compiler.ask(question, self._known, left)
                if isinstance(answer, Ended) and (culprit := _culprit(answer)):
                    left_out.append(culprit)
                    continue
                if isinstance(answer, Fault) and answer.damaged is not None:
                    self._give_up(compiled, CompiledName.parse(answer.damaged), now)
                if not isinstance(answer, Written):
                    return _fault(answer)
                size = self.files.adopt(target, name)
            new = NewCompiled(name, size, answer.uses, functions=_places(answer))
            if recorded := self._recorded(new, now):
                return recorded
        return Fault("has too many sources that can't be parsed")

    def _give_up(self, compiled: CompiledName, damaged: CompiledName, now: datetime) -> None:
        """Whoever looks something up in it next has it compiled anew."""
        if not self.files.renew(damaged):
            self.register.retire({compiled, damaged}, now)

    @contextmanager
    def _paths(self, sha256: str | None) -> Iterator[str | None]:
        """Where the child can read an uploaded file; None if it is lost."""
        with ExitStack() as opened:
            path = None
            if sha256 is not None:
                with suppress(BlobNotFound):
                    path = str(opened.enter_context(self.originals.as_file(sha256)))
            yield path

    def _known(self, wanted: AskedBack) -> Sequence[Stored]:
        if isinstance(wanted, Absent):
            with suppress(FileNotFoundError, ValueError):  # the child finds that out itself
                self.files.bring_near(CompiledName.parse(wanted.name))
            return ()
        places = self.register.functions if wanted.functions else self.register.texts
        found = places.known(wanted.digests)
        return [
            Stored(digest, place.holder, place.offset, place.length)
            for digest, place in found.items()
        ]

    def _recorded(self, new: NewCompiled, now: datetime) -> CompiledName | None:
        """The name that counts; None if what the file uses was given up meanwhile."""
        try:
            counts = self.register.record(new, now)
        except HolderGone:
            self.files.delete(new.name)
            return None
        if counts != new.name:  # another process was quicker
            self.files.delete(new.name)
        return counts


def _culprit(ended: Ended) -> str | None:
    """What the child was parsing, and died of or spent most of its time with."""
    word, _, work = (ended.note or "").partition(" ")
    return work if word == PARSE and ended.is_guilty else None


def _places(written: Written) -> Sequence[NewPlace]:
    return [NewPlace(each.digest, each.offset, each.length) for each in written.holds]


def _fault(answer: Answer | Ended) -> Fault:
    match answer:
        case Ended():
            return answer.fault
        case Fault(error=number) if number in _UNWRITABLE:
            raise OSError(number, os.strerror(number))
        case Fault():
            return answer
        case _:
            return Fault("was answered with something else", is_lasting=False)
