"""The text of original sources, by lines, each split once for an event."""

from collections.abc import Sequence

from headwater.protocol.bundle import ArtifactType
from headwater.symbolicate.addresses import addresses_of, joined
from headwater.symbolicate.candidates import Candidate
from headwater.symbolicate.source_maps import ArtifactUnreadable, SourceMaps


class SourceTexts:
    """Reads sources out of maps, or where a map holds none, out of the same release's uploads."""

    def __init__(self, maps: SourceMaps, release: str | None, dist: str | None) -> None:
        self._maps = maps
        self._release = release
        self._dist = dist
        self._known: dict[tuple[str, int], Sequence[str] | None] = {}

    def lines(self, candidate: Candidate, source: int) -> Sequence[str] | None:
        """The source's lines, with any carriage returns; None if its text is nowhere."""
        key = (candidate.artifact.key, source)
        if key not in self._known:
            text = candidate.map.content(source)
            if text is None:
                text = self._uploaded(candidate, source)
            self._known[key] = None if text is None else text.split("\n")
        return self._known[key]

    def _uploaded(self, candidate: Candidate, source: int) -> str | None:
        name = candidate.map.sources[source]
        if self._release is None or not name:
            return None
        addresses = addresses_of(joined(candidate.address, name))
        for artifact in self._maps.at_urls(addresses, self._release, self._dist):
            if artifact.type is ArtifactType.SOURCE:
                try:
                    return self._maps.read_text(artifact)
                except ArtifactUnreadable:
                    return None  # the place is known all the same
        return None
