"""Uploaded files in a dictionary: the simplest thing that symbolication can be asked to use."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from headwater.protocol.bundle import ArtifactType, open_bundle
from headwater.protocol.debug_id import DebugId, parse_debug_id
from headwater.sourcemaps.in_memory import script_in_memory, source_map_in_memory
from headwater.sourcemaps.reading.inline import inline_map
from headwater.sourcemaps.source_map import Script, SourceMap
from headwater.symbolicate.source_maps import Artifact, ArtifactUnreadable


@dataclass
class DictionarySourceMaps:
    """Newest upload first, as the real ones."""

    artifacts: list[tuple[Artifact, str | None, str | None]] = field(default_factory=list)
    """Each with the release and dist that it was uploaded for."""
    contents: dict[str, bytes] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    """Keys whose content storage can't give back."""

    def add(  # noqa: PLR0913 — an upload has many properties
        self,
        type: ArtifactType,  # noqa: A002 — as in a manifest
        url: str,
        content: bytes | str,
        debug_id: str | None = None,
        *,
        reference: str | None = None,
        release: str | None = None,
        dist: str | None = None,
        bundle: int = 1,
    ) -> Artifact:
        """Upload one file."""
        data = content.encode() if isinstance(content, str) else content
        key = hashlib.sha256(data).hexdigest()
        self.contents[key] = data
        artifact = Artifact(key, type, url, parse_debug_id(debug_id), reference, bundle)
        self.artifacts.insert(0, (artifact, release, dist))
        return artifact

    def add_bundle(self, path: Path) -> None:
        """Upload a whole bundle."""
        with path.open("rb") as file, open_bundle(file) as bundle:
            manifest = bundle.manifest
            for entry in manifest.entries:
                self.add(
                    entry.type,
                    entry.url,
                    b"".join(bundle.read(entry.path)),
                    entry.debug_id,
                    reference=entry.source_map_reference,
                    release=manifest.release,
                    dist=manifest.dist,
                )

    def with_debug_id(self, debug_id: DebugId) -> Sequence[Artifact]:
        return [artifact for artifact, _, _ in self.artifacts if artifact.debug_id == debug_id]

    def at_urls(self, urls: Sequence[str], release: str, dist: str | None) -> Sequence[Artifact]:
        return [
            artifact
            for artifact, *belongs_to in self.artifacts
            if artifact.url in urls and belongs_to == [release, dist]
        ]

    def in_bundle(self, bundle: int, urls: Sequence[str]) -> Sequence[Artifact]:
        return [each for each, _, _ in self.artifacts if each.url in urls and each.bundle == bundle]

    def has_release(self, release: str, dist: str | None) -> bool:
        return any(belongs_to == [release, dist] for _, *belongs_to in self.artifacts)

    def open_map(self, artifact: Artifact, script: Artifact | None = None) -> SourceMap:
        beside = None if script is None or script.key in self.lost else self.read_text(script)
        return source_map_in_memory(self._read(artifact), beside)

    def open_inline_map(self, artifact: Artifact) -> SourceMap:
        text = self.read_text(artifact)
        return source_map_in_memory(inline_map(text), text)

    def open_script(self, artifact: Artifact) -> Script:
        return script_in_memory(self.read_text(artifact))

    def read_text(self, artifact: Artifact) -> str:
        return self._read(artifact).decode("utf-8", "replace")

    def _read(self, artifact: Artifact) -> bytes:
        if artifact.key in self.lost:
            raise ArtifactUnreadable(f"{artifact.url} is not in storage any more")
        return self.contents[artifact.key]
