"""Compiled maps as the benches write and read them: what a process of Headwater does, without its database."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Self

from bench.corpus.asked import Answer, Place
from bench.corpus.shelf import Item, folder, js_of, map_of
from headwater import sourcemaps
from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.functions_file import FunctionsFile
from headwater.sourcemaps.compiled.origins import Origin
from headwater.sourcemaps.compiled.parts import Bytes, tail_of
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.compiled.script_file import ScriptFile
from headwater.sourcemaps.compiled.texts import Line
from headwater.sourcemaps.compiling.compile import compile_map, nothing_known
from headwater.sourcemaps.compiling.compile_functions import Originals, compile_functions
from headwater.sourcemaps.compiling.compile_script import compile_script
from headwater.sourcemaps.map_functions import FunctionName
from headwater.sourcemaps.mapping import Mapping
from headwater.sourcemaps.source_map import Script, SourceMap
from headwater.sourcemaps.stored_functions import StoredFunctions
from headwater.storage.files.compiled_files import CompiledFile, CompiledName, Kind
from headwater.storage.files.folder import Folder
from headwater.storage.files.open_files import OpenFiles

MAP = CompiledName("0" * 64, Kind.MAP, "0" * 8)
FUNCTIONS = CompiledName("0" * 64, Kind.FUNCTIONS, "0" * 8)
SCRIPT = CompiledName("0" * 64, Kind.SCRIPT, "0" * 8)
"""All are called the same, so that one file can be linked under many paths."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """Where the files of one map and of its minified file are."""

    map: Path
    functions: Path
    script: Path

    @classmethod
    def at(cls, path: Path) -> Self:
        """Those beside one another that are called like this."""
        return cls(*(path.with_name(path.name + end) for end in (".map", ".functions", ".script")))

    @property
    def files(self) -> tuple[Path, Path, Path]:
        return self.map, self.functions, self.script

    def linked(self, beside: Path) -> "Compiled":
        """The same under other names."""
        other = Compiled.at(beside)
        for path, link in zip(self.files, other.files, strict=True):
            link.hardlink_to(path)
        return other


def compiled(item: Item) -> Compiled:
    """The map, compiled as the only one there is, by this very engine; kept with the corpus."""
    made = Compiled.at(folder() / "compiled" / _engine() / item.id)
    if not all(path.exists() for path in made.files):
        made.map.parent.mkdir(parents=True, exist_ok=True)
        _compile(map_of(item).read_bytes(), js_of(item).read_bytes(), made)
    return made


def _compile(document: bytes, script: bytes, to: Compiled) -> None:
    with _written(to.script) as out:
        compile_script(script, out.write, str(SCRIPT))
    with _written(to.map) as out:
        compile_map(document, out.write, str(MAP))
    with Opened(to) as opened, _written(to.functions) as out:
        originals = Originals(document)
        compile_functions(opened.compiled, originals, out.write, str(FUNCTIONS), nothing_known)


@contextmanager
def _written(path: Path) -> Iterator[BinaryIO]:
    """Whole or not at all."""
    new = path.with_suffix(f".{os.getpid()}")
    with new.open("wb") as out:
        yield out
    new.replace(path)


@cache
def _engine() -> str:
    """A digest of the code that compiles."""
    digest = sha256()
    package = Path(sourcemaps.__file__).parent
    for path in sorted((*package.rglob("*.py"), *package.rglob("*.zdict"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


Frame = tuple[str | None, int, int, str | None, tuple[Line | str, ...]]
"""What a resolved frame shows: source, line, column, function, lines around it."""


class Opened:
    """A compiled map as a process opens it that has never seen it; or one of many it has open."""

    def __init__(
        self, paths: Compiled, files: OpenFiles | None = None, cache: Cache | None = None
    ) -> None:
        self._paths = paths
        self._files = OpenFiles() if files is None else files
        self._folder = Folder(paths.map.parent, self._files)
        self._closes = files is None
        self._cache = Cache() if cache is None else cache

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._closes:
            self._files.close()

    @cached_property
    def compiled(self) -> CompiledMap:
        """Opened when it is asked for."""
        return CompiledMap(self._file(MAP, self._paths.map), no_other, self._cache)

    @cached_property
    def map(self) -> SourceMap:
        """With the names of functions."""
        file = self._file(FUNCTIONS, self._paths.functions)
        file.will_read([tail_of(file.size)])
        compiled = self.compiled
        functions = FunctionsFile(file, no_other, self._cache)
        return SourceMap(compiled, (StoredFunctions(functions, compiled),))

    @cached_property
    def script(self) -> Script:
        """The minified file."""
        return Script(ScriptFile(self._file(SCRIPT, self._paths.script), self._cache))

    def answer(self, place: Place) -> Answer | None:
        """What the map says of one place, in the oracle's words."""
        mapping = self.compiled.lookup(*place)
        if mapping is None or mapping.source is None:
            return None
        return self._answer(mapping, mapping.source)

    def resolve(self, event: Sequence[Place]) -> list[Frame]:
        """All frames of an event, reads announced in rounds, as symbolication does it."""
        question = self.map.ask(event)
        if question.announce():
            self.map.announce_sources(question.led_to)
            self.map.announce_texts(question.led_to)
        origins = [each for each in question.origins() if each is not None]
        places = [each.mapping.place_in_source for each in origins]
        functions = self.map.functions_at([each for each in places if each is not None])
        found = [each for each in origins if each.source is not None]
        return [_frame(each, function) for each, function in zip(found, functions, strict=True)]

    def _answer(self, mapping: Mapping, source: int) -> Answer:
        name = self.compiled.source(source).name
        return name, mapping.source_line, mapping.source_column, self.compiled.name(mapping)

    def _file(self, name: CompiledName, path: Path) -> CompiledFile:
        return CompiledFile(name, self._folder.reading(path.name))


def _frame(origin: Origin, function: FunctionName | None) -> Frame:
    mapping, source, excerpt = origin.mapping, origin.source, origin.excerpt
    around = () if excerpt is None else tuple(excerpt.lines)
    named = None if function is None else function.name
    name = None if source is None else source.name
    return name, mapping.source_line, mapping.source_column, named, around


def no_other(key: str) -> Bytes:
    """What a map is opened with that refers to no other file."""
    raise FileNotFoundError(key)
