"""Small compiled files that have parts of every kind, and everything that can be read from them."""

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as ByKey
from functools import partial
from typing import Final, NamedTuple, NoReturn, TypeVar

import numpy as np

from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.functions_file import FunctionsFile, FunctionsWriter
from headwater.sourcemaps.compiled.layout import Named
from headwater.sourcemaps.compiled.memory import MemoryBytes
from headwater.sourcemaps.compiled.parts import Bytes, CompiledFileDamaged
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.compiled.texts import Text, around, digest_of
from headwater.sourcemaps.compiled.write import MapWriter, TextPlace
from headwater.sourcemaps.functions.function_table import FunctionTable
from headwater.sourcemaps.reading.mappings import NONE

OLDER: Final = "0" * 64
NEWER: Final = "1" * 64
"""Keys of two maps; the newer refers to a text of the older."""
LONG_TEXT: Final = "".join(f"line {number}; {'x' * (number % 90)}\n" for number in range(400))
LONG_LINE: Final = "const é = '😀';" * 3000
SHORT_TEXT: Final = "let a = 1\r\nlet b = 2"
Question = Callable[[], object]
T = TypeVar("T")
ROWS: Final = tuple(
    (number // 40, 7 * (number % 40), number % 4, number // 3, number % 11, number % 70)
    for number in range(600)
)
DIGESTS: Final = tuple(digest_of([text]) for text in (LONG_TEXT, LONG_LINE, SHORT_TEXT))
PLACES: Final = tuple((line, column) for line in range(0, 17, 3) for column in (0, 100, 279, 900))


class Written(NamedTuple):
    """Two compiled maps, and a file of functions of the newer one's sources."""

    older: bytes
    newer: bytes
    functions: bytes


def write_all() -> Written:
    """All three files."""
    older, shared = _older()
    return Written(older, _newer(shared), _functions())


def _older() -> tuple[bytes, TextPlace]:
    written: list[bytes] = []
    writer = MapWriter(written.append, OLDER)
    text = writer.add_source_with("shared.js", [LONG_TEXT], is_ignored=False)
    writer.finish()
    return b"".join(written), TextPlace(text.digest, OLDER, text.ref)


def _newer(shared: TextPlace) -> bytes:
    written: list[bytes] = []
    writer = MapWriter(written.append, NEWER)
    columns = np.array(ROWS, dtype=np.int32).T.copy()
    columns[2:, ::9] = NONE
    columns[5, ::4] = NONE
    ranges = np.arange(len(ROWS), dtype=np.int32) % 50 == 0
    writer.add_mappings(list(columns[:, :333]), ranges[:333])
    writer.add_mappings(list(columns[:, 333:]), ranges[333:])
    writer.add_names(f"naïve{number}" for number in range(70))
    writer.add_source("src/ünï0.js", shared, is_ignored=False)
    writer.add_source_with("src/ünï1.js", [LONG_LINE], is_ignored=False)
    short = writer.add_source_with("src/ünï2.js", [SHORT_TEXT], is_ignored=True)
    writer.add_source("src/ünï3.js", None, is_ignored=False)
    writer.add_source("src/ünï4.js", short, is_ignored=False)
    writer.finish("a-debug-id", ("a fault",))
    return b"".join(written)


def _functions() -> bytes:
    written: list[bytes] = []
    writer = FunctionsWriter(written.append, NEWER)
    many = range(2100)
    tables = [
        FunctionTable(many, [0] * 2100, [f"f{number}" for number in many]),
        FunctionTable([0, 0, 1], [3, 9, 0], ["Queue.onTick", "<anonymous>", None]),
        FunctionTable([], [], []),
    ]
    for digest, table in zip(DIGESTS, tables, strict=True):
        writer.add_source(Named.ORIGINAL_SOURCE, writer.add_table(digest, table))
    writer.add_source(Named.NOT_NAMED, None)
    writer.finish()
    return b"".join(written)


def answers(questions: Iterable[Question]) -> list[object]:
    """What they are answered; CompiledFileDamaged, where they end in that."""
    return [_asked(each) for each in questions]


def opened(files: ByKey[str, bytes], key: str) -> CompiledMap:
    """A map that finds its holders among the files."""

    def file(holder: str) -> Bytes:
        if holder not in files:
            raise CompiledFileDamaged(f"{holder} is gone")
        return MemoryBytes(holder, files[holder])

    return CompiledMap(file(key), file, Cache())


def of_maps(files: Written) -> Iterator[Question]:
    """Questions for everything that is in the maps."""
    maps = {OLDER: files.older, NEWER: files.newer}
    newer = _once(partial(opened, maps, NEWER))
    yield lambda: _text(opened(maps, OLDER).text(0))
    yield lambda: _about(newer())
    for line, column in PLACES:
        yield partial(lambda *place: _looked_up(newer(), *place), line, column)
    for line in (*range(16), 2**31 - 1):
        yield partial(lambda line: newer().origins_of_line(line), line)
        yield partial(lambda line: newer().has_mappings_on(line), line)
    for index in range(5):
        yield partial(lambda index: newer().source(index), index)
        yield partial(lambda index: _text(newer().text(index)), index)


def of_functions(files: Written) -> Iterator[Question]:
    """Questions for everything that is in the file of functions."""
    file = _once(partial(_functions_file, files))
    for index in range(4):
        yield partial(lambda index: _functions_of(file(), index), index)


def _once(opening: Callable[[], T]) -> Callable[[], T]:
    """What opens; what it raised is raised each time."""
    try:
        made = opening()
    except CompiledFileDamaged as error:
        return partial(_raise, error)
    return lambda: made


def _raise(error: Exception) -> NoReturn:
    raise error


def _asked(question: Question) -> object:
    try:
        return question()
    except CompiledFileDamaged:
        return CompiledFileDamaged


def _about(compiled: CompiledMap) -> object:
    about = (compiled.mappings, compiled.sources, compiled.debug_id, compiled.faults)
    return (*about, compiled.last_line)


def _looked_up(compiled: CompiledMap, line: int, column: int) -> object:
    mapping = compiled.lookup(line, column)
    return mapping, mapping and compiled.name(mapping)


def _text(text: Text | None) -> object:
    if text is None:
        return None
    lines = around([(text, [(line, 5000) for line in (0, 1, 200, text.lines - 1)])], 3)[0]
    return text.digest, text.lines, text.line(0, 30_000), lines, "".join(text.pieces())


def _functions_file(files: Written) -> FunctionsFile:
    return FunctionsFile(MemoryBytes(NEWER, files.functions), _raise_gone, Cache())


def _raise_gone(key: str) -> Bytes:
    raise CompiledFileDamaged(f"{key} is gone")


def _functions_of(file: FunctionsFile, index: int) -> object:
    found = file.of_sources({index: lambda: DIGESTS[index % len(DIGESTS)]}).get(index)
    if found is None:
        return None
    return found.named, list(found.functions.of([(line, 5) for line in range(0, 2150, 50)]))
