"""A source map, ready to be asked: where does this place in the generated file come from?"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from headwater.sourcemaps.basic import BasicMap
from headwater.sourcemaps.document import (
    MalformedSourceMap,
    SourceMapTooLarge,
    read_document,
    text_of,
)
from headwater.sourcemaps.mappings import NONE, Mappings
from headwater.sourcemaps.range_mappings import no_flags
from headwater.sourcemaps.scopes import UNPARSED, Scopes, read_scopes
from headwater.sourcemaps.sections import read_map
from headwater.sourcemaps.urls import decode_data_url, source_mapping_url
from headwater.sourcemaps.vlq import Flags

__all__ = [
    "MalformedSourceMap",
    "Mapping",
    "SourceMap",
    "SourceMapTooLarge",
    "parse",
    "parse_inline",
]

MAX_FAULTS: Final = 100
"""Sentences kept about what is wrong with one map; a person reads the first few."""
MAX_PARSED: Final = 256
"""Sources whose functions are kept with a map, some kilobytes each; an event touches ten."""

MAX_LINES: Final = 1024
"""Generated lines whose origins are kept with a map."""
MAX_TAIL: Final = 64 * 1024**2
"""Characters at the end of a minified file that are searched for an inline map."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """One mapping, all from 0, columns in UTF-16 units.

    `source` is an index into the map's sources, or None where the map says that this piece of the
    generated file has no original; then the original's line and column mean nothing.
    """

    line: int
    column: int
    source: int | None
    source_line: int
    source_column: int
    name: str | None


@dataclass(frozen=True, slots=True)
class LineOrigins:
    """Of a generated line: its first mapping that has an original, and to how many different lines
    of sources its mappings lead."""

    first: Mapping | None
    lines: int


@dataclass(frozen=True, slots=True, eq=False)
class SourceMap:
    """One source map, index maps made flat. Immutable to its users; contents decode when asked for.

    `sources` holds None where the map has null. `faults` says what a strict reader would refuse:
    empty for a map that is valid by ECMA-426.
    """

    sources: Sequence[str | None]
    names: Sequence[str]
    mappings: Mappings
    ignored: frozenset[int]
    """Sources that the bundler marked as third-party code (`ignoreList`)."""
    debug_id: str | None
    """As the map has it, in whatever spelling."""
    faults: tuple[str, ...]
    memory: int
    """Bytes that this object keeps alive, about."""
    _ranges: Flags = field(repr=False, default_factory=no_flags)
    """Which mappings hold for all that follows: one each, or none at all."""
    _contents: Sequence[memoryview | None] = field(repr=False, default=())
    _scopes: dict[int, Scopes] = field(repr=False, default_factory=dict)
    _lines: dict[int, LineOrigins] = field(repr=False, default_factory=dict)

    @property
    def last_line(self) -> int | None:
        """The last generated line that has a mapping."""
        lines = self.mappings.lines
        return int(lines[-1]) if lines.size else None

    def lookup(self, line: int, column: int) -> Mapping | None:
        """The greatest mapping at or before the position, on the same generated line only.

        A range mapping holds on the lines after it too, and answers with the place that was asked
        for and the original place as far from its own (ECMA-426 proposal "range mappings").
        """
        index = self.mappings.at_or_before(line, column)
        if not self._ranges.size:
            return None if index is None else self.mapping(index)
        if index is None:
            index = self.mappings.on_line(line).start - 1
            if index < 0 or not self._ranges[index]:
                return None
        found = self.mapping(index)
        return further(found, line, column) if self._ranges[index] else found

    def origins_of_line(self, line: int) -> LineOrigins:
        """Where a whole generated line comes from; worked out once and kept with this map."""
        known = self._lines.get(line)
        if known is None:
            first, count = self.mappings.originals_on_line(line)
            known = LineOrigins(None if first is None else self.mapping(first), count)
            if len(self._lines) >= MAX_LINES:
                self._lines.clear()
            self._lines[line] = known
        return known

    def mapping(self, index: int) -> Mapping:
        """The mapping at an index of `mappings`."""
        every = self.mappings
        source, name = int(every.sources[index]), int(every.names[index])
        return Mapping(
            int(every.lines[index]),
            int(every.columns[index]),
            None if source == NONE else source,
            int(every.source_lines[index]),
            int(every.source_columns[index]),
            None if name == NONE else self.names[name] or None,
        )

    def content(self, source: int) -> str | None:
        """The source's text, by index: two sources may share a name and differ in content."""
        raw = self._contents[source]
        return None if raw is None else text_of(raw)

    def scopes(self, source: int) -> Scopes:
        """The functions of a source, parsed once and kept as long as this map."""
        known = self._scopes.get(source)
        if known is None:
            text = self.content(source)
            known = UNPARSED if text is None else read_scopes(text, self.sources[source] or "")
            if len(self._scopes) >= MAX_PARSED:
                self._scopes.clear()
            self._scopes[source] = known
        return known


def further(mapping: Mapping, line: int, column: int) -> Mapping:
    """What a range mapping says of a place that it holds for: on later lines columns are equal."""
    lines = line - mapping.line
    return replace(
        mapping,
        line=line,
        column=column,
        source_line=mapping.source_line + lines,
        source_column=column if lines else mapping.source_column + column - mapping.column,
    )


def parse(data: bytes) -> SourceMap:
    """Read a source map or index map.

    Lenient: what can be used is used, and every departure from the standard is named in `faults`.
    Raises MalformedSourceMap when nothing can be used, SourceMapTooLarge.
    """
    faults: list[str] = []
    document = read_document(data, faults)
    debug_id = text_of(document.debugId) or text_of(document.debug_id)
    basic = read_map(document, faults)
    return SourceMap(
        sources=basic.sources,
        names=basic.names,
        mappings=basic.mappings,
        ignored=basic.ignored,
        debug_id=debug_id,
        faults=tuple(faults[:MAX_FAULTS]),
        memory=len(data) + basic.mappings.memory + basic.ranges.nbytes + _overhead(basic),
        _ranges=basic.ranges,
        _contents=basic.contents,
    )


def parse_inline(script: str) -> SourceMap:
    """Read the map that is inside a minified file, in its last `sourceMappingURL`. Raises as parse."""
    url = source_mapping_url(script[-MAX_TAIL:]) or ""
    data = decode_data_url(url)
    if data is None:
        raise MalformedSourceMap("the map inside of the minified file can't be decoded")
    return parse(data)


def _overhead(basic: BasicMap) -> int:
    """Bytes of the Python objects around sources and names, by their measured averages."""
    return 300 * len(basic.sources) + 64 * len(basic.names)
