"""One frame after another, and the verdict that each ends with."""

import base64
from typing import Any

import pytest

from headwater.protocol.bundle import ArtifactType
from headwater.symbolicate.resolution import ResolvedFrame
from headwater.symbolicate.verdicts import Verdict
from tests.sourcemaps.encode import Segment
from tests.symbolicate.dictionary import DictionarySourceMaps
from tests.symbolicate.world import (
    FILE,
    ID,
    OTHER_ID,
    SCRIPT,
    THROWN_COLUMN,
    frame,
    image,
    map_of,
    resolved,
)

JS, MAP, SOURCE_FILE = (
    ArtifactType.MINIFIED_SOURCE,
    ArtifactType.SOURCE_MAP,
    ArtifactType.SOURCE,
)


@pytest.fixture
def maps() -> DictionarySourceMaps:
    return DictionarySourceMaps()


def uploaded(maps: DictionarySourceMaps, content: str | None = None, **more: Any) -> None:
    """A pair as build plugins upload it."""
    maps.add(JS, f"~/{ID}-0.js", SCRIPT, ID, reference=f"{ID}-0.js.map", **more)
    maps.add(MAP, f"~/{ID}-0.js.map", content or map_of(), ID, **more)


def assert_at_the_throw(found: ResolvedFrame) -> None:
    assert found.verdict is Verdict.RESOLVED
    original = found.original
    assert original is not None
    assert (original.filename, original.lineno, original.colno) == ("src/pay.ts", 5, 5)
    assert original.function == "pay"
    assert original.context_line == "    throw new Error('nothing to pay');"


def test_a_frame_is_found_by_its_debug_id(maps: DictionarySourceMaps) -> None:
    uploaded(maps)

    found = resolved(maps, frame())

    assert_at_the_throw(found)
    assert found.evidence.resolved_with == "debug-id"
    assert found.evidence.generated == f"1:{THROWN_COLUMN}"
    assert found.evidence.mapping == f"1:{THROWN_COLUMN} → ../../src/pay.ts:5:5"


def test_the_map_alone_is_enough(maps: DictionarySourceMaps) -> None:
    maps.add(MAP, "~/x.map", map_of(), ID)

    found = resolved(maps, frame())

    assert_at_the_throw(found)


def test_a_map_that_was_never_uploaded_is_named(maps: DictionarySourceMaps) -> None:
    found = resolved(maps, frame())

    assert found.verdict is Verdict.DEBUG_ID_NOT_UPLOADED
    assert found.original is None
    assert found.evidence.debug_id == ID
    assert found.evidence.code_file == FILE


@pytest.mark.parametrize(
    ("release", "verdict"),
    [
        (None, Verdict.NO_IMAGE_FOR_FRAME),
        ("undefined", Verdict.NO_IMAGE_FOR_FRAME),
        ("shop@1", Verdict.URL_NOT_UPLOADED),
        ("shop@2", Verdict.RELEASE_NOT_UPLOADED),
    ],
)
def test_without_a_debug_id_the_release_decides(
    maps: DictionarySourceMaps, release: str | None, verdict: Verdict
) -> None:
    maps.add(JS, "~/other.js", SCRIPT, release="shop@1")

    found = resolved(maps, frame(), images=(), release=release)

    assert found.verdict is verdict


def test_a_dist_must_be_the_very_one(maps: DictionarySourceMaps) -> None:
    maps.add(MAP, "~/static/js/app.js.map", map_of(), release="shop@1", dist="web")

    same = resolved(maps, frame(), images=(), release="shop@1", dist="web")
    other = resolved(maps, frame(), images=(), release="shop@1", dist="ios")

    assert_at_the_throw(same)
    assert other.verdict is Verdict.RELEASE_NOT_UPLOADED


