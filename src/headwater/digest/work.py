"""What a resolver tells of the work it is at, and which work it is told to leave alone."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from headwater.protocol.debug_id import DebugId
from headwater.sourcemaps.document import SourceMapTooLarge
from headwater.sourcemaps.map_functions import FunctionName
from headwater.sourcemaps.source_map import Script, SourceMap
from headwater.symbolicate.source_maps import Artifact, SourceMaps


class Task(StrEnum):
    """Work on one uploaded file that may take long, or never end."""

    DECODE = "decode"
    NAME_BY_SOURCES = "name by sources"
    """Parse sources in a map, to name functions."""
    NAME_BY_SCRIPT = "name by script"
    """Parse a minified file, to name functions."""


class Work:
    """The work of one event."""

    def __init__(self, refused: Mapping[str, str], note: Callable[[str], None]) -> None:
        """`refused`: names of work (see `name_of`) with the reason; `note` is told each that begins."""
        self._refused = refused
        self._note = note

    def refusal(self, task: Task, key: str) -> str | None:
        """Why the work had better not begin; if nothing speaks against it, it has begun."""
        name = name_of(task, key)
        if name not in self._refused:
            self._note(name)
        return self._refused.get(name)


def name_of(task: Task, key: str) -> str:
    """One task on one file, by the key of its artifact."""
    return f"{task} {key}"


class NotedMap(SourceMap):
    """A map whose sources and script are parsed under supervision."""

    def __init__(self, found: SourceMap, key: str, work: Work) -> None:
        super().__init__(found.compiled, ())
        self._found = found
        self._artifact_key = key
        self._work = work

    def function_at(self, source: int, line: int, column: int) -> FunctionName | None:
        if self._work.refusal(Task.NAME_BY_SOURCES, self._artifact_key) is not None:
            return None
        return self._found.function_at(source, line, column)

    def generated_function_at(self, line: int, column: int) -> FunctionName | None:
        if self._work.refusal(Task.NAME_BY_SCRIPT, self._artifact_key) is not None:
            return None
        return self._found.generated_function_at(line, column)


class NotedMaps:
    """Uploaded files that are opened under supervision."""

    def __init__(self, maps: SourceMaps, work: Work) -> None:
        self._maps = maps
        self._work = work

    def with_debug_id(self, debug_id: DebugId) -> Sequence[Artifact]:
        return self._maps.with_debug_id(debug_id)

    def at_urls(self, urls: Sequence[str], release: str, dist: str | None) -> Sequence[Artifact]:
        return self._maps.at_urls(urls, release, dist)

    def has_release(self, release: str, dist: str | None) -> bool:
        return self._maps.has_release(release, dist)

    def open_map(self, artifact: Artifact, script: Artifact | None = None) -> SourceMap:
        self._begin(artifact)
        return NotedMap(self._maps.open_map(artifact, script), artifact.key, self._work)

    def open_inline_map(self, artifact: Artifact) -> SourceMap:
        self._begin(artifact)
        return NotedMap(self._maps.open_inline_map(artifact), artifact.key, self._work)

    def open_script(self, artifact: Artifact) -> Script:
        return self._maps.open_script(artifact)

    def read_text(self, artifact: Artifact) -> str:
        return self._maps.read_text(artifact)

    def _begin(self, artifact: Artifact) -> None:
        refusal = self._work.refusal(Task.DECODE, artifact.key)
        if refusal is not None:
            raise SourceMapTooLarge(refusal)
