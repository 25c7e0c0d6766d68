"""The texts of original sources, each opened once for an event."""

from headwater.protocol.bundle import ArtifactType
from headwater.sourcemaps.compiled.origins import Source
from headwater.sourcemaps.compiled.texts import Text
from headwater.sourcemaps.in_memory import text_in_memory
from headwater.symbolicate.addresses import addresses_of, joined
from headwater.symbolicate.candidates import Candidate
from headwater.symbolicate.source_maps import ArtifactUnreadable, SourceMaps


class SourceTexts:
    """Opens sources in maps, or where a map holds none, in the same release's uploads."""

    def __init__(self, maps: SourceMaps, release: str | None, dist: str | None) -> None:
        self._maps = maps
        self._release = release
        self._dist = dist
        self._known: dict[tuple[str, int], Text | None] = {}

    def of(self, candidate: Candidate, source: Source) -> Text | None:
        """The source's text; None if it is nowhere."""
        key = (candidate.artifact.key, source.index)
        if key not in self._known:
            text = candidate.map.text(source.index)
            self._known[key] = self._uploaded(candidate, source) if text is None else text
        return self._known[key]

    def _uploaded(self, candidate: Candidate, source: Source) -> Text | None:
        if self._release is None or not source.name:
            return None
        addresses = addresses_of(joined(candidate.address, source.name))
        for artifact in self._maps.at_urls(addresses, self._release, self._dist):
            if artifact.type is ArtifactType.SOURCE:
                try:
                    return text_in_memory(self._maps.read_text(artifact))
                except ArtifactUnreadable:
                    return None  # the place is known all the same
        return None
