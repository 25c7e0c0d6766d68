"""Every uploaded source map that may belong to a frame's file, opened."""

from collections.abc import Collection, Sequence
from typing import Final

from msgspec import Struct

from headwater.protocol.event import DebugImage
from headwater.sourcemaps.reading.document import MalformedSourceMap, SourceMapTooLarge
from headwater.sourcemaps.source_map import SourceMap
from headwater.symbolicate.addresses import addresses_of
from headwater.symbolicate.search import Finds, Search, Upload
from headwater.symbolicate.source_maps import Artifact, ArtifactUnreadable, SourceMaps
from headwater.symbolicate.verdicts import Verdict

MAX_CANDIDATES: Final = 16
"""Different maps for one file that are asked and compared, best address first."""


class Candidate(Struct, frozen=True):
    """A source map that may belong to a frame's file, with the minified file it was made for."""

    map: SourceMap
    address: str
    """Where the map is; for an inline map, where its minified file is."""
    artifact: Artifact
    """What was uploaded: the map, or for an inline map the minified file."""
    script: Artifact | None
    resolved_with: str

    @property
    def is_inline(self) -> bool:
        """Whether the map is inside of the minified file."""
        return self.resolved_with == "inline"


class Found(Struct, frozen=True):
    """What was found for a file. Without candidates, `verdict` says why."""

    candidates: tuple[Candidate, ...] = ()
    verdict: Verdict | None = None
    image: DebugImage | None = None
    artifact: Artifact | None = None
    """The upload that the verdict is about."""
    looked_for: tuple[str, ...] = ()
    total: int = 0
    """Maps that claimed the file, equal ones counted once."""
    detail: str | None = None


class Candidates:
    """Finds the maps for the files of one event."""

    def __init__(self, maps: SourceMaps, release: str | None, dist: str | None) -> None:
        self._release = release
        self._dist = dist
        self._maps = maps
        self._search = Search(maps, release, dist)

    def of(self, path: str, images: Sequence[DebugImage]) -> Found:
        """Every map for the file at `path`, by its debug ids, else by release, dist and address."""
        image = images[0] if images else None
        by_id = self._search.by_debug_ids([each.debug_id for each in images], path)
        if by_id.uploads:
            return self._opened(by_id.uploads, path, image)
        addresses = addresses_of(path) if self._release is not None else ()
        by_address = self._search.by_addresses(addresses, path)
        if by_address.uploads:
            return self._opened(by_address.uploads, path, image, addresses)
        finds = by_id if by_id.anything else by_address
        if beside := self._search.beside(finds.lonely):
            return self._opened(beside, path, image, addresses)
        return self._missing(finds, image, addresses)

    def at(self, bundle: int | None, addresses: Collection[str]) -> dict[str, Candidate]:
        """The maps of minified files that lie at exactly these addresses, in the bundle or release."""
        found: dict[str, Candidate] = {}
        for address, upload in self._search.of_files_at(bundle, addresses):
            if address not in found:
                candidate = self._candidate(upload)
                if isinstance(candidate, Candidate):
                    found[address] = candidate
        return found

    def _missing(
        self, finds: Finds, image: DebugImage | None, looked_for: tuple[str, ...]
    ) -> Found:
        if finds.lonely:
            lonely = finds.lonely[0]
            detail = lonely.unreadable
            verdict = Verdict.STORAGE_READ_FAILED
            if detail is None and lonely.reference:
                verdict = Verdict.MAP_MISSING_IN_BUNDLE
                detail = f"the minified file names `{lonely.reference[:200]}`"
            elif detail is None:
                verdict = Verdict.MINIFIED_FILE_ONLY
            return Found((), verdict, image, lonely.script, looked_for, detail=detail)
        if image is not None:
            verdict = Verdict.DEBUG_ID_NOT_UPLOADED
            if finds.anything:
                verdict = Verdict.MAP_MISSING_IN_BUNDLE
        elif self._release is None:
            verdict = Verdict.NO_IMAGE_FOR_FRAME
        elif self._maps.has_release(self._release, self._dist):
            verdict = Verdict.URL_NOT_UPLOADED
        else:
            verdict = Verdict.RELEASE_NOT_UPLOADED
        return Found((), verdict, image, None, looked_for)

    def _opened(
        self,
        uploads: Sequence[Upload],
        path: str,
        image: DebugImage | None,
        looked_for: tuple[str, ...] = (),
    ) -> Found:
        """Open what was found; the same content counts once."""
        newest = _distinct(uploads, path)
        best = sorted(newest, key=lambda each: -each.fit(path))[:MAX_CANDIDATES]
        candidates: list[Candidate] = []
        failed: list[tuple[Upload, Verdict, str]] = []
        for upload in best:
            found = self._candidate(upload)
            if isinstance(found, Candidate):
                candidates.append(found)
            else:
                failed.append((upload, *found))
        if failed and not candidates:
            upload, verdict, sentence = failed[0]
            return Found((), verdict, image, upload.artifact, looked_for, len(newest), sentence)
        details = [
            f"{each.artifact.url} was not compared: {sentence}"
            for each, verdict, sentence in failed
            if verdict is Verdict.LIMIT_EXCEEDED
        ]
        if len(newest) > MAX_CANDIDATES:
            details.append(
                f"only {MAX_CANDIDATES} of {len(newest)} uploaded maps for this file were compared"
            )
        detail = "; ".join(details) or None
        return Found(tuple(candidates), None, image, None, looked_for, len(newest), detail)

    def _candidate(self, upload: Upload) -> Candidate | tuple[Verdict, str]:
        artifact = upload.artifact
        try:
            if upload.is_inline:
                opened = self._maps.open_inline_map(artifact)
            else:
                opened = self._maps.open_map(artifact, upload.script)
        except MalformedSourceMap as error:
            return Verdict.MALFORMED_MAP, str(error)
        except SourceMapTooLarge as error:
            return Verdict.LIMIT_EXCEEDED, str(error)
        except ArtifactUnreadable as error:
            return Verdict.STORAGE_READ_FAILED, str(error)
        return Candidate(opened, artifact.url, artifact, upload.script, upload.resolved_with)


def _distinct(uploads: Sequence[Upload], path: str) -> list[Upload]:
    """Each content once, under its best address, the newest first."""
    by_key: dict[str, Upload] = {}
    for upload in uploads:
        known = by_key.get(upload.artifact.key)
        if known is None or upload.fit(path) > known.fit(path):
            by_key[upload.artifact.key] = upload
    return list(by_key.values())
