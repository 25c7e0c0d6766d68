"""What one event may cost, counted in work rather than in time."""

import json
import sys
from collections.abc import Iterable, Sequence
from types import FrameType

from headwater.protocol.bundle import ArtifactType
from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.parts import Bytes, Range, Raw
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.compiling.compile import compile_map
from headwater.sourcemaps.source_map import SourceMap
from headwater.symbolicate.source_maps import Artifact
from headwater.symbolicate.stacktrace import symbolicate
from headwater.symbolicate.verdicts import Verdict
from tests.sourcemaps.encode import Segment
from tests.symbolicate.dictionary import DictionarySourceMaps
from tests.symbolicate.world import ID, SCRIPT, event, frame, map_of

JS, MAP = ArtifactType.MINIFIED_SOURCE, ArtifactType.SOURCE_MAP
HUGE_LINE = 100_000
PLACES = 3_000


def _calls(maps: DictionarySourceMaps, frames: int) -> int:
    """Calls of functions that frames without columns cost, each a different one."""
    calls = 0

    def count(_frame: FrameType, what: str, _argument: object) -> None:
        nonlocal calls
        calls += what in ("call", "c_call")

    several = [frame(colno=None, function=f"f{number}") for number in range(frames)]
    sys.setprofile(count)
    try:
        symbolicate(event(*several), maps)
    finally:
        sys.setprofile(None)
    return calls


def test_frames_without_a_column_don_t_cost_a_step_for_each_mapping_of_their_line() -> None:
    segments = ",".join(["AAAA", "CAAC", *["CAAA"] * HUGE_LINE])
    content = {**json.loads(map_of()), "mappings": segments}
    maps = DictionarySourceMaps()
    maps.add(MAP, "~/static/js/app.js.map", json.dumps(content), ID)

    calls = _calls(maps, frames=50)

    assert calls < HUGE_LINE / 2


def test_a_minified_file_is_read_once_for_all_frames_and_candidates() -> None:
    maps = DictionarySourceMaps()
    script = SCRIPT + ";\n" * HUGE_LINE
    for number in range(3):
        maps.add(JS, f"~/{number}.js", script, ID, bundle=number)
        maps.add(MAP, f"~/{number}.js.map", map_of(file=str(number)), ID, bundle=number)

    calls = _calls(maps, frames=50)

    assert calls < HUGE_LINE / 2


def test_a_frame_that_occurs_often_is_resolved_once() -> None:
    maps = DictionarySourceMaps()
    maps.add(MAP, "~/static/js/app.js.map", map_of(), ID)
    recursion = [frame()] * 50

    found = symbolicate(event(*recursion), maps).stacktraces[0].frames

    assert len(found) == 50
    assert len({id(each) for each in found}) == 1


class Watched:
    """A compiled file that remembers what was announced and what was read."""

    def __init__(self, content: bytes) -> None:
        self.key = "watched"
        self.size = len(content)
        self._content = content
        self.announced: list[Range] = []
        self.reads = 0
        self.waits = True
        self.read_unannounced: list[Range] = []

    def read(self, offset: int, length: int) -> bytes:
        self.reads += 1
        end = offset + length
        if not any(begin <= offset and end <= begin + size for begin, size in self.announced):
            self.read_unannounced.append((offset, length))
        return self._content[offset : offset + length]

    def read_all(self, ranges: Sequence[Range]) -> list[Raw]:
        return [self.read(*each) for each in ranges]

    def will_read(self, ranges: Iterable[Range]) -> None:
        self.announced.extend(ranges)


class WatchedMaps(DictionarySourceMaps):
    """One map of 30 large sources, in a watched file."""

    def __init__(self) -> None:
        super().__init__()
        segments: list[Segment] = [(9 * n, n % 30, n // 30, 0) for n in range(PLACES)]
        contents: list[str | None] = [f"line({n});\n" * 4000 for n in range(30)]
        document = map_of([segments], [f"{n}.ts" for n in range(30)], contents)
        written: list[bytes] = []
        compile_map(document.encode(), written.append, "watched")
        self.add(MAP, "~/static/js/app.js.map", document, ID)
        self.file = Watched(b"".join(written))
        self._map = SourceMap(CompiledMap(self.file, no_other_file, Cache()), ())
        self.file.read_unannounced.clear()

    def open_map(self, artifact: Artifact, script: Artifact | None = None) -> SourceMap:
        del artifact, script
        return self._map


def test_what_frames_will_read_is_announced_before_it_is_read() -> None:
    maps = WatchedMaps()
    several = [frame(colno=9 * n + 1) for n in range(0, PLACES, 61)]

    found = symbolicate(event(*several), maps).stacktraces[0].frames

    assert {each.verdict for each in found} == {Verdict.RESOLVED}
    assert maps.file.reads > 50
    assert maps.file.read_unannounced == []


def test_what_is_in_memory_is_not_announced_again() -> None:
    maps = WatchedMaps()
    several = [frame(colno=9 * n + 1) for n in range(0, PLACES, 61)]
    symbolicate(event(*several), maps)
    maps.file.announced.clear()

    symbolicate(event(*several), maps)

    assert maps.file.announced == []


def no_other_file(key: str) -> Bytes:
    raise AssertionError(key)
