"""Uploaded files as symbolication asks for them: from the database and compiled files.

Nothing foreign is parsed here. What is not compiled, or lost or damaged, is compiled again by the
workshop's child from the file as it came.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from headwater.artifacts.compiler_questions import Fault
from headwater.artifacts.functions_of_other_script import FunctionsOfOtherScript
from headwater.artifacts.functions_on_demand import FunctionsOnDemand
from headwater.artifacts.known import KnownArtifacts
from headwater.artifacts.making import FUNCTIONS_OF
from headwater.artifacts.opened import OpenedFunctions, OpenedMap, OpenedMaps
from headwater.artifacts.workshop import FoundDamaged, Patience, Workshop
from headwater.protocol.debug_id import DebugId
from headwater.sourcemaps.compiled.parts import CompiledFileDamaged
from headwater.sourcemaps.reading.document import MalformedSourceMap, SourceMapTooLarge
from headwater.sourcemaps.source_map import Script, SourceMap
from headwater.sourcemaps.stored_functions import StoredFunctions
from headwater.storage.files.blobs import BlobNotFound, Blobs
from headwater.storage.files.compiled_files import CompiledName, Kind
from headwater.storage.uploads.artifact import OVER_LIMIT, ReleaseName, StoredFile
from headwater.storage.uploads.artifacts import Artifacts
from headwater.symbolicate.source_maps import Artifact, ArtifactUnreadable

MAX_SOURCE_FILE: Final = 16 * 1024**2
"""Bytes of an uploaded original source that is read: what people write has a tenth."""

MAX_HEALED_FUNCTIONS: Final = 2
"""Times that a map is made anew within an event; after that its functions are named anew for the event,
since their file may refer to many that are damaged."""

MAX_HEALED: Final = 4
"""Times that a map is made anew within an event; after that it is unreadable, and other maps'
frames are resolved."""

_FAULTY: Final = "fault:"
"""Begins the key of a file that was found unusable when it was assembled; its row's id follows."""


