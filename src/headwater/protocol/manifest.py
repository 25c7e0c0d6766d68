"""The `manifest.json` of an artifact bundle: what each file in the ZIP is."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final

import msgspec
from msgspec import Struct

from headwater.protocol.debug_id import DebugId, parse_debug_id

MAX_MANIFEST: Final = 16 * 1024**2
"""Bytes of a manifest, decompressed: 20,000 entries of 800 bytes, where real ones have 250."""

MAX_ENTRIES: Final = 20_000
"""Files in one bundle; large Next.js applications have a few thousand."""

MAX_COLONS: Final = 16 * MAX_ENTRIES
"""Colons in a manifest, so that no dictionary is made of millions of lies: an entry has about ten,
for its names, its headers and the scheme of its address."""

MAX_URL: Final = 2_000
"""Bytes of a file's address: more can't be indexed by PostgreSQL, and no browser sends more."""

_SHOWN: Final = 200
"""Characters of a client's own words that are repeated in a sentence."""


class ArtifactType(StrEnum):
    """What a manifest calls the kinds of file."""

    MINIFIED_SOURCE = "minified_source"
    SOURCE_MAP = "source_map"
    SOURCE = "source"
    INDEXED_RAM_BUNDLE = "indexed_ram_bundle"


class MalformedManifest(Exception):
    """The manifest can't be read at all; the message says what was expected."""


class ManifestEntry(Struct, frozen=True):
    """What the manifest says of one file; what is called `.map` is a map, whatever its type there.
    Nothing is derived from `path`: only the ZIP knows it."""

    path: str
    type: ArtifactType
    url: str
    debug_id: DebugId | None = None
    source_map_reference: str | None = None


class Manifest(Struct, frozen=True):
    """A whole manifest. `rejected`: a sentence for each entry that can't be used."""

    entries: tuple[ManifestEntry, ...]
    rejected: tuple[str, ...] = ()
    bundle_id: DebugId | None = None
    release: str | None = None
    dist: str | None = None


class _Given(msgspec.Struct):
    """Only what is used is decoded; entries one by one, so that they never exist all at once."""

    files: dict[str, msgspec.Raw]
    debug_id: Any = None
    release: Any = None
    dist: Any = None


def parse_manifest(content: bytes) -> Manifest:
    """Read what clients of all generations write; an entry that lies costs no other entry.

    Header names differ in case between the clients. Raises MalformedManifest.
    """
    given = _decode(content)
    entries: list[ManifestEntry] = []
    rejected: list[str] = []
    for path, described in given.files.items():
        entry = _entry(path, _described(described))
        if isinstance(entry, ManifestEntry):
            entries.append(entry)
        else:
            rejected.append(entry)
    return Manifest(
        entries=tuple(entries),
        rejected=tuple(rejected),
        bundle_id=parse_debug_id(given.debug_id),
        release=_text(given.release),
        dist=_text(given.dist),
    )


def parse_headers(pairs: Iterator[tuple[str, str]]) -> tuple[DebugId | None, str | None]:
    """Debug id and source map reference from a file's headers. A reference with the character 0, which
    PostgreSQL can't store, is none."""
    headers = {name.lower().strip(): value.strip() for name, value in pairs}
    reference = headers.get("sourcemap") or headers.get("x-sourcemap")
    if reference and "\x00" in reference:
        reference = None
    return parse_debug_id(headers.get("debug-id")), reference or None


def _decode(content: bytes) -> _Given:
    if content.count(b":") > MAX_COLONS:
        raise MalformedManifest(
            f"its manifest.json describes too much: {MAX_COLONS:,} colons are the limit,"
            f" of {MAX_ENTRIES:,} files"
        )
    try:
        given = msgspec.json.decode(content, type=_Given)
    except msgspec.ValidationError:
        raise MalformedManifest("its manifest.json has no object called 'files'") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedManifest(f"its manifest.json is not JSON: {error}") from None
    if len(given.files) > MAX_ENTRIES:
        raise MalformedManifest(
            f"its manifest.json describes {len(given.files):,} files; the limit is {MAX_ENTRIES:,}"
        )
    return given


def _described(raw: msgspec.Raw) -> object:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _entry(path: str, described: object) -> ManifestEntry | str:
    """An entry, or the sentence that says why it is none."""
    shown = path[:_SHOWN]
    if not isinstance(described, dict):
        return f"{shown!r} is not described by an object"
    kind = described.get("type")
    if kind not in tuple(ArtifactType):
        return f"{shown!r} has the unknown type {str(kind)[:_SHOWN]!r}"
    url = _text(described.get("url"))
    if url is None or "\x00" in url or len(url.encode(errors="replace")) > MAX_URL:
        return f"{shown!r} has no url of at most {MAX_URL:,} bytes"
    debug_id, reference = parse_headers(_headers(described.get("headers")))
    return ManifestEntry(path, _type(ArtifactType(kind), url), url, debug_id, reference)


def _type(declared: ArtifactType, url: str) -> ArtifactType:
    """sentry-cli calls a `.map` that it can't parse a minified file."""
    is_map = url.partition("?")[0].lower().endswith(".map")
    return ArtifactType.SOURCE_MAP if is_map else declared


def _headers(given: object) -> Iterator[tuple[str, str]]:
    if isinstance(given, dict):
        yield from ((name, value) for name, value in given.items() if isinstance(value, str))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
