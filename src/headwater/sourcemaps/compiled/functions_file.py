"""A compiled file of the functions of a map's sources."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

import msgspec
import numpy as np

from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.functions import (
    MAX_NAME,
    Digest,
    Functions,
    functions_at,
    write_functions,
)
from headwater.sourcemaps.compiled.layout import BodyRecord, Kind, Named
from headwater.sourcemaps.compiled.parts import (
    OPEN_BYTES,
    Bytes,
    CompiledFileDamaged,
    Parts,
    PartWriter,
    Ref,
)
from headwater.sourcemaps.compiled.places import Table, TableHead, TableWriter
from headwater.sourcemaps.compiled.records import (
    NAMES,
    List,
    ListHead,
    ListWriter,
    structure,
)
from headwater.sourcemaps.compiled.sources import OWN
from headwater.sourcemaps.compiled.table_places import (
    TablePlaces,
    TablePlacesHead,
    TablePlacesWriter,
)
from headwater.sourcemaps.compiled.write import Holders, TextPlace
from headwater.sourcemaps.fields.inlining import Bodies, InliningTable
from headwater.sourcemaps.functions.function_table import FunctionTable

MAX_FILE: Final = 256 * 1024**2
"""Bytes of one file of functions; of a map of 105 MB it has 3.3 MB. Each part has the names that it
needs, so that a map can be made whose functions take a hundred times what it has itself."""
OF_THIS_MAP: Final = b"of this map"
"""Instead of a digest: a table that belongs to no text."""


class FunctionsHead(msgspec.Struct, frozen=True, array_like=True):
    """The head of a file of kind FUNCTIONS."""

    sources: TablePlacesHead
    holders: tuple[str, ...] = ()
    """Keys of other files of kind FUNCTIONS."""
    generated: tuple[Ref, Ref] | None = None
    """Tables over the generated file: functions, and calls that functions stand in the place of."""
    inlined: TableHead | None = None
    """Rows: generated line, column, number of the innermost body."""
    bodies: ListHead | None = None
    script: bytes = b""
    """SHA-256 of the minified file that `generated` was made of: a map may belong to several."""


class FunctionsWriter:
    """Writes one file of kind FUNCTIONS, sources in the map's order."""

    def __init__(self, write: Callable[[bytes], object], key: str) -> None:
        """`write` appends to the file; `key` is its name."""
        self._parts = PartWriter(write, key, Kind.FUNCTIONS, MAX_FILE)
        self._sources = TablePlacesWriter()
        self._holders = Holders()
        self._generated: tuple[Ref, Ref] | None = None
        self._script = b""
        self._inlining: tuple[TableHead | None, ListHead | None] = (None, None)

    @property
    def holders(self) -> tuple[str, ...]:
        """Keys of the other files that this one refers to."""
        return self._holders.keys()

    def add_table(self, digest: bytes, table: FunctionTable) -> TextPlace:
        """Store a table in this file."""
        return TextPlace(digest, None, write_functions(self._parts, digest, table))

    def add_source(self, named: Named, place: TextPlace | None) -> bool:
        """Append a source. False, and nothing is appended, if its table is in one file too many."""
        if place is None:
            self._sources.add()
            return True
        holder = self._holders.number(place.holder)
        if holder is None:
            return False
        self._sources.add(named, holder, place.ref)
        return True

    def add_generated(self, scopes: FunctionTable, calls: FunctionTable, script: bytes) -> None:
        """Store the tables over the generated file, whose SHA-256 is `script`."""
        self._script = script
        tables = (write_functions(self._parts, OF_THIS_MAP, each) for each in (scopes, calls))
        self._generated = (next(tables), next(tables))

    def add_inlining(self, table: InliningTable) -> None:
        """Store what the map says of inlined bodies; nothing if it says nothing."""
        bodies = table.bodies
        if not len(bodies):
            return
        innermost = [0 if each is None else each + 1 for each in table.innermost]
        rows = TableWriter(self._parts)
        rows.add(
            [np.array(each, dtype=np.int32) for each in (table.lines, table.columns, innermost)]
        )
        records = ListWriter[BodyRecord](self._parts, NAMES)
        records.add(_body(bodies, index) for index in range(len(bodies)))
        self._inlining = rows.finish(), records.finish()

    def finish(self) -> int:
        """Write what is left; the file's size in bytes."""
        head = FunctionsHead(
            self._sources.finish(),
            self._holders.keys(),
            self._generated,
            *self._inlining,
            self._script,
        )
        return self._parts.finish(msgspec.msgpack.encode(head))


