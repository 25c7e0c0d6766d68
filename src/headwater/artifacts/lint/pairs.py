"""Which minified file of a bundle belongs to which map."""

from collections.abc import Sequence

from msgspec import Struct

from headwater.artifacts.members import Member
from headwater.protocol.bundle import ArtifactType
from headwater.protocol.debug_id import DebugId
from headwater.sourcemaps.urls import is_data_url
from headwater.symbolicate.addresses import joined


class Pair(Struct, frozen=True):
    """A minified file and its map; one of them may not be there."""

    script: Member | None
    map: Member | None
    named: str | None = None
    """The address that the minified file gives for its map."""

    @property
    def lacks_map(self) -> bool:
        """There is a minified file, and no map for it, nor inside of it."""
        script = self.script
        is_minified = script is not None and script.file.type is ArtifactType.MINIFIED_SOURCE
        return is_minified and self.map is None and not self.has_map_inside

    @property
    def has_map_inside(self) -> bool:
        """The map is part of the minified file."""
        return self.script is not None and self.script.has_map


def pairs_of(members: Sequence[Member]) -> list[Pair]:
    """Every minified file and every map, as they find each other: by the address that the minified
    file names, by its own, or by their debug id."""
    scripts = _of_type(members, ArtifactType.MINIFIED_SOURCE)
    maps = _of_type(members, ArtifactType.SOURCE_MAP)
    by_url = {each.file.url: each for each in maps}
    by_id = {each.file.debug_id: each for each in maps if each.file.debug_id}
    found: list[Pair] = []
    for script in scripts:
        reference = script.file.source_map_reference
        named = None
        if reference and not is_data_url(reference):
            named = joined(script.file.url, reference)
        its = by_url.get(named or "") or by_url.get(script.file.url + ".map")
        found.append(Pair(script, its or by_id.get(script.file.debug_id or DebugId("")), named))
    paired = {id(pair.map) for pair in found}
    return found + [Pair(None, each) for each in maps if id(each) not in paired]


def _of_type(members: Sequence[Member], kind: ArtifactType) -> list[Member]:
    return [each for each in members if each.file.type is kind and each.file.sha256]
