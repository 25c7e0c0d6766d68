"""Compiled maps as the benches write and read them: what a process of Headwater does, without its database."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

from bench.corpus.asked import Answer, Place
from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.parts import Bytes
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.compiled.texts import Line, digest_of
from headwater.sourcemaps.compiled.write import MapWriter, TextPlace
from headwater.sourcemaps.mapping import Mapping as Found
from headwater.sourcemaps.sourcemap import parse
from headwater.storage.compiled_files import CompiledFile, CompiledName, Kind
from headwater.storage.open_files import OpenFiles

NAME = CompiledName("0" * 64, Kind.MAP, "0" * 8)
"""All are called the same, so that one file can be linked under many paths."""

REACH = 5
"""Lines of context before and after a frame's line."""


Known = Callable[[Sequence[bytes]], Mapping[bytes, TextPlace]]


class Written(NamedTuple):
    """The size in bytes of a compiled file, and the texts that it holds itself."""

    size: int
    texts: Sequence[TextPlace]


def nothing_known(_digests: Sequence[bytes]) -> Mapping[bytes, TextPlace]:
    return {}


def compile_map(
    file: BinaryIO, write: Callable[[bytes], object], key: str, known: Known
) -> Written:
    """Compile the JSON of a map; texts that are known elsewhere are referred to there."""
    parsed = parse(file.read())
    writer = MapWriter(write, key)
    every = parsed.mappings
    writer.add_mappings(
        [
            every.lines,
            every.columns,
            every.sources,
            every.source_lines,
            every.source_columns,
            every.names,
        ]
    )
    writer.add_names(parsed.names)
    own: dict[bytes, TextPlace] = {}
    for index, name in enumerate(parsed.sources):
        text = parsed.content(index)
        place = None
        if text is not None:
            digest = digest_of([text])
            place = own.get(digest) or known([digest]).get(digest)
            if place is None:
                place = own[digest] = writer.add_text([text])
        writer.add_source(name, place, is_ignored=index in parsed.ignored)
    return Written(writer.finish(parsed.debug_id, parsed.faults), tuple(own.values()))


def write_compiled(document: Path, to: Path) -> None:
    """Compile a map's JSON as the only one there is."""
    with document.open("rb") as file, to.open("wb") as out:
        compile_map(file, out.write, str(NAME), nothing_known)


Frame = tuple[Answer, tuple[Line | str, ...]]
"""What a resolved frame shows: source, line, column, name; lines around it."""


class Opened:
    """A compiled map as a process opens it that has never seen it; or one of many it has open."""

    def __init__(
        self, path: Path, files: OpenFiles | None = None, cache: Cache | None = None
    ) -> None:
        self._path = path
        self._files = OpenFiles() if files is None else files
        self._closes = files is None
        self._cache = Cache() if cache is None else cache
        self._map: CompiledMap | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._closes:
            self._files.close()

    @property
    def map(self) -> CompiledMap:
        """Opened when it is asked for."""
        if self._map is None:
            size = self._files.size(self._path)
            file = CompiledFile(NAME, self._path, self._files, size)
            self._map = CompiledMap(file, _no_other, self._cache)
        return self._map

    def answer(self, place: Place) -> Answer | None:
        """What the map says of one place, in the oracle's words."""
        return self._answer(self.map.lookup(*place))

    def resolve(self, event: Sequence[Place]) -> list[Frame | None]:
        """All frames of an event, each step's reads announced together."""
        compiled = self.map
        compiled.will_look_up(event)
        found = [compiled.lookup(*place) for place in event]
        sources = {each.source for each in found if each is not None and each.source is not None}
        compiled.will_read_sources(sources)
        compiled.will_read_texts(sources)
        return [self._frame(each) for each in found]

    def _answer(self, mapping: Found | None) -> Answer | None:
        if mapping is None or mapping.source is None:
            return None
        name = self.map.source(mapping.source).name
        return name, mapping.source_line, mapping.source_column, self.map.name(mapping)

    def _frame(self, mapping: Found | None) -> Frame | None:
        answer = self._answer(mapping)
        if answer is None or mapping is None or mapping.source is None:
            return None
        text = self.map.text(mapping.source)
        if text is None:
            return answer, ()
        return answer, tuple(text.around(mapping.source_line, mapping.source_column, REACH))


def _no_other(key: str) -> Bytes:
    raise FileNotFoundError(key)