@pytest.mark.parametrize(
    "url",
    [FILE, "~/static/js/app.js", f"{FILE}?v=2", "~/static/js/app.js?v=2"],
)
def test_release_and_address_find_the_file_and_its_reference_the_map(
    maps: DictionarySourceMaps, url: str
) -> None:
    maps.add(JS, url, SCRIPT, reference="maps/x.js.map", release="shop@1")
    maps.add(MAP, "~/static/js/maps/x.js.map", map_of(), release="shop@1")

    found = resolved(maps, frame(f"{FILE}?v=2#top"), images=(), release="shop@1")

    assert_at_the_throw(found)
    assert found.evidence.resolved_with == "release"
    assert found.evidence.source_map == "~/static/js/maps/x.js.map"


def test_the_reference_may_be_in_the_files_own_text(maps: DictionarySourceMaps) -> None:
    script = SCRIPT + "//# sourceMappingURL=/elsewhere/x.map\n"
    maps.add(JS, "~/static/js/app.js", script, release="shop@1")
    maps.add(MAP, "~/elsewhere/x.map", map_of(), release="shop@1")

    found = resolved(maps, frame(), images=(), release="shop@1")

    assert_at_the_throw(found)


def test_the_debug_id_of_a_file_found_by_address_leads_to_its_map(
    maps: DictionarySourceMaps,
) -> None:
    maps.add(JS, "~/static/js/app.js", SCRIPT, ID, release="shop@1")
    maps.add(MAP, "~/anything.map", map_of(), ID)

    found = resolved(maps, frame(), images=(), release="shop@1")

    assert_at_the_throw(found)


def test_a_debug_id_without_uploads_falls_back_to_the_address(maps: DictionarySourceMaps) -> None:
    maps.add(MAP, "~/static/js/app.js.map", map_of(), release="shop@1")

    found = resolved(maps, frame(), release="shop@1")

    assert_at_the_throw(found)


def test_a_map_inside_the_minified_file_is_used(maps: DictionarySourceMaps) -> None:
    inside = base64.b64encode(map_of().encode()).decode()
    comment = f"//# sourceMappingURL=data:application/json;base64,{inside}\n"
    maps.add(JS, f"~/{ID}-0.js", SCRIPT + comment, ID)

    found = resolved(maps, frame())

    assert_at_the_throw(found)
    assert found.evidence.resolved_with == "inline"


@pytest.mark.parametrize(
    ("script", "reference", "verdict"),
    [
        (SCRIPT, None, Verdict.MINIFIED_FILE_ONLY),
        (SCRIPT, "app.js.map", Verdict.MAP_MISSING_IN_BUNDLE),
        (SCRIPT + "//# sourceMappingURL=a.map", None, Verdict.MAP_MISSING_IN_BUNDLE),
    ],
)
def test_a_minified_file_without_its_map_says_which_of_two_things_went_wrong(
    maps: DictionarySourceMaps, script: str, reference: str | None, verdict: Verdict
) -> None:
    maps.add(JS, f"~/{ID}-0.js", script, ID, reference=reference)

    found = resolved(maps, frame())

    assert found.verdict is verdict
    assert found.evidence.minified_file == f"~/{ID}-0.js"


@pytest.mark.parametrize(
    ("lineno", "colno", "verdict"),
    [
        (1, 3, Verdict.POSITION_UNMAPPED),
        (2, 1, Verdict.POSITION_UNMAPPED),
        (4, 1, Verdict.POSITION_OUT_OF_RANGE),
        (3, 1, Verdict.POSITION_OUT_OF_RANGE),
    ],
)
def test_a_place_that_the_map_does_not_know_is_not_guessed(
    maps: DictionarySourceMaps, lineno: int, colno: int, verdict: Verdict
) -> None:
    uploaded(maps, map_of([[(5, 0, 0, 0)], [], [(0, 0, 99, 0)]]))

    found = resolved(maps, frame(lineno=lineno, colno=colno))

    assert found.verdict is verdict
    assert found.original is None


@pytest.mark.parametrize(
    ("colno", "verdict"),
    [(len(SCRIPT), Verdict.RESOLVED), (len(SCRIPT) + 1, Verdict.POSITION_OUT_OF_RANGE)],
)
def test_a_place_behind_the_end_of_its_line_is_out_of_range(
    maps: DictionarySourceMaps, colno: int, verdict: Verdict
) -> None:
    uploaded(maps, map_of([[(0, 0, 2, 7)]]))

    found = resolved(maps, frame(colno=colno))

    assert found.verdict is verdict
    assert verdict is Verdict.RESOLVED or "of the minified file has" in str(found.evidence.detail)


