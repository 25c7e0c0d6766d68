"""Every uploaded source map that may belong to a frame's file."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.event import DebugImage
from headwater.sourcemaps.sourcemap import MalformedSourceMap, SourceMap, SourceMapTooLarge, parse
from headwater.sourcemaps.urls import decode_data_url, is_data_url, source_mapping_url
from headwater.symbolicate.addresses import addresses_of, fit, joined
from headwater.symbolicate.source_maps import Artifact, ArtifactUnreadable, SourceMaps
from headwater.symbolicate.verdicts import Verdict

MAX_CANDIDATES: Final = 16
"""Different maps for one file that are read and compared, newest first; each may be large."""
MAX_INLINE_SCRIPT: Final = 64 * 1024**2
"""Characters of a minified file that are searched for an inline map."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A source map that may belong to a frame's file, with the minified file it was made for."""

    map: SourceMap
    address: str
    """Where the map is; for an inline map, where its minified file is."""
    artifact: Artifact
    """What was uploaded: the map, or for an inline map the minified file."""
    script: Artifact | None
    resolved_with: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a file. Without candidates, `verdict` says why."""

    candidates: tuple[Candidate, ...] = ()
    verdict: Verdict | None = None
    image: DebugImage | None = None
    artifact: Artifact | None = None
    """The upload that the verdict is about."""
    looked_for: tuple[str, ...] = ()
    total: int = 0
    """Maps that claimed the file, before equal ones were counted once and the rest was cut."""
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class _Upload:
    """A map, or a minified file that has one inside it or lacks one."""

    artifact: Artifact
    script: Artifact | None
    resolved_with: str
    inline: str | None = None


@dataclass(slots=True)
class _Search:
    """What one way of searching came upon."""

    uploads: list[_Upload] = field(default_factory=list)
    without_map: list[tuple[Artifact, str | None]] = field(default_factory=list)
    """Minified files whose map is missing, with the reference they hold."""
    unreadable: str | None = None


class Candidates:
    """Finds the maps for the files of one event, each file once."""

    def __init__(self, maps: SourceMaps, release: str | None, dist: str | None) -> None:
        # Build plugins that found no version send the word.
        self._release = release if release != "undefined" else None
        self._dist = dist
        self._maps = maps
        self._known: dict[tuple[str, tuple[DebugImage, ...]], Found] = {}

    def of(self, path: str, images: Sequence[DebugImage]) -> Found:
        """Every map for the file at `path`, by its debug ids, else by release, dist and address."""
        key = (path, tuple(images))
        if key not in self._known:
            self._known[key] = self._find(path, images)
        return self._known[key]

    def _find(self, path: str, images: Sequence[DebugImage]) -> Found:
        image = images[0] if images else None
        by_id = _Search()
        claimed = False
        for each in images:
            artifacts = self._maps.with_debug_id(each.debug_id)
            claimed = claimed or bool(artifacts)
            self._by_debug_id(artifacts, path, by_id)
        if by_id.uploads:
            return self._read(by_id.uploads, path, image)
        by_url = _Search()
        looked_for = self._by_url(path, by_url) if self._release else ()
        if by_url.uploads:
            return self._read(by_url.uploads, path, image, looked_for)
        search = by_id if claimed else by_url
        return self._missing(search, image, looked_for, claimed=claimed)

    def _missing(
        self,
        search: _Search,
        image: DebugImage | None,
        looked_for: tuple[str, ...],
        *,
        claimed: bool,
    ) -> Found:
        if search.unreadable is not None:
            verdict = Verdict.STORAGE_READ_FAILED
            return Found((), verdict, image, None, looked_for, detail=search.unreadable)
        if search.without_map:
            script, reference = search.without_map[0]
            verdict = Verdict.MAP_MISSING_IN_BUNDLE if reference else Verdict.MINIFIED_FILE_ONLY
            detail = f"the minified file names `{reference[:200]}`" if reference else None
            return Found((), verdict, image, script, looked_for, detail=detail)
        if image is not None:
            verdict = Verdict.MAP_MISSING_IN_BUNDLE if claimed else Verdict.DEBUG_ID_NOT_UPLOADED
        elif self._release is None:
            verdict = Verdict.NO_IMAGE_FOR_FRAME
        elif self._maps.has_release(self._release, self._dist):
            verdict = Verdict.URL_NOT_UPLOADED
        else:
            verdict = Verdict.RELEASE_NOT_UPLOADED
        return Found((), verdict, image, None, looked_for)

    def _by_debug_id(self, artifacts: Sequence[Artifact], path: str, search: _Search) -> None:
        scripts = [each for each in artifacts if each.type is ArtifactType.MINIFIED_SOURCE]
        maps = [each for each in artifacts if each.type is ArtifactType.SOURCE_MAP]
        search.uploads += [_Upload(each, _script_of(each, scripts), "debug-id") for each in maps]
        if not maps:
            for script in _best_first(scripts, path):
                self._map_of(script, path, search, "debug-id")

    def _by_url(self, path: str, search: _Search) -> tuple[str, ...]:
        """Look for the file, and for a map that lies next to it. Returns the addresses tried."""
        addresses = addresses_of(path)
        artifacts = self._at(addresses)
        for script in _best_first(artifacts, path):
            if script.type is ArtifactType.MINIFIED_SOURCE:
                self._map_of(script, path, search, "release")
        if not search.uploads:
            beside = self._at(tuple(f"{each}.map" for each in addresses))
            search.uploads += [_Upload(each, None, "release") for each in beside if _is_map(each)]
        return addresses

    def _map_of(self, script: Artifact, path: str, search: _Search, resolved_with: str) -> None:
        """The map of an uploaded minified file: by its debug id, inside it, or where it says."""
        if resolved_with != "debug-id" and script.debug_id is not None:
            same = self._maps.with_debug_id(script.debug_id)
            search.uploads += [
                _Upload(each, script, resolved_with) for each in same if _is_map(each)
            ]
            if search.uploads:
                return
        try:
            text = self._maps.read_text(script)
        except ArtifactUnreadable as error:
            search.unreadable = str(error)
            text = ""
        comment = source_mapping_url(text[-MAX_INLINE_SCRIPT:])
        if comment is not None and is_data_url(comment):
            search.uploads.append(_Upload(script, script, "inline", comment))
            return
        reference = script.source_map_reference or comment
        found = [
            _Upload(each, script, resolved_with)
            for one in (reference, comment)
            if one is not None and not is_data_url(one)
            for each in self._at(self._places(one, script, path))
            if _is_map(each)
        ]
        search.uploads += found
        if not found:
            search.without_map.append((script, reference))

    def _places(self, reference: str, script: Artifact, path: str) -> tuple[str, ...]:
        bases = (script.url, path)
        joins = (joined(base, reference) for base in bases)
        return tuple(dict.fromkeys(each for one in joins for each in addresses_of(one)))

    def _at(self, addresses: tuple[str, ...]) -> Sequence[Artifact]:
        if self._release is None:
            return ()
        return self._maps.at_urls(addresses, self._release, self._dist)

    def _read(
        self,
        uploads: Sequence[_Upload],
        path: str,
        image: DebugImage | None,
        looked_for: tuple[str, ...] = (),
    ) -> Found:
        """Decode what was found; the same content counts once."""
        distinct = {upload.artifact.key: upload for upload in reversed(uploads)}
        newest = list(reversed(distinct.values()))
        best = sorted(newest, key=lambda one: -_fit(one, path))[:MAX_CANDIDATES]
        candidates: list[Candidate] = []
        failed: tuple[Verdict, Artifact, str] | None = None
        for upload in best:
            try:
                candidates.append(self._candidate(upload))
            except MalformedSourceMap as error:
                failed = failed or (Verdict.MALFORMED_MAP, upload.artifact, str(error))
            except SourceMapTooLarge as error:
                failed = failed or (Verdict.LIMIT_EXCEEDED, upload.artifact, str(error))
            except ArtifactUnreadable as error:
                failed = failed or (Verdict.STORAGE_READ_FAILED, upload.artifact, str(error))
        detail = _cut(len(distinct))
        if candidates or failed is None:
            return Found(
                tuple(candidates), None, image, None, looked_for, len(distinct), detail=detail
            )
        verdict, artifact, sentence = failed
        return Found((), verdict, image, artifact, looked_for, len(distinct), detail=sentence)

    def _candidate(self, upload: _Upload) -> Candidate:
        artifact = upload.artifact
        if upload.inline is None:
            decoded = self._maps.read_map(artifact)
        else:
            data = decode_data_url(upload.inline)
            if data is None:
                raise MalformedSourceMap("the map inside the minified file is no data URL")
            decoded = parse(data)
        return Candidate(decoded, artifact.url, artifact, upload.script, upload.resolved_with)


def _is_map(artifact: Artifact) -> bool:
    return artifact.type is ArtifactType.SOURCE_MAP


def _fit(upload: _Upload, path: str) -> int:
    script = fit(upload.script.url, path) if upload.script else 0
    return max(script, fit(upload.artifact.url.removesuffix(".map"), path))


def _best_first(artifacts: Iterable[Artifact], path: str) -> Iterator[Artifact]:
    distinct = {each.key: each for each in artifacts}
    yield from sorted(distinct.values(), key=lambda each: -fit(each.url, path))[:MAX_CANDIDATES]


def _script_of(source_map: Artifact, scripts: Sequence[Artifact]) -> Artifact | None:
    """The minified file that belongs to a map of the same id: from the same upload, best name."""
    stem = source_map.url.removesuffix(".map")
    return max(
        scripts,
        key=lambda each: (
            each.bundle == source_map.bundle,
            joined(each.url, each.source_map_reference or "") == source_map.url,
            fit(each.url, stem),
        ),
        default=None,
    )


def _cut(total: int) -> str | None:
    if total <= MAX_CANDIDATES:
        return None
    return f"only {MAX_CANDIDATES} of {total} uploaded maps for this file were compared"
