"""What symbolication asks of the world: uploaded files, found and read. (Interface.)

`artifacts.lookup` answers from storage, `headwater resolve` from a folder, tests from a dictionary.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.debug_id import DebugId
from headwater.sourcemaps.source_map import Script, SourceMap


class Artifact(Struct, frozen=True):
    """One uploaded file as the index knows it, without its content."""

    key: str
    """What `SourceMaps` needs to read it: a content digest, or a path."""
    type: ArtifactType
    url: str
    """The address it was uploaded under: `~/static/app.js`."""
    debug_id: DebugId | None
    source_map_reference: str | None
    """The `sourcemap` header of the upload, if any."""
    bundle: int | None = None
    uploaded_at: datetime | None = None


class SourceMaps(Protocol):
    """Uploaded files, as far as one event's project may see them."""

    def with_debug_id(self, debug_id: DebugId) -> Sequence[Artifact]:
        """Every file that claims the id, of any type and bundle, newest first."""
        ...

    def at_urls(self, urls: Sequence[str], release: str, dist: str | None) -> Sequence[Artifact]:
        """Files of exactly this release and dist at any of the addresses, newest first."""
        ...

    def in_bundle(self, bundle: int, urls: Sequence[str]) -> Sequence[Artifact]:
        """Files of one bundle, by the number that artifacts name it by, at any of the addresses."""
        ...

    def has_release(self, release: str, dist: str | None) -> bool:
        """Whether anything at all was uploaded for exactly this release and dist."""
        ...

    def open_map(self, artifact: Artifact, script: Artifact | None = None) -> SourceMap:
        """A source map, which is read when it is asked for.

        `script` is the minified file that it belongs to: for functions' names, where the map holds
        no sources. Raises MalformedSourceMap, SourceMapTooLarge, or ArtifactUnreadable if storage
        fails.
        """
        ...

    def open_inline_map(self, artifact: Artifact) -> SourceMap:
        """The map inside of a minified file. Raises as `open_map`."""
        ...

    def open_script(self, artifact: Artifact) -> Script:
        """A minified file, which is read when it is asked for. Raises as `open_map`."""
        ...

    def read_text(self, artifact: Artifact) -> str:
        """An uploaded original source, undecodable bytes replaced. Raises ArtifactUnreadable."""
        ...


class ArtifactUnreadable(Exception):
    """An uploaded file is in the index but its content can't be read: lost, damaged, or no access."""