def test_a_place_that_the_bundler_made_is_nobodys_code(maps: DictionarySourceMaps) -> None:
    uploaded(maps, map_of([[(0, 0, 0, 0), (10,)]]))

    found = resolved(maps, frame(colno=12))

    assert found.verdict is Verdict.POSITION_UNMAPPED
    assert found.in_app is False


@pytest.mark.parametrize("colno", [None, 0])
def test_a_missing_column_is_never_taken_for_the_first(
    maps: DictionarySourceMaps, colno: int | None
) -> None:
    uploaded(maps)

    found = resolved(maps, frame(colno=colno))

    assert found.verdict is Verdict.NO_COLUMN
    assert found.original is None


def test_a_missing_column_does_not_matter_where_a_line_has_one_origin(
    maps: DictionarySourceMaps,
) -> None:
    uploaded(maps, map_of([[(0, 0, 4, 4), (7, 0, 4, 11)]]))

    found = resolved(maps, frame(colno=None))

    assert found.verdict is Verdict.RESOLVED
    assert found.original is not None
    assert (found.original.lineno, found.original.colno) == (5, 1)
    assert "without a column" in (found.evidence.detail or "")


def test_without_the_sources_text_the_place_is_told_and_the_gap_is_named(
    maps: DictionarySourceMaps,
) -> None:
    uploaded(maps, map_of(contents=[None]))

    found = resolved(maps, frame())

    assert found.verdict is Verdict.NO_SOURCE_CONTENT
    assert found.original is not None
    assert found.original.lineno == 5
    assert found.original.context_line is None


def test_text_that_was_uploaded_beside_the_map_fills_the_gap(maps: DictionarySourceMaps) -> None:
    maps.add(MAP, "~/static/js/app.js.map", map_of(contents=[None]), ID)
    maps.add(SOURCE_FILE, "~/src/pay.ts", "\n\n\n\nthrown here\n", release="shop@1")

    found = resolved(maps, frame(), release="shop@1")

    assert found.verdict is Verdict.RESOLVED
    assert found.original is not None
    assert found.original.context_line == "thrown here"


def test_a_map_that_is_none_is_named(maps: DictionarySourceMaps) -> None:
    maps.add(MAP, "~/app.js.map", "<!doctype html>", ID)

    found = resolved(maps, frame())

    assert found.verdict is Verdict.MALFORMED_MAP
    assert found.evidence.detail == "it begins with `<!doctype html>`"
    assert found.evidence.source_map == "~/app.js.map"


@pytest.mark.parametrize("reference", [None, "maps/app.js.map"])
def test_a_map_that_is_none_is_found_beside_its_script_without_a_debug_id(
    maps: DictionarySourceMaps, reference: str | None
) -> None:
    maps.add(MAP, "~/" + (reference or "app.js.map"), "<!doctype html>", bundle=7)
    maps.add(JS, "~/app.js", SCRIPT, ID, reference=reference, bundle=7)

    found = resolved(maps, frame())

    assert found.verdict is Verdict.MALFORMED_MAP
    assert found.evidence.resolved_with is None


def test_a_map_that_storage_lost_is_named(maps: DictionarySourceMaps) -> None:
    lost = maps.add(MAP, "~/app.js.map", map_of(), ID)
    maps.lost.add(lost.key)

    found = resolved(maps, frame())

    assert found.verdict is Verdict.STORAGE_READ_FAILED
    assert "not in storage" in (found.evidence.detail or "")


def test_a_lost_minified_file_does_not_matter_when_its_map_is_there(
    maps: DictionarySourceMaps,
) -> None:
    lost = maps.add(JS, "~/app.js", SCRIPT, ID)
    maps.lost.add(lost.key)
    maps.add(MAP, "~/app.js.map", map_of(), ID)

    found = resolved(maps, frame())

    assert_at_the_throw(found)


