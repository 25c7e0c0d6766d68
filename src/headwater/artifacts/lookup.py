"""Uploaded files as symbolication asks for them: from the database and the blobs."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

from headwater.protocol.debug_id import DebugId
from headwater.sourcemaps.document import MalformedSourceMap, SourceMapTooLarge
from headwater.sourcemaps.in_memory import script_in_memory, source_map_in_memory
from headwater.sourcemaps.inline import inline_map
from headwater.sourcemaps.source_map import Script, SourceMap
from headwater.storage.artifact import OVER_LIMIT, ReleaseName, StoredFile
from headwater.storage.artifacts import Artifacts
from headwater.storage.blobs import BlobNotFound, DiskBlobs
from headwater.symbolicate.source_maps import Artifact, ArtifactUnreadable

CACHE_BYTES: Final = 512 * 1024**2
"""Memory of all decoded maps that one process keeps: the chunks of a large application."""

MAX_FILE: Final = 512 * 1024**2
"""Bytes of a file that are read at all: what assembly accepts is smaller, unless its limit is raised."""

_FAULTY: Final = "fault:"
"""Begins the key of a file that was found unusable when it was assembled; its row's id follows."""

_INLINE: Final = " inline"
"""Ends the key of a map that is inside of the minified file with the digest before it."""


class DecodedMaps:
    """Decoded source maps by the digest of their content; made once per process, for every thread."""

    def __init__(self, capacity: int = CACHE_BYTES) -> None:
        """`capacity` in bytes. The map just used is kept whatever its size."""
        self._capacity = capacity
        self._maps: OrderedDict[str, tuple[SourceMap, int]] = OrderedDict()
        self._used = 0
        self._lock = threading.Lock()

    def of(self, sha256: str, decode: Callable[[], tuple[SourceMap, int]]) -> SourceMap:
        """The map that is kept; if there is none, what `decode` gives is, with its size in bytes."""
        found = self.get(sha256)
        if found is None:
            found, size = decode()
            self.keep(sha256, found, size)
        return found

    def get(self, sha256: str) -> SourceMap | None:
        """The decoded map, if it is kept."""
        with self._lock:
            found = self._maps.get(sha256)
            if found is not None:
                self._maps.move_to_end(sha256)
            return None if found is None else found[0]

    def keep(self, sha256: str, decoded: SourceMap, size: int) -> None:
        """Keep a map, and let go of those that were not used for longest."""
        with self._lock:
            if sha256 in self._maps:
                return
            self._maps[sha256] = decoded, size
            self._used += size
            while self._used > self._capacity and len(self._maps) > 1:
                _, (_, freed) = self._maps.popitem(last=False)
                self._used -= freed


class StoredSourceMaps:
    """What one project's events may see: the project's own files and the instance's."""

    def __init__(
        self, project_id: int, artifacts: Artifacts, blobs: DiskBlobs, decoded: DecodedMaps
    ) -> None:
        """`blobs` hold the files, by SHA-256."""
        self._project_id = project_id
        self._artifacts = artifacts
        self._blobs = blobs
        self._decoded = decoded

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
        if artifact.key.startswith(_FAULTY):
            raise self._why(artifact)

        def decode() -> tuple[SourceMap, int]:
            content = self._content(artifact)
            beside = None if script is None else self._text_if_readable(script)
            return source_map_in_memory(content, beside), len(content)

        return self._decoded.of(artifact.key, decode)

    def open_inline_map(self, artifact: Artifact) -> SourceMap:
        """The map inside of a minified file. Raises as `open_map`."""

        def decode() -> tuple[SourceMap, int]:
            text = self.read_text(artifact)
            return source_map_in_memory(inline_map(text), text), len(text)

        return self._decoded.of(f"{artifact.key}{_INLINE}", decode)

    def open_script(self, artifact: Artifact) -> Script:
        """A minified file. Raises ArtifactUnreadable."""
        return script_in_memory(self.read_text(artifact))

    def read_text(self, artifact: Artifact) -> str:
        """The file's text, undecodable bytes replaced. Raises ArtifactUnreadable."""
        if artifact.key.startswith(_FAULTY):
            raise ArtifactUnreadable(str(self._why(artifact)))
        try:
            return self._content(artifact).decode("utf-8", "replace")
        except SourceMapTooLarge as error:
            raise ArtifactUnreadable(str(error)) from None

    def _text_if_readable(self, script: Artifact) -> str | None:
        try:
            return self.read_text(script)
        except ArtifactUnreadable:
            return None

    def _content(self, artifact: Artifact) -> bytes:
        try:
            with self._blobs.open(artifact.key) as file:
                size = self._blobs.size(artifact.key)
                if size > MAX_FILE:
                    raise SourceMapTooLarge(f"{artifact.url} has more than {MAX_FILE:,} bytes")
                # Not `read(MAX_FILE)`, which takes that much memory before it reads.
                content = file.read(size)
        except BlobNotFound as error:
            raise ArtifactUnreadable(f"{artifact.url}: {error}") from None
        except OSError as error:
            raise ArtifactUnreadable(f"{artifact.url}: {error.strerror}") from None
        if hashlib.sha256(content).hexdigest() != artifact.key:
            raise ArtifactUnreadable(f"{artifact.url}: the stored file {artifact.key} is damaged")
        return content

    def _why(self, artifact: Artifact) -> MalformedSourceMap | SourceMapTooLarge:
        fault = self._artifacts.fault(int(artifact.key.removeprefix(_FAULTY)))
        sentence = f"{artifact.url} {fault or 'is not stored any more'}"
        if fault is not None and fault.startswith(OVER_LIMIT):
            return SourceMapTooLarge(sentence)
        return MalformedSourceMap(sentence)


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
