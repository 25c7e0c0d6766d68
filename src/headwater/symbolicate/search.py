"""Where the source map of a file may have been uploaded: by debug id, else by release and address."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.debug_id import DebugId
from headwater.sourcemaps.reading.document import MalformedSourceMap, SourceMapTooLarge
from headwater.sourcemaps.urls import is_data_url
from headwater.symbolicate.addresses import addresses_of, fit, joined
from headwater.symbolicate.source_maps import Artifact, ArtifactUnreadable, SourceMaps

MAX_SCRIPTS: Final = 16
"""Different minified files with one debug id or address whose maps are looked for."""
MAX_REFERENCE: Final = 4096
"""Characters of a `sourceMappingURL` that are kept; more is no address, unless it is the map."""


class Upload(Struct, frozen=True):
    """An uploaded map, or a minified file with one inside it."""

    artifact: Artifact
    script: Artifact | None
    resolved_with: str
    is_inline: bool = False

    def fit(self, path: str) -> int:
        """How much of the file's address fits the frame's."""
        script = fit(self.script.url, path) if self.script else 0
        return max(script, fit(self.artifact.url.removesuffix(".map"), path))


class Lonely(Struct, frozen=True):
    """A minified file without its map, the reference it holds, how it was found, and why its text wasn't
    read."""

    script: Artifact
    reference: str | None
    found_by: str
    unreadable: str | None = None


class Finds(Struct, frozen=True):
    """What one way of searching came upon."""

    uploads: tuple[Upload, ...] = ()
    lonely: tuple[Lonely, ...] = ()
    anything: bool = False
    """Whether any file at all claimed the debug id or lies at the address."""


class Search:
    """Searches the uploads that one event may see. `release` is None if it has none."""

    def __init__(self, maps: SourceMaps, release: str | None, dist: str | None) -> None:
        self._maps = maps
        self._release = release
        self._dist = dist
        self._comments: dict[str, tuple[str | None, str | None]] = {}
        self._claiming: dict[DebugId, Sequence[Artifact]] = {}

    def by_debug_ids(self, debug_ids: Iterable[DebugId], path: str) -> Finds:
        """Maps with one of the ids; without any, those that files with the id lead to."""
        artifacts = [each for one in debug_ids for each in self._with_debug_id(one)]
        scripts = [each for each in artifacts if each.type is ArtifactType.MINIFIED_SOURCE]
        maps = [each for each in artifacts if _is_map(each)]
        if maps:
            uploads = (Upload(each, _script_of(each, scripts), "debug-id") for each in maps)
            return Finds(tuple(uploads), anything=True)
        found = [self._map_of(each, path, "debug-id") for each in _best_first(scripts, path)]
        return _together(found, anything=bool(artifacts))

    def by_addresses(self, addresses: tuple[str, ...], path: str) -> Finds:
        """Maps that a file at one of the addresses leads to, or that lie beside it."""
        artifacts = self._at(addresses)
        scripts = [each for each in artifacts if each.type is ArtifactType.MINIFIED_SOURCE]
        found = [self._map_of(each, path, "release") for each in _best_first(scripts, path)]
        if not any(isinstance(each, Upload) for one in found for each in one):
            beside = self._at(tuple(f"{each}.map" for each in addresses))
            found.append([Upload(each, None, "release") for each in beside if _is_map(each)])
        return _together(found, anything=bool(artifacts))

    def of_files_at(
        self, bundle: int | None, addresses: Collection[str]
    ) -> Iterator[tuple[str, Upload]]:
        """Each map of a minified file at exactly one of the addresses, with that address."""
        spelled = {each: address for address in addresses for each in addresses_of(address)}
        beside = {f"{each}.map": address for each, address in spelled.items()}
        wanted = (*spelled, *beside)
        there = () if bundle is None else self._maps.in_bundle(bundle, wanted)
        found = tuple(dict.fromkeys((*there, *self._at(wanted))))
        scripts: dict[str, Artifact] = {}
        for artifact in found:
            if artifact.type is ArtifactType.MINIFIED_SOURCE and artifact.url in spelled:
                scripts.setdefault(spelled[artifact.url], artifact)
        for address, script in scripts.items():
            for upload in self._map_of(script, script.url, "chain"):
                if isinstance(upload, Upload):
                    yield address, upload
        for artifact in found:
            if _is_map(artifact) and artifact.url in beside:
                address = beside[artifact.url]
                yield address, Upload(artifact, scripts.get(address), "chain")

    def beside(self, lonely: Iterable[Lonely]) -> tuple[Upload, ...]:
        """Maps in the bundles of these files, where each says or by its name. One that can't be read
        has no debug id to be found by."""
        return tuple(
            Upload(found, each.script, each.found_by)
            for each in lonely
            for found in self._in_bundle(each.script, each.reference)
            if _is_map(found)
        )

    def _in_bundle(self, script: Artifact, reference: str | None) -> Sequence[Artifact]:
        if script.bundle is None:
            return ()
        named = () if reference is None else (joined(script.url, reference),)
        return self._maps.in_bundle(script.bundle, (*named, f"{script.url}.map"))

    def _map_of(self, script: Artifact, path: str, how: str) -> Sequence[Upload | Lonely]:
        """The map of a minified file: by its debug id, inside it, or where it says."""
        if script.debug_id is not None:
            same = self._with_debug_id(script.debug_id)
            found = [Upload(each, script, how) for each in same if _is_map(each)]
            if found:
                return found
        comment, unreadable = self._comment(script)
        if comment is not None and is_data_url(comment):
            return [Upload(script, script, "inline", is_inline=True)]
        reference = script.source_map_reference or comment
        for each in dict.fromkeys((reference, comment)):
            found = self._referred_to(each, script, path, how) if each else []
            if found:
                return found
        return [Lonely(script, reference, how, unreadable)]

    def _referred_to(self, reference: str, script: Artifact, path: str, how: str) -> list[Upload]:
        bases = (script.url, path)
        addresses = (each for base in bases for each in addresses_of(joined(base, reference)))
        found = self._at(tuple(dict.fromkeys(addresses)))
        return [Upload(each, script, how) for each in found if _is_map(each)]

    def _comment(self, script: Artifact) -> tuple[str | None, str | None]:
        """What a minified file says of its map, and why it couldn't be read; read once."""
        known = self._comments.get(script.key)
        if known is None:
            try:
                url = self._maps.open_script(script).source_mapping_url
                known = None if url is None else url[:MAX_REFERENCE], None
            except (ArtifactUnreadable, MalformedSourceMap, SourceMapTooLarge) as error:
                known = None, str(error)
            self._comments[script.key] = known
        return known

    def _with_debug_id(self, debug_id: DebugId) -> Sequence[Artifact]:
        if debug_id not in self._claiming:
            self._claiming[debug_id] = self._maps.with_debug_id(debug_id)
        return self._claiming[debug_id]

    def _at(self, addresses: tuple[str, ...]) -> Sequence[Artifact]:
        if self._release is None:
            return ()
        return self._maps.at_urls(addresses, self._release, self._dist)


def _together(found: Iterable[Sequence[Upload | Lonely]], *, anything: bool) -> Finds:
    every = [each for one in found for each in one]
    uploads = tuple(each for each in every if isinstance(each, Upload))
    return Finds(uploads, tuple(each for each in every if isinstance(each, Lonely)), anything)


def _is_map(artifact: Artifact) -> bool:
    return artifact.type is ArtifactType.SOURCE_MAP


def _best_first(artifacts: Iterable[Artifact], path: str) -> Iterator[Artifact]:
    distinct = {each.key: each for each in artifacts}
    yield from sorted(distinct.values(), key=lambda each: -fit(each.url, path))[:MAX_SCRIPTS]


def _script_of(source_map: Artifact, scripts: Sequence[Artifact]) -> Artifact | None:
    """The minified file that belongs to a map of the same id: from the same upload, best name."""
    stem = source_map.url.removesuffix(".map")
    return max(
        scripts,
        key=lambda each: (
            each.debug_id == source_map.debug_id,
            each.bundle == source_map.bundle,
            joined(each.url, each.source_map_reference or "") == source_map.url,
            fit(each.url, stem),
        ),
        default=None,
    )
