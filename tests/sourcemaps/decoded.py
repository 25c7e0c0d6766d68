"""A source map compiled and read back, for tests that look at all of it."""

from dataclasses import dataclass
from itertools import chain

from headwater.sourcemaps.in_memory import source_map_in_memory
from headwater.sourcemaps.reading.mappings import Dropped, MappingsDecoder, windows_of
from headwater.sourcemaps.reading.order import InOrder
from headwater.sourcemaps.source_map import SourceMap


@dataclass(frozen=True)
class NamedMapping:
    """A mapping with the name itself."""

    line: int
    column: int
    source: int | None
    source_line: int
    source_column: int
    name: str | None


class Decoded:
    """One source map."""

    def __init__(self, found: SourceMap) -> None:
        self._map = found
        sources = [found.source(index) for index in range(found.sources)]
        self.sources = tuple(source.name for source in sources)
        self.ignored = frozenset(source.index for source in sources if source.is_ignored)
        names = found.compiled.names
        self.names = tuple(names[index] for index in range(len(names)))
        self.mappings = found.mappings
        self.debug_id = found.debug_id
        self.faults = tuple(found.faults)

    def lookup(self, line: int, column: int) -> NamedMapping | None:
        """As SourceMap's."""
        found = self._map.lookup(line, column)
        if found is None:
            return None
        return NamedMapping(
            found.line,
            found.column,
            found.source,
            found.source_line,
            found.source_column,
            self._map.name(found),
        )

    def content(self, source: int) -> str | None:
        """A source's text."""
        text = self._map.text(source)
        return None if text is None else "".join(text.pieces())


def parse(data: bytes) -> Decoded:
    """Compile and read back. Raises MalformedSourceMap, SourceMapTooLarge."""
    return Decoded(source_map_in_memory(data))


Row = tuple[int, int, int, int, int, int]
"""Line, column, source, source line, source column, name."""


def decode(mappings: bytes, sources: int, names: int) -> tuple[list[Row], Dropped]:
    """The mappings of a map with that many sources and names, sorted, and what was left out."""
    decoder, order = MappingsDecoder(sources, names), InOrder()
    chunks = [order.add(decoder.decode(window)) for window in windows_of(memoryview(mappings))]
    every = chain(chain.from_iterable(chunks), order.rest())
    rows = [tuple(row) for chunk in every for row in chunk.T.tolist()]
    return rows, decoder.finish()
