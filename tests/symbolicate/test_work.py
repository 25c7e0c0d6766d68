"""What one event may cost, counted in work rather than in time."""

import gc
import json
import sys
import weakref
from types import FrameType

import pytest

from headwater.protocol.bundle import ArtifactType
from headwater.sourcemaps.mappings import Column
from headwater.sourcemaps.sourcemap import SourceMap
from headwater.symbolicate import work
from headwater.symbolicate.resolution import ResolvedFrame
from headwater.symbolicate.source_maps import Artifact
from headwater.symbolicate.stacktrace import symbolicate
from headwater.symbolicate.verdicts import Verdict
from headwater.symbolicate.work import Task, Work, name_of
from tests.symbolicate.dictionary import DictionarySourceMaps
from tests.symbolicate.world import ID, SCRIPT, event, frame, image, map_of

JS, MAP = ArtifactType.MINIFIED_SOURCE, ArtifactType.SOURCE_MAP
OTHER = "https://shop.example/static/js/other.js"
OTHER_ID = "11111111-2222-4333-8444-555555555555"
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


def two_files() -> DictionarySourceMaps:
    maps = DictionarySourceMaps()
    maps.add(MAP, "~/static/js/app.js.map", map_of(), ID)
    maps.add(MAP, "~/static/js/other.js.map", map_of(file="other.js"), OTHER_ID)
    return maps


def of_two_files(maps: DictionarySourceMaps, given: Work | None = None) -> list[ResolvedFrame]:
    images = (image(), image(OTHER, OTHER_ID))
    both = event(frame(), frame(OTHER), images=images)
    return list(symbolicate(both, maps, given).stacktraces[0].frames)


def test_frames_without_a_column_don_t_cost_a_step_for_each_mapping_of_their_line() -> None:
    segments = ",".join(["AAAA", "CAAC", *["CAAA"] * HUGE_LINE])
    content = {**json.loads(map_of()), "mappings": segments}
    maps = DictionarySourceMaps()
    maps.add(MAP, "~/static/js/app.js.map", json.dumps(content), ID)

    calls = _calls(maps, frames=50)

    assert calls < HUGE_LINE / 2


def test_a_minified_file_is_split_once_for_all_frames_and_candidates() -> None:
    maps = DictionarySourceMaps()
    script = SCRIPT + ";\n" * HUGE_LINE
    for number in range(3):
        maps.add(JS, f"~/{number}.js", script, ID, bundle=number)
        maps.add(MAP, f"~/{number}.js.map", map_of(file=str(number)), ID, bundle=number)

    calls = _calls(maps, frames=50)

    assert calls < HUGE_LINE / 2


def test_a_files_maps_are_let_go_before_the_next_files_are_read() -> None:
    alive: list[weakref.ref[Column]] = []
    before: list[int] = []

    class Watched(DictionarySourceMaps):
        def read_map(self, artifact: Artifact) -> SourceMap:
            gc.collect()
            before.append(sum(each() is not None for each in alive))
            decoded = super().read_map(artifact)
            alive.append(weakref.ref(decoded.mappings.lines))
            return decoded

    maps = Watched(**vars(two_files()))

    of_two_files(maps)

    assert before == [0, 0]


def test_an_event_that_wants_more_than_it_may_decode_is_told_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(work, "MAX_DECODED", 1)

    first, second = of_two_files(two_files())

    assert first.verdict is Verdict.RESOLVED
    assert second.verdict is Verdict.LIMIT_EXCEEDED
    assert second.evidence.detail is not None
    assert "the 1 bytes that one event may decode" in second.evidence.detail


def test_a_map_that_was_not_compared_for_its_size_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MAX_DECODED", 1)
    maps = DictionarySourceMaps()
    maps.add(MAP, "~/static/js/app.js.map", map_of(), ID)
    maps.add(MAP, "~/elsewhere/app.js.map", map_of(file="other.js"), ID)

    found = symbolicate(event(frame()), maps).stacktraces[0].frames[0]

    assert found.verdict is Verdict.RESOLVED
    assert found.evidence.detail is not None
    assert "~/elsewhere/app.js.map was not compared" in found.evidence.detail


def test_a_file_that_is_to_be_left_alone_costs_only_its_own_frames() -> None:
    maps = two_files()
    [artifact] = [each for each, *_ in maps.artifacts if each.debug_id == ID]
    refused = {name_of(Task.DECODE, artifact.key): "it took too long"}

    first, second = of_two_files(maps, Work(refused))

    assert (first.verdict, first.evidence.detail) == (Verdict.LIMIT_EXCEEDED, "it took too long")
    assert second.verdict is Verdict.RESOLVED


def test_sources_that_are_not_to_be_parsed_cost_only_the_names() -> None:
    maps = two_files()
    refused = {name_of(Task.NAME_BY_SOURCES, each.key): "it crashed" for each, *_ in maps.artifacts}

    found = of_two_files(maps, Work(refused))

    assert [each.original and each.original.function for each in found] == ["t", "t"]
    assert {each.verdict for each in found} == {Verdict.RESOLVED}
    assert found[0].evidence.detail == "functions are not named from their sources: it crashed"


def test_a_minified_file_that_is_not_to_be_parsed_costs_only_the_names() -> None:
    maps = DictionarySourceMaps()
    script = maps.add(JS, "~/static/js/app.js", SCRIPT, ID)
    maps.add(MAP, "~/static/js/app.js.map", map_of(contents=[]), ID)
    refused = {name_of(Task.NAME_BY_SCRIPT, script.key): "it crashed"}

    before, after = (
        symbolicate(event(frame()), maps, given).stacktraces[0].frames[0]
        for given in (Work(), Work(refused))
    )

    assert before.evidence.named_by == "minified scope"
    assert after.evidence.named_by == "raw"
    assert after.evidence.detail == "functions are not named from the minified file: it crashed"


def test_work_is_told_when_it_begins() -> None:
    begun: list[str] = []
    maps = two_files()
    keys = [artifact.key for artifact, *_ in reversed(maps.artifacts)]

    of_two_files(maps, Work(note=begun.append))

    tasks = (Task.DECODE, Task.NAME_BY_SOURCES)
    assert begun == [name_of(task, key) for key in keys for task in tasks]