@pytest.mark.parametrize(
    ("given", "platform", "verdict"),
    [
        (frame("node:internal/process/task_queues"), "node", Verdict.BUILT_IN),
        (frame("internal/timers.js"), "node", Verdict.BUILT_IN),
        (frame("events.js"), "node", Verdict.BUILT_IN),
        (frame("<anonymous>", lineno=None), "node", Verdict.BUILT_IN),
        (frame("native"), "javascript", Verdict.BUILT_IN),
        (frame("[native code]"), "javascript", Verdict.BUILT_IN),
        (frame("chrome-extension://abc/x.js"), "javascript", Verdict.THIRD_PARTY),
        (frame(None, lineno=None), "javascript", Verdict.BUILT_IN),
        (frame(FILE, lineno=None), "javascript", Verdict.NO_POSITION),
        (frame("/srv/app.py"), "python", Verdict.ALREADY_ORIGINAL),
        (frame("Main.java"), "java", Verdict.ALREADY_ORIGINAL),
        (frame("/srv/app.js"), "python", Verdict.NO_IMAGE_FOR_FRAME),
        (frame("/srv/app.py", platform="node"), "python", Verdict.NO_IMAGE_FOR_FRAME),
        (frame("app:///x.js", platform="python"), "javascript", Verdict.ALREADY_ORIGINAL),
        (frame("/srv/src/pay.ts"), "node", Verdict.ALREADY_ORIGINAL),
        (frame("/srv/node_modules/express/lib/router.js"), "node", Verdict.ALREADY_ORIGINAL),
        (frame("file:///srv/dist/app.mjs"), "node", Verdict.NO_IMAGE_FOR_FRAME),
        (frame("https://h/node_modules/x.js"), "javascript", Verdict.NO_IMAGE_FOR_FRAME),
    ],
)
def test_frames_that_no_map_is_wanted_for(
    maps: DictionarySourceMaps, given: Any, platform: str, verdict: Verdict
) -> None:
    found = resolved(maps, given, images=(), platform=platform)

    assert found.verdict is verdict


def test_code_as_people_write_it_needs_no_map(maps: DictionarySourceMaps) -> None:
    plain = frame("/srv/server.js", context_line="  throw x;", pre_context=("f() {",), post_context=("}",))  # fmt: skip
    bundled = frame("/srv/server.js", context_line="a();" * 40 + " {snip}", post_context=("",))

    found = [resolved(maps, each, images=(), platform="node") for each in (plain, bundled)]

    assert [each.verdict for each in found] == [
        Verdict.ALREADY_ORIGINAL,
        Verdict.NO_IMAGE_FOR_FRAME,
    ]


def test_an_image_makes_any_file_worth_a_look(maps: DictionarySourceMaps) -> None:
    uploaded(maps)
    path = "chrome-extension://abc/x.js"

    found = resolved(maps, frame(path), images=(image(path),))

    assert_at_the_throw(found)


def test_frames_behind_an_async_mark_are_the_same_file(maps: DictionarySourceMaps) -> None:
    uploaded(maps)

    found = resolved(maps, frame(f"async {FILE}"))

    assert_at_the_throw(found)


def test_an_image_matches_although_one_side_was_rewritten(maps: DictionarySourceMaps) -> None:
    uploaded(maps)

    found = resolved(maps, frame(f"{FILE}?v=3"), images=(image(),))

    assert_at_the_throw(found)


def test_every_stack_trace_of_an_event_is_resolved_in_its_place(
    maps: DictionarySourceMaps,
) -> None:
    from headwater.protocol.event import Stacktrace  # noqa: PLC0415
    from headwater.symbolicate.stacktrace import symbolicate  # noqa: PLC0415
    from tests.symbolicate.world import event  # noqa: PLC0415

    uploaded(maps)
    thread = Stacktrace(("threads", "values", 0, "stacktrace"), (frame(), frame("native")))
    own = Stacktrace(("stacktrace",), (frame(),))

    found = symbolicate(event(frame(), threads=(thread,), stacktrace=own), maps)

    assert [each.path for each in found.stacktraces] == [
        ("exception", "values", 0, "stacktrace"),
        ("threads", "values", 0, "stacktrace"),
        ("stacktrace",),
    ]
    assert [[each.verdict for each in trace.frames] for trace in found.stacktraces] == [
        [Verdict.RESOLVED],
        [Verdict.RESOLVED, Verdict.BUILT_IN],
        [Verdict.RESOLVED],
    ]


