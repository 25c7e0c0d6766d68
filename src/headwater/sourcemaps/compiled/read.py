"""A compiled map, ready to be asked: where does this place in the generated file come from?"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as Mapped
from functools import cached_property
from typing import Final

from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.columns import Columns
from headwater.sourcemaps.compiled.layout import MAPPED, NAMED, RANGE, Kind, MapHead
from headwater.sourcemaps.compiled.origins import (
    LINES_AROUND,
    Origin,
    Source,
    bytes_of,
    excerpt_of,
    excerpts_of,
)
from headwater.sourcemaps.compiled.parts import (
    OPEN_BYTES,
    Bytes,
    CompiledFileDamaged,
    Parts,
    unpacked,
)
from headwater.sourcemaps.compiled.places import Place, Row, Table
from headwater.sourcemaps.compiled.records import List, structure
from headwater.sourcemaps.compiled.sources import (
    OWN,
    Elsewhere,
    SourceRecord,
    StoredSource,
    source_at,
    sources_at,
)
from headwater.sourcemaps.compiled.texts import Text
from headwater.sourcemaps.mapping import LineOrigins, Mapping

OpenFile = Callable[[str], Bytes]
"""Another compiled map by its key. Raises CompiledFileDamaged if it is gone; OSError."""

_ORIGIN_BYTES: Final = 1000
"""Of an origin that is kept, with its place and without its excerpt."""


class CompiledMap:
    """Reads a compiled map. Every method may raise CompiledFileDamaged or OSError."""

    def __init__(self, file: Bytes, open_file: OpenFile, cache: Cache) -> None:
        self._parts = Parts(file, Kind.MAP, cache)
        self._open_file = open_file
        content = self._parts.head()
        head = structure(content, MapHead)
        self._mappings = Table(self._parts, head.mappings)
        self._names = List(self._parts, head.names, str)
        self._sources = unpacked(head.sources)
        self._holders = head.holders
        self._others: dict[int, Parts] = {}
        self.key = file.key
        self.memory = OPEN_BYTES + len(content)
        """Bytes that it takes as long as it is open. What it reads is the cache's."""
        self.debug_id = head.debug_id
        self.faults = head.faults
        self.last_line = head.last_line

    @property
    def cache(self) -> Cache:
        """Where all maps of the process keep what they read."""
        return self._parts.cache

    @property
    def mappings(self) -> int:
        """How many there are."""
        return self._mappings.rows

    @property
    def sources(self) -> int:
        """How many there are."""
        return len(self._sources)

    @property
    def names(self) -> Sequence[str]:
        """The names that mappings refer to."""
        return self._names  # type: ignore[return-value]

    def lookup(self, line: int, column: int) -> Mapping | None:
        """The greatest mapping at or before a place, on the same generated line only.

        Of several at one place the last: the first is usually the end of what came before. Within
        a range mapping, the very place that the asked one comes from.
        """
        row = self._mappings.at_or_before(line, column)
        return None if row is None else _mapping_at(row, line, column)

    def ask(self, places: Sequence[Place]) -> "MapQuestion":
        """Look several places up at once. The same places again, as those of an error that comes
        again and again, are answered at once."""
        return MapQuestion(self, self._parts, self._mappings, tuple(places))

    def origin(self, mapping: Mapping) -> Origin:
        """What a mapping leads to."""
        if mapping.source is None:
            return Origin(mapping, None, None)
        stored = self._stored(mapping.source)
        return _origin(mapping, _source(mapping.source, stored.record), self._text(stored))

    def origins(self, mappings: Sequence[Mapping | None]) -> Sequence[Origin | None]:
        """What each of several leads to; each source is read once."""
        found: list[Origin | None] = [None] * len(mappings)
        of_source: dict[int, list[tuple[int, Mapping]]] = {}
        for number, each in enumerate(mappings):
            if each is None:
                continue
            if each.source is None:
                found[number] = Origin(each, None, None)
            else:
                of_source.setdefault(each.source, []).append((number, each))
        stored = self._stored_all(of_source)
        wanted = {
            index: (text, [(each.source_line, each.source_column) for _, each in of_source[index]])
            for index, its in stored.items()
            if (text := self._text(its)) is not None
        }
        excerpts = dict(zip(wanted, excerpts_of(list(wanted.values())), strict=True))
        for index, led_here in of_source.items():
            source = _source(index, stored[index].record)
            of_text = excerpts.get(index) or itertools.repeat(None, len(led_here))
            for (number, mapping), excerpt in zip(led_here, of_text, strict=True):
                found[number] = Origin(mapping, source, excerpt)
        return found

    def has_mappings_on(self, line: int) -> bool:
        """Whether any mapping begins on a generated line."""
        return any(rows.size for rows in self._mappings.on_line(line))

    def origins_of_line(self, line: int) -> LineOrigins:
        """Where a whole generated line comes from; reads no more of it than that takes."""
        first: Columns | None = None
        for rows in self._mappings.on_line(line):
            mapped = rows[:, rows[2] & MAPPED != 0]
            if not mapped.size:
                continue
            first = mapped[:, :1] if first is None else first
            if (mapped[3:5] != first[3:5]).any():
                return LineOrigins(_mapping(first[:, 0].tolist()), has_others=True)
        return LineOrigins(
            None if first is None else _mapping(first[:, 0].tolist()), has_others=False
        )

    def sample(self, blocks: int, each: int) -> Iterator[Mapping]:
        """Mappings from so many parts of the file, spread evenly, and so many of each part; of a file
        that has fewer parts more of each."""
        found = list(self._mappings.spread(blocks))
        each = blocks * each // max(1, len(found))
        for rows in found:
            count = rows.shape[1]
            for at in sorted({number * count // each for number in range(each)}):
                yield _mapping(rows[:, at].tolist())

    def name(self, mapping: Mapping) -> str | None:
        """The name that a mapping carries."""
        return None if mapping.name is None else self._names[mapping.name] or None

    def source(self, index: int) -> Source:
        """A source by its index."""
        return _source(index, self._stored(index).record)

    def text(self, index: int) -> Text | None:
        """A source's text; None if the map has none."""
        return self._text(self._stored(index))

    def _text(self, stored: StoredSource) -> Text | None:
        if stored.record.elsewhere is None:
            return stored.text
        digest, holder, address = stored.record.elsewhere
        parts = self._parts_of(holder)
        text = source_at(parts, address).text
        if text is None or text.digest != digest:
            raise CompiledFileDamaged(f"{parts.file.key}: a text in it is another one")
        return text

    def _stored(self, index: int) -> StoredSource:
        return source_at(self._parts, self._address_of(index))

    def _stored_all(self, indices: Iterable[int]) -> dict[int, StoredSource]:
        addresses = {index: self._address_of(index) for index in indices}
        stored = sources_at(self._parts, set(addresses.values()))
        return {index: stored[address] for index, address in addresses.items()}

    def _address_of(self, index: int) -> int:
        if not 0 <= index < len(self._sources):
            raise CompiledFileDamaged(f"{self.key}: it has no source {index:,}")
        return self._sources[index]

    def announce_sources(self, indices: Iterable[int]) -> None:
        """Let the system fetch what reading these sources will read."""
        known = range(len(self._sources))
        self._parts.announce(self._sources[each] for each in indices if each in known)

    def announce_texts(self, places: Mapped[int, Sequence[Place]]) -> None:
        """Let the system fetch what is around these places of sources."""
        sources = self._stored_all(places)
        self._announce_elsewhere(each.record.elsewhere for each in sources.values())
        for index, stored in sources.items():
            text = self._text(stored)
            if text is not None:
                text.announce(places[index], LINES_AROUND)

    def _announce_elsewhere(self, texts: Iterable[Elsewhere | None]) -> None:
        addresses: dict[int, list[int]] = {}
        for each in texts:
            if each is not None:
                addresses.setdefault(each.holder, []).append(each.address)
        for holder, of_holder in addresses.items():
            self._parts_of(holder).announce(of_holder)

    def _parts_of(self, holder: int) -> Parts:
        if holder == OWN:
            return self._parts
        parts = self._others.get(holder)
        if parts is None:
            if not 0 < holder <= len(self._holders):
                raise CompiledFileDamaged(f"{self.key}: it refers to a file that it does not name")
            parts = Parts(self._open_file(self._holders[holder - 1]), Kind.MAP, self._parts.cache)
            self._others[holder] = parts
        return parts


class MapQuestion:
    """Places that are looked up in one map at once. Its methods may raise as the map's."""

    def __init__(
        self, compiled: CompiledMap, parts: Parts, mappings: Table, places: tuple[Place, ...]
    ) -> None:
        self._compiled = compiled
        self._cache = parts.cache
        self._parts = parts
        self._key = (parts, places)
        self._known: Sequence[Origin | None] | None = self._cache.get(self._key)
        self._rows = None if self._known is not None else mappings.ask(places)
        self._places = places

    def announce(self) -> bool:
        """Let the system fetch what finding the mappings will read; False if all is known, or seems to
        be in memory, so that nothing else need be announced."""
        if self._rows is None or not self._parts.file.waits:
            return False
        self._rows.announce()
        return True

    @cached_property
    def mappings(self) -> Sequence[Mapping | None]:
        """What `CompiledMap.lookup` answers for each place."""
        if self._rows is None:
            return [None if each is None else each.mapping for each in self._known or ()]
        return [
            None if row is None else _mapping_at(row, *place)
            for row, place in zip(self._rows.rows(), self._places, strict=True)
        ]

    @cached_property
    def led_to(self) -> dict[int, list[Place]]:
        """The places in sources that are led to, by the source that they are in."""
        places: dict[int, list[Place]] = {}
        for mapping in self.mappings:
            if mapping is not None and mapping.source is not None:
                in_source = places.setdefault(mapping.source, [])
                in_source.append((mapping.source_line, mapping.source_column))
        return places

    def origins(self) -> Sequence[Origin | None]:
        """Where each place comes from."""
        if self._known is None:
            found = self._compiled.origins(self.mappings)
            excerpts = [each.excerpt for each in found if each is not None and each.excerpt]
            size = bytes_of(excerpts) + _ORIGIN_BYTES * (1 + len(found))
            self._known = self._cache.put(self._key, found, size)
        return self._known


def _source(index: int, record: SourceRecord) -> Source:
    return Source(index, record.name, record.is_ignored, record.digest)


def _origin(mapping: Mapping, source: Source | None, text: Text | None) -> Origin:
    if text is None:
        return Origin(mapping, source, None)
    return Origin(mapping, source, excerpt_of(text, mapping.source_line, mapping.source_column))


def _mapping_at(row: Row, line: int, column: int) -> Mapping | None:
    """What the last row at or before a place says of it."""
    if row[2] & RANGE:
        return _mapping(_moved(row, line, column))
    return _mapping(row) if row[0] == line else None


def _mapping(row: Row) -> Mapping:
    line, column, bits, source, source_line, source_column, name = row
    if not bits & MAPPED:
        return Mapping(line, column, None, 0, 0, None)  # the row repeats the one before
    return Mapping(line, column, source, source_line, source_column, name if bits & NAMED else None)


def _moved(row: Row, line: int, column: int) -> Row:
    """A range mapping's row for a place within the range (proposal "Range Mappings" of ECMA-426)."""
    lines = line - row[0]
    source_column = row[5] + (column - row[1]) if lines == 0 else column
    return line, column, row[2], row[3], row[4] + lines, source_column, row[6]
