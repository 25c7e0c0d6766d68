"""What one event may cost, counted in work rather than in time."""

import json
import sys
from types import FrameType

from headwater.protocol.bundle import ArtifactType
from headwater.symbolicate.stacktrace import symbolicate
from tests.symbolicate.dictionary import DictionarySourceMaps
from tests.symbolicate.world import ID, SCRIPT, event, frame, map_of

JS, MAP = ArtifactType.MINIFIED_SOURCE, ArtifactType.SOURCE_MAP
HUGE_LINE = 100_000


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