def test_third_party_code_is_not_in_app_whatever_the_sdk_says(maps: DictionarySourceMaps) -> None:
    uploaded(maps, map_of(sources=["../node_modules/lib/index.js"]))
    marked = DictionarySourceMaps()
    uploaded(marked, map_of(ignoreList=[0]))

    found = [resolved(each, frame(in_app=True)) for each in (maps, marked)]

    assert [each.in_app for each in found] == [False, False]
    assert [each.original and each.original.in_app for each in found] == [False, False]


def test_another_debug_id_changes_nothing(maps: DictionarySourceMaps) -> None:
    maps.add(MAP, "~/app.js.map", map_of(), OTHER_ID)

    found = resolved(maps, frame())

    assert found.verdict is Verdict.DEBUG_ID_NOT_UPLOADED


AWAITING = "async function t(e){try{await  n(e)}catch{}}\n"
AWAITING_SOURCE = """export async function pay(cart) {
  try {
    await total(cart);
  } catch {}
}
"""


def _awaiting(mapped: str) -> str:
    """A map of AWAITING as terser makes it, with or without a mapping of the `await` itself."""
    at_await, at_call = AWAITING.index("await"), AWAITING.index("n(e)")
    segments: list[Segment] = [(0, 0, 0, 7), (AWAITING.index("try"), 0, 1, 2), (at_call, 0, 2, 10)]
    if mapped == "await":
        segments.insert(2, (at_await, 0, 2, 4))
    if mapped == "as before":
        segments.insert(2, (at_await, 0, 1, 2))
    return map_of([segments], contents=[AWAITING_SOURCE])


@pytest.mark.parametrize(("mapped", "colno"), [("await", 5), ("call", 11), ("as before", 11)])
def test_a_frame_at_an_await_is_on_the_line_of_the_await(
    maps: DictionarySourceMaps, mapped: str, colno: int
) -> None:
    maps.add(JS, "~/app.js", AWAITING, ID)
    maps.add(MAP, "~/app.js.map", _awaiting(mapped), ID)

    found = resolved(maps, frame(colno=AWAITING.index("await") + 1))

    assert found.original is not None
    assert (found.original.lineno, found.original.colno) == (3, colno)
    assert found.original.context_line == "    await total(cart);"


def test_a_frame_at_the_await_of_a_function_put_in_place_is_at_its_call(
    maps: DictionarySourceMaps,
) -> None:
    script = "async function t(e){try{await async function(e){n(e)}(e)}catch{}}\n"
    inside, call = script.index("async function(e)"), script.index("(e)}catch")
    segments: list[Segment] = [
        (0, 0, 0, 7),
        (script.index("try"), 0, 1, 2),
        (inside, 0, 5, 0),
        (call, 0, 2, 10),
    ]
    maps.add(JS, "~/app.js", script, ID)
    maps.add(MAP, "~/app.js.map", map_of([segments], contents=[AWAITING_SOURCE]), ID)

    found = resolved(maps, frame(colno=script.index("await") + 1))

    assert found.original is not None
    assert found.original.lineno == 3


def test_a_word_that_only_begins_with_await_is_looked_up_where_it_is(
    maps: DictionarySourceMaps,
) -> None:
    script = AWAITING.replace("await  n(e)", "awaits+n(e)")
    maps.add(JS, "~/app.js", script, ID)
    maps.add(MAP, "~/app.js.map", _awaiting("call"), ID)

    found = resolved(maps, frame(colno=script.index("awaits") + 1))

    assert found.original is not None
    assert found.original.lineno == 2