class SourceFunctions(NamedTuple):
    """The table of one source, and how its functions came to their names."""

    functions: Functions
    named: Named


class FunctionsFile:
    """Reads a file of kind FUNCTIONS. Every method may raise CompiledFileDamaged or OSError."""

    def __init__(self, file: Bytes, open_file: Callable[[str], Bytes], cache: Cache) -> None:
        self.parts = Parts(file, Kind.FUNCTIONS, cache)
        """Of this file; what others keep of it, they keep under this."""
        self._open_file = open_file
        content = self.parts.head()
        head = structure(content, FunctionsHead)
        self.memory = OPEN_BYTES + len(content)
        """Bytes that it takes as long as it is open, beside what the cache counts."""
        self._sources = TablePlaces(head.sources)
        self._holders = head.holders
        self._others: dict[int, Parts] = {}
        self._generated = head.generated
        self._script = head.script
        self._inlined = None if head.inlined is None else Table(self.parts, head.inlined)
        self._bodies = None if head.bodies is None else List(self.parts, head.bodies, BodyRecord)

    def of_sources(self, digests: Mapping[int, Digest]) -> dict[int, SourceFunctions]:
        """By the sources' indices, with the digests of their tables; without those of which no
        functions are known."""
        places = {source: self._sources[source] for source in digests}
        wanted: dict[int, dict[int, Digest]] = {}
        for source, (named, holder, address) in places.items():
            if named is not Named.NOT_NAMED:
                its = digests[source] if named is Named.ORIGINAL_SOURCE else _of_this_map
                wanted.setdefault(holder, {})[address] = its
        found = {
            holder: functions_at(self._parts_of(holder), in_holder)
            for holder, in_holder in wanted.items()
        }
        return {
            source: SourceFunctions(found[holder][address], named)
            for source, (named, holder, address) in places.items()
            if named is not Named.NOT_NAMED
        }

    def announce(self, sources: Iterable[int]) -> None:
        """Let the system fetch what the functions of these sources will be read from."""
        addresses: dict[int, list[int]] = {}
        for named, holder, address in map(self._sources.__getitem__, sources):
            if named is not Named.NOT_NAMED:
                addresses.setdefault(holder, []).append(address)
        for holder, of_holder in addresses.items():
            self._parts_of(holder).announce(of_holder)

    @property
    def script(self) -> str | None:
        """The minified file that `generated` is of, by SHA-256; None if there are no such tables."""
        return self._script.hex() or None

    def generated(self) -> tuple[Functions, Functions] | None:
        """The tables over the generated file: functions, and calls."""
        if self._generated is None:
            return None
        first, second = (each.address for each in self._generated)
        tables = functions_at(self.parts, {first: _of_this_map, second: _of_this_map})
        return tables[first], tables[second]

    def body_at(self, line: int, column: int) -> int:
        """The number of the innermost body around a place of the generated file; 0 if none."""
        row = None if self._inlined is None else self._inlined.at_or_before(line, column)
        return 0 if row is None else row[2]

    def body(self, number: int) -> BodyRecord:
        """A body by its number, from 1."""
        if self._bodies is None or not 0 < number <= len(self._bodies):
            raise CompiledFileDamaged(f"there is no body {number:,}")
        return self._bodies[number - 1]

    def _parts_of(self, holder: int) -> Parts:
        if holder == OWN:
            return self.parts
        parts = self._others.get(holder)
        if parts is None:
            if not 0 < holder <= len(self._holders):
                raise CompiledFileDamaged("it refers to a file that it does not name")
            file = self._open_file(self._holders[holder - 1])
            parts = self._others[holder] = Parts(file, Kind.FUNCTIONS, self.parts.cache)
        return parts


def _body(bodies: Bodies, index: int) -> BodyRecord:
    """The number of a body is one more than its index, and none is before the first: 0."""
    name = bodies.names[index]
    return BodyRecord(
        None if name is None else name[:MAX_NAME],
        bool(bodies.hidden[index]),
        bodies.parents[index] + 1,
        bodies.call_sources[index] + 1,
        bodies.call_lines[index],
        bodies.call_columns[index],
    )


def _of_this_map() -> bytes:
    return OF_THIS_MAP
