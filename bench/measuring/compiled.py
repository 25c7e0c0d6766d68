"""Compiled maps as the benches write and read them: what a process of Headwater does, without its database."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from bench.corpus.asked import Answer, Place
from headwater.sourcemaps.compile import compile_map
from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.parts import Bytes
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.compiled.texts import Line
from headwater.sourcemaps.mapping import Mapping
from headwater.storage.compiled_files import CompiledFile, CompiledName, Kind
from headwater.storage.open_files import OpenFiles

NAME = CompiledName("0" * 64, Kind.MAP, "0" * 8)
"""All are called the same, so that one file can be linked under many paths."""

REACH = 5
"""Lines of context before and after a frame's line."""


def write_compiled(document: Path, to: Path) -> None:
    """Compile a map's JSON as the only one there is."""
    with to.open("wb") as out:
        compile_map(document.read_bytes(), out.write, str(NAME))


Frame = tuple[Answer, tuple[Line | str, ...]]
"""What a resolved frame shows: source, line, column, name; lines around it."""


class Opened:
    """A compiled map as a process opens it that has never seen it; or one of many it has open."""

    def __init__(
        self, path: Path, files: OpenFiles | None = None, cache: Cache | None = None
    ) -> None:
        self._path = str(path)
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

    def _answer(self, mapping: Mapping | None) -> Answer | None:
        if mapping is None or mapping.source is None:
            return None
        name = self.map.source(mapping.source).name
        return name, mapping.source_line, mapping.source_column, self.map.name(mapping)

    def _frame(self, mapping: Mapping | None) -> Frame | None:
        answer = self._answer(mapping)
        if answer is None or mapping is None or mapping.source is None:
            return None
        text = self.map.text(mapping.source)
        if text is None:
            return answer, ()
        return answer, tuple(text.around(mapping.source_line, mapping.source_column, REACH))


def _no_other(key: str) -> Bytes:
    raise FileNotFoundError(key)
