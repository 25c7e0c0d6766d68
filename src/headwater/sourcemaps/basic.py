"""A source map without sections: its members read as leniently as real maps need it."""

from dataclasses import dataclass
from typing import Any, Final

from headwater.sourcemaps.document import (
    Document,
    MalformedSourceMap,
    beginning_of,
    contents_of,
    entries_of,
    is_absent,
    text_of,
    value_of,
)
from headwater.sourcemaps.field_faults import FieldFaults
from headwater.sourcemaps.mappings import Mappings, decode
from headwater.sourcemaps.range_mappings import no_flags, range_flags, read_range_mappings
from headwater.sourcemaps.urls import is_absolute
from headwater.sourcemaps.vlq import Flags

VERSION: Final = 3


@dataclass(frozen=True, slots=True)
class BasicMap:
    """What a map (or all sections of one together) says. Contents are undecoded JSON strings.

    `sources` has `sourceRoot` in front already, None where the map has null. `contents` is as long
    as `sources`. Contents belong to an index, never to a name: esbuild lists one name twice with
    different contents.
    """

    mappings: Mappings
    sources: tuple[str | None, ...]
    contents: tuple[memoryview | None, ...]
    names: tuple[str, ...]
    ignored: frozenset[int]
    ranges: Flags
    """Which of the mappings hold for all that follows: a mapping each, or none at all."""


def read_basic(document: Document, faults: list[str]) -> BasicMap:
    """Read one map without sections, adding to `faults` what a validator would refuse.

    Raises MalformedSourceMap when there are no mappings to read, SourceMapTooLarge.
    """
    written = text_of(document.mappings)
    if written is None:
        found = beginning_of(document.mappings)
        raise MalformedSourceMap(f"`mappings` must be a string, there is {found}")
    check_header(document, faults)
    sources = _sources(document, faults)
    names = _names(document, faults)
    mappings, dropped = decode(written.encode("ascii", "replace"), len(sources), len(names))
    faults.extend(dropped.faults())
    contents = _contents(document, len(sources), faults)
    ignored = _ignored(document, len(sources), faults)
    return BasicMap(
        mappings, sources, contents, names, ignored, _ranges(document, mappings, faults)
    )


def check_header(document: Document, faults: list[str]) -> None:
    """Note a wrong `version` or `file`: nothing depends on either."""
    version = value_of(document.version)
    if version != VERSION or not isinstance(version, int) or isinstance(version, bool):
        faults.append(f"`version` must be {VERSION}, there is {beginning_of(document.version)}")
    if not is_absent(document.file) and text_of(document.file) is None:
        faults.append(f"`file` must be a string, there is {beginning_of(document.file)}")


def _sources(document: Document, faults: list[str]) -> tuple[str | None, ...]:
    entries = entries_of(document.sources, "sources")
    if entries is None:
        faults.append(f"`sources` must be a list, there is {beginning_of(document.sources)}")
        return ()
    if any(entry is not None and not isinstance(entry, str) for entry in entries):
        faults.append("`sources` has entries that are neither a string nor null")
    root = text_of(document.sourceRoot)
    if root is None and not is_absent(document.sourceRoot):
        there = beginning_of(document.sourceRoot)
        faults.append(f"`sourceRoot` must be a string, there is {there}")
    return tuple(rooted(root or "", entry) for entry in entries)


def rooted(root: str, source: Any) -> str | None:
    """A source's name with `sourceRoot` in front; None where it is none."""
    if not isinstance(source, str):
        return None
    if not root or source.startswith("/") or is_absolute(source):
        return source
    return f"{root.removesuffix('/')}/{source}"


def _ranges(document: Document, mappings: Mappings, faults: list[str]) -> Flags:
    if is_absent(document.rangeMappings):
        return no_flags()
    noted = FieldFaults("rangeMappings")
    flags = range_flags(read_range_mappings(document.rangeMappings, noted), mappings, noted)
    faults.extend(noted.sentences())
    return flags


def _names(document: Document, faults: list[str]) -> tuple[str, ...]:
    if is_absent(document.names):
        return ()
    entries = entries_of(document.names, "names")
    if entries is None:
        faults.append(f"`names` must be a list, there is {beginning_of(document.names)}")
        return ()
    # A set of types first: a large map has 300,000 names, and nearly always nothing but strings.
    if set(map(type, entries)) <= {str}:
        return tuple(entries)
    faults.append("`names` has entries that are no strings")
    return tuple(name_of(entry) for entry in entries)


def name_of(entry: Any) -> str:
    """Some generators write numbers for numeric keys; other types have no name to offer."""
    if isinstance(entry, str):
        return entry
    return str(entry) if isinstance(entry, int | float) and not isinstance(entry, bool) else ""


def _contents(document: Document, sources: int, faults: list[str]) -> tuple[memoryview | None, ...]:
    if is_absent(document.sourcesContent):
        return (None,) * sources
    found, fit = contents_of(document.sourcesContent, sources)
    if not fit:
        faults.append("`sourcesContent` must be a list of strings and nulls")
    return (*found, *(None,) * (sources - len(found)))


def _ignored(document: Document, sources: int, faults: list[str]) -> frozenset[int]:
    """Sources that the map's maker calls third-party code."""
    for raw in (document.ignoreList, document.x_google_ignoreList):
        if is_absent(raw):
            continue
        entries = entries_of(raw, "ignoreList")
        if entries is None:
            faults.append(f"`ignoreList` must be a list, there is {beginning_of(raw)}")
            continue
        fitting = frozenset(_indices(entries, sources))
        if len(fitting) != len(entries):
            faults.append("`ignoreList` has entries that are not an index of a source")
        return fitting
    return frozenset()


def _indices(entries: list[Any], sources: int) -> list[int]:
    whole = (entry for entry in entries if isinstance(entry, int) and not isinstance(entry, bool))
    return [entry for entry in whole if 0 <= entry < sources]
