"""Source maps in folders and bundles on this computer, as symbolication wants to see them."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote

from msgspec import Struct

from headwater.protocol.bundle import ArtifactType, BundleRefused, EntryRefused, open_bundle
from headwater.protocol.debug_id import DebugId, parse_debug_id
from headwater.sourcemaps.in_memory import script_in_memory, source_map_in_memory
from headwater.sourcemaps.reading.document import MalformedSourceMap, read_document, text_of
from headwater.sourcemaps.reading.inline import inline_map
from headwater.sourcemaps.source_map import Script, SourceMap
from headwater.sourcemaps.urls import debug_id_comment, source_mapping_url
from headwater.symbolicate.source_maps import Artifact, ArtifactUnreadable

MAX_FILES: Final = 100_000
"""Scripts and maps under one folder; a large build has some thousands."""
MAX_FILE: Final = 512 * 1024**2
"""Bytes of one file that are read."""
TAIL: Final = 64 * 1024
"""Bytes at the end of a script that are searched for its comments."""
RELEASE: Final = "folder"
"""Stands for the release in which files are looked up by address: there is only one here."""

_SCRIPTS: Final = (".js", ".mjs", ".cjs", ".jsbundle", ".bundle")
_SKIPPED: Final = frozenset({"node_modules", ".git"})


class FolderRefused(Exception):
    """A folder can't be used; the message says why."""


class _File(Struct, frozen=True):
    artifact: Artifact
    path: Path
    """The file, or the bundle that it is in."""
    member: str | None = None


class FolderSourceMaps:
    """Finds files by debug id, and by name wherever they lie: a pasted trace knows no more."""

    def __init__(self, places: Iterable[Path]) -> None:
        self._files = {file.artifact.key: file for place in places for file in _files(place)}
        self._opened: dict[str, SourceMap] = {}
        self._scripts: dict[str, Script] = {}

    def __len__(self) -> int:
        return len(self._files)

    def with_debug_id(self, debug_id: DebugId) -> Sequence[Artifact]:
        """Files that carry the id, as a comment, a field or in a bundle's manifest."""
        return [
            file.artifact for file in self._files.values() if file.artifact.debug_id == debug_id
        ]

    def at_urls(self, urls: Sequence[str], release: str, dist: str | None) -> Sequence[Artifact]:
        """Files of the same name; how much of the address fits is weighed by the resolver."""
        if (release, dist) != (RELEASE, None):
            return []
        wanted = {_name(url) for url in urls}
        return [
            file.artifact for file in self._files.values() if _name(file.artifact.url) in wanted
        ]

    def in_bundle(self, bundle: int, urls: Sequence[str]) -> Sequence[Artifact]:
        """Nothing: files of folders belong to no numbered bundle."""
        del bundle, urls
        return []

    def has_release(self, release: str, dist: str | None) -> bool:
        """Whether there is anything at all."""
        return (release, dist) == (RELEASE, None) and bool(self._files)

    def open_map(self, artifact: Artifact, script: Artifact | None = None) -> SourceMap:
        """Compile a map, once. Raises as the protocol says."""
        known = self._opened.get(artifact.key)
        if known is None:
            beside = None if script is None else self._text_if_readable(script)
            known = source_map_in_memory(self._read(artifact), beside)
            self._opened[artifact.key] = known
        return known

    def open_inline_map(self, artifact: Artifact) -> SourceMap:
        """Compile the map inside of a script, once. Raises as the protocol says."""
        known = self._opened.get(artifact.key)
        if known is None:
            text = self.read_text(artifact)
            known = self._opened[artifact.key] = source_map_in_memory(inline_map(text), text)
        return known

    def open_script(self, artifact: Artifact) -> Script:
        """Read a script, once. Raises as the protocol says."""
        known = self._scripts.get(artifact.key)
        if known is None:
            known = self._scripts[artifact.key] = script_in_memory(self.read_text(artifact))
        return known

    def read_text(self, artifact: Artifact) -> str:
        """The file's text. Raises ArtifactUnreadable."""
        return self._read(artifact).decode("utf-8", "replace")

    def _text_if_readable(self, script: Artifact) -> str | None:
        try:
            return self.read_text(script)
        except ArtifactUnreadable:
            return None

    def _read(self, artifact: Artifact) -> bytes:
        file = self._files[artifact.key]
        try:
            if file.member is None:
                return _bounded(file.path)
            with file.path.open("rb") as zipped, open_bundle(zipped) as bundle:
                return b"".join(bundle.read(file.member))
        except (OSError, BundleRefused, EntryRefused) as error:
            raise ArtifactUnreadable(f"{artifact.url}: {error}") from None


def _files(place: Path) -> Iterator[_File]:
    if place.is_file() and place.suffix == ".zip":
        yield from _of_bundle(place)
    elif place.is_file():
        yield from _of_path(place, place.name)
    elif place.is_dir():
        for count, path in enumerate(_walk(place)):
            if count == MAX_FILES:
                raise FolderRefused(f"{place} holds more than {MAX_FILES:,} scripts and maps")
            yield from _of_path(path, path.relative_to(place).as_posix())
    else:
        raise FolderRefused(f"{place} is neither a folder nor an artifact bundle (.zip)")


def _walk(folder: Path) -> Iterator[Path]:
    for inside, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - _SKIPPED)
        for name in sorted(names):
            if name.endswith((*_SCRIPTS, ".map")):
                yield Path(inside) / name


def _of_bundle(place: Path) -> Iterator[_File]:
    try:
        with place.open("rb") as zipped, open_bundle(zipped) as bundle:
            for entry in bundle.manifest.entries:
                key = f"{place}!{entry.path}"
                artifact = Artifact(
                    key, entry.type, entry.url, entry.debug_id, entry.source_map_reference
                )
                yield _File(artifact, place, entry.path)
    except (OSError, BundleRefused) as error:
        raise FolderRefused(f"{place}: {error}") from None


def _of_path(path: Path, relative: str) -> Iterator[_File]:
    try:
        debug_id, reference = _claims_of_map(path) if path.suffix == ".map" else _comments(path)
    except (OSError, ArtifactUnreadable):
        return
    is_map = path.suffix == ".map"
    kind = ArtifactType.SOURCE_MAP if is_map else ArtifactType.MINIFIED_SOURCE
    parsed = parse_debug_id(debug_id)
    yield _File(Artifact(str(path), kind, f"~/{relative}", parsed, reference), path)


def _claims_of_map(path: Path) -> tuple[str | None, None]:
    try:
        document = read_document(_bounded(path), [])
    except MalformedSourceMap:
        return None, None
    return text_of(document.debugId) or text_of(document.debug_id), None


def _comments(path: Path) -> tuple[str | None, str | None]:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL))
        tail = file.read(TAIL).decode("utf-8", "replace")
    reference = source_mapping_url(tail)
    inline = reference is not None and reference.startswith("data:")
    return debug_id_comment(tail), None if inline else reference


def _bounded(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise ArtifactUnreadable(f"{path} has more than {MAX_FILE:,} bytes")
    return content


def _name(url: str) -> str:
    return unquote(PurePosixPath(url.split("?", 1)[0]).name)