class StoredSourceMaps:
    """What one event may see: its own project's files and the instance's."""

    def __init__(
        self,
        project_id: int,
        artifacts: Artifacts | KnownArtifacts,
        blobs: Blobs,
        opened: OpenedMaps,
        workshop: Workshop,
        patience: Patience | None = None,
    ) -> None:
        """`blobs` hold the files as they came, by SHA-256; `patience` begins now."""
        self._project_id = project_id
        self._artifacts = artifacts
        self._blobs = blobs
        self._opened = opened
        self._workshop = workshop
        self._patience = patience or Patience()
        self._used: dict[CompiledName, OpenedMap | OpenedFunctions] = {}
        self._healed: Counter[str] = Counter()
        self._aside: dict[str, str] = {}
        """Why it can't be read now, by the SHA-256 of what it is compiled from."""
        self._has_failed = False

    @property
    def are_settled(self) -> bool:
        """Whether all that was asked was there: nothing was damaged, unreadable or yet to be made."""
        return not (self._has_failed or self._healed or self._aside or self._patience.was_needed)

    def with_debug_id(self, debug_id: DebugId) -> Sequence[Artifact]:
        """Every file that claims the id, of any type and bundle, newest first."""
        return _artifacts(self._artifacts.with_debug_id(self._project_id, debug_id))

    def at_urls(self, urls: Sequence[str], release: str, dist: str | None) -> Sequence[Artifact]:
        """Files of exactly this release and dist at any of the addresses, newest first."""
        name = ReleaseName(release, dist)
        return _artifacts(self._artifacts.at_urls(self._project_id, urls, name))

    def in_bundle(self, bundle: int, urls: Sequence[str]) -> Sequence[Artifact]:
        """Files of one bundle at any of the addresses."""
        return _artifacts(self._artifacts.in_bundle(self._project_id, bundle, urls))

    def has_release(self, release: str, dist: str | None) -> bool:
        """Whether anything at all was uploaded for exactly this release and dist."""
        return self._artifacts.has_release(self._project_id, ReleaseName(release, dist))

    def open_map(self, artifact: Artifact, script: Artifact | None = None) -> SourceMap:
        """The map. Raises MalformedSourceMap, SourceMapTooLarge or ArtifactUnreadable."""
        return self._map(artifact, Kind.MAP, script)

    def open_inline_map(self, artifact: Artifact) -> SourceMap:
        """The map inside of a minified file. Raises as `open_map`."""
        return self._map(artifact, Kind.INLINE, artifact)

    def open_script(self, artifact: Artifact) -> Script:
        """A minified file. Raises as `open_map`."""
        try:
            return self._opened.script(self._name(artifact, Kind.SCRIPT))
        except OSError as error:
            raise self._unreadable(artifact, error) from None

    def read_text(self, artifact: Artifact) -> str:
        """An original source, undecodable bytes replaced. Raises ArtifactUnreadable."""
        if artifact.key.startswith(_FAULTY):
            raise ArtifactUnreadable(str(self._why(artifact)))
        return self._content(artifact).decode("utf-8", "replace")

    def heal(self, error: CompiledFileDamaged) -> None:
        """What this event read last was damaged: it will be compiled anew, and so will be whatever
        of this event it holds texts or tables for; or it is only read again, if it was a copy.
        Raises DatabaseError, StorageUnreachable.
        """
        blamed = error.key if isinstance(error, FoundDamaged) else self._opened.damaged()
        names = self._blamed(blamed)
        damaged = None if blamed is None else CompiledName.parse(blamed)
        if self._opened.give_up(damaged, names, datetime.now(UTC)):
            self._healed.update({name.sha256 for name in names})
        self._used.clear()

    def set_aside(self, error: OSError) -> None:
        """What this event read last can't be read now: the event goes on without it. Nothing is
        given up, and the next event finds it."""
        for name in self._blamed(self._opened.damaged()):
            self._aside[name.sha256] = str(error.strerror)
        self._used.clear()

    def _blamed(self, key: str | None) -> set[CompiledName]:
        names = {each.name for each in self._used.values() if _rests_on(each, key)}
        return names if key is None else names | {CompiledName.parse(key)}

    def _map(self, artifact: Artifact, kind: Kind, script: Artifact | None) -> SourceMap:
        try:
            return self._opened_map(artifact, kind, script)
        except OSError as error:
            raise self._unreadable(artifact, error) from None

    def _opened_map(self, artifact: Artifact, kind: Kind, script: Artifact | None) -> SourceMap:
        name = self._name(artifact, kind)
        stored = self._opened.find(artifact.key).get(FUNCTIONS_OF[kind])
        if stored is not None:
            self._opened.announce(stored)
        opened = self._opened.map(name)
        self._used[opened.name] = opened
        asked = FunctionsOnDemand(opened, _sha256(script), self._workshop, self._patience)
        if stored is None or self._healed[artifact.key] >= MAX_HEALED_FUNCTIONS:
            return SourceMap(opened.compiled, (asked,))
        functions = self._opened.functions(stored)
        self._used[stored] = functions
        known = StoredFunctions(functions.file, opened.compiled)
        if functions.file.script == _sha256(script):
            return SourceMap(opened.compiled, (known,))
        return SourceMap(opened.compiled, (FunctionsOfOtherScript(known, asked),))

    def _name(self, artifact: Artifact, kind: Kind) -> CompiledName:
        if artifact.key.startswith(_FAULTY):
            raise self._why(artifact)
        if (why := self._aside.get(artifact.key)) is not None:
            raise ArtifactUnreadable(f"{artifact.url} can't be read: {why}")
        if self._healed[artifact.key] >= MAX_HEALED:
            raise ArtifactUnreadable(
                f"{artifact.url} can't be read back from what it is compiled to"
            )
        found = self._opened.find(artifact.key).get(kind)
        return self._compiled(artifact, kind) if found is None else found

    def _compiled(self, artifact: Artifact, kind: Kind) -> CompiledName:
        try:
            found = self._workshop.compiled(artifact.key, kind, self._patience)
        except OSError as error:
            sentence = f"{artifact.url} can't be compiled: {error.strerror}"
            raise ArtifactUnreadable(sentence) from None
        if isinstance(found, Fault):
            raise _error(found, f"{artifact.url} {found.sentence}")
        self._opened.forget(artifact.key)
        return found

    def _content(self, artifact: Artifact) -> bytes:
        try:
            size = self._blobs.size(artifact.key)
            if size > MAX_SOURCE_FILE:
                raise ArtifactUnreadable(
                    f"{artifact.url} has {size:,} bytes, too many for a source"
                )
            with self._blobs.open(artifact.key) as file:
                content = file.read(size)
        except BlobNotFound as error:
            self._has_failed = True
            raise ArtifactUnreadable(f"{artifact.url}: {error}") from None
        except OSError as error:
            raise self._unreadable(artifact, error) from None
        if hashlib.sha256(content).hexdigest() != artifact.key:
            self._has_failed = True
            raise ArtifactUnreadable(f"{artifact.url}: the stored file {artifact.key} is damaged")
        return content

    def _unreadable(self, artifact: Artifact, error: OSError) -> ArtifactUnreadable:
        self._has_failed = True
        return ArtifactUnreadable(f"{artifact.url} can't be read: {error.strerror}")

    def _why(self, artifact: Artifact) -> MalformedSourceMap | SourceMapTooLarge:
        fault = self._artifacts.fault(int(artifact.key.removeprefix(_FAULTY)))
        sentence = f"{artifact.url} {fault or 'is not stored any more'}"
        if fault is not None and fault.startswith(OVER_LIMIT):
            return SourceMapTooLarge(sentence)
        return MalformedSourceMap(sentence)


def _sha256(script: Artifact | None) -> str | None:
    return None if script is None or script.key.startswith(_FAULTY) else script.key


def _rests_on(opened: OpenedMap | OpenedFunctions, key: str | None) -> bool:
    return key is None or key == str(opened.name) or key in opened.holders


def _error(fault: Fault, sentence: str) -> Exception:
    if fault.sentence.startswith(OVER_LIMIT):
        return SourceMapTooLarge(sentence)
    return MalformedSourceMap(sentence) if fault.is_lasting else ArtifactUnreadable(sentence)


def _artifacts(files: Sequence[StoredFile]) -> tuple[Artifact, ...]:
    return tuple(
        Artifact(
            key=file.sha256 if file.fault is None else f"{_FAULTY}{file.id}",
            type=file.type,
            url=file.url,
            debug_id=file.debug_id,
            source_map_reference=file.source_map_reference,
            bundle=file.bundle,
            uploaded_at=file.uploaded_at,
        )
        for file in files
    )
