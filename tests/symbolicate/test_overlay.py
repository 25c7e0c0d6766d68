"""The event as Sentry's API shows it."""

import copy
import json
from typing import Any

import pytest

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.event_json import parse_event
from headwater.protocol.stacktrace_json import MAX_FRAMES
from headwater.symbolicate.overlay import overlay
from headwater.symbolicate.resolution import Resolution
from headwater.symbolicate.stacktrace import symbolicate
from tests.symbolicate.dictionary import DictionarySourceMaps
from tests.symbolicate.world import FILE, ID, NOON, THROWN_COLUMN, map_of

MINIFIED = {"abs_path": FILE, "function": "t", "lineno": 1, "colno": THROWN_COLUMN, "in_app": True}
BUILT_IN = {"abs_path": "node:internal/timers", "function": "run", "lineno": 1, "in_app": True}


def payload(*frames: Any, **more: Any) -> dict[str, Any]:
    return {
        "platform": "javascript",
        "exception": {"values": [{"type": "E", "stacktrace": {"frames": list(frames)}}]},
        "debug_meta": {"images": [{"type": "sourcemap", "code_file": FILE, "debug_id": ID}]},
        **more,
    }


def laid_over(event: dict[str, Any], content: str | None = None) -> dict[str, Any]:
    maps = DictionarySourceMaps()
    if content is not None:
        maps.add(ArtifactType.SOURCE_MAP, "~/app.js.map", content, ID)
    resolution = symbolicate(parse_event(json.dumps(event).encode(), NOON), maps)
    before = copy.deepcopy(event)
    result = overlay(event, resolution)
    assert event == before
    assert isinstance(result, dict)
    return result


def test_a_resolved_frame_takes_the_raw_ones_place_and_the_raw_one_stands_beside() -> None:
    event = payload(BUILT_IN, MINIFIED)

    result = laid_over(event, map_of())

    exception = result["exception"]["values"][0]
    built_in, frame = exception["stacktrace"]["frames"]
    assert exception["raw_stacktrace"]["frames"] == [BUILT_IN, MINIFIED]
    assert built_in == {**BUILT_IN, "in_app": False}
    assert (frame["function"], frame["filename"], frame["lineno"]) == ("pay", "src/pay.ts", 5)
    assert frame["context_line"] == "    throw new Error('nothing to pay');"
    assert len(frame["pre_context"]) == 4
    assert frame["data"] == {
        "symbolicated": True,
        "verdict": "resolved",
        "sourcemap": "~/app.js.map",
        "resolved_with": "debug-id",
    }
    assert "errors" not in result


def test_a_frame_that_stays_says_so_and_the_event_has_the_error() -> None:
    event = payload(MINIFIED, MINIFIED, errors=[{"type": "old"}])

    result = laid_over(event)

    frame = result["exception"]["values"][0]["stacktrace"]["frames"][0]
    assert frame["function"] == "t"
    assert frame["data"] == {"symbolicated": False, "verdict": "debug_id_not_uploaded"}
    assert result["errors"] == [
        {"type": "old"},
        {"type": "js_no_source", "symbolicator_type": "missing_source", "url": FILE},
    ]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("<html>", {"type": "js_invalid_source", "symbolicator_type": "malformed_sourcemap", "url": "~/app.js.map"}),
        (map_of(contents=[None]), {"type": "js_missing_sources_content", "symbolicator_type": "missing_source_content", "source": "../../src/pay.ts", "sourcemap": "~/app.js.map"}),
        (map_of([[(0, 0, 99, 0)]]), {"type": "js_invalid_sourcemap_location", "symbolicator_type": "invalid_location", "row": 1, "column": THROWN_COLUMN, "source": FILE, "sourcemap": "~/app.js.map"}),
    ],
)  # fmt: skip
def test_errors_have_the_words_of_sentrys_api(content: str, error: dict[str, Any]) -> None:
    assert laid_over(payload(MINIFIED), content)["errors"] == [error]


def test_third_party_frames_do_not_complain() -> None:
    path = "https://h/node_modules/x.js"

    result = laid_over(payload({**MINIFIED, "abs_path": path}))

    assert "errors" not in result


def test_where_no_frame_wants_a_map_nothing_is_put_beside() -> None:
    result = laid_over(payload(BUILT_IN))

    assert "raw_stacktrace" not in result["exception"]["values"][0]


def test_threads_and_the_events_own_stack_trace_are_laid_over_too() -> None:
    trace = {"frames": [MINIFIED]}
    event = payload(MINIFIED, threads={"values": [{"stacktrace": trace}]}, stacktrace=trace)

    result = laid_over(event, map_of())

    own, thread = result["stacktrace"], result["threads"]["values"][0]
    assert own["frames"][0]["function"] == "pay"
    assert result["raw_stacktrace"] == trace
    assert thread["stacktrace"]["frames"][0]["function"] == "pay"
    assert thread["raw_stacktrace"] == trace


def test_both_ends_of_a_runaway_stack_keep_their_places() -> None:
    many = [{**BUILT_IN, "lineno": number + 1} for number in range(MAX_FRAMES + 100)]
    event = payload(*many[:-1], MINIFIED)

    result = laid_over(event, map_of())

    frames = result["exception"]["values"][0]["stacktrace"]["frames"]
    assert len(frames) == len(many)
    assert frames[-1]["function"] == "pay"
    assert [frame["lineno"] for frame in frames[:-1]] == [frame["lineno"] for frame in many[:-1]]


@pytest.mark.parametrize("other", [None, [], "x", {"exception": 5}])
def test_what_is_not_the_same_event_is_left_alone(other: Any) -> None:
    event = payload(MINIFIED)
    resolution = symbolicate(parse_event(json.dumps(event).encode(), NOON), DictionarySourceMaps())

    assert overlay(other, resolution) == other
    assert overlay(event, Resolution(1)) == event


def test_a_react_error_has_its_message_and_the_raw_one_beside_it() -> None:
    sent = "Minified React error #310; visit https://react.dev/errors/310"
    event = {"exception": {"values": [{"type": "Error", "value": sent}, {"value": "another"}]}}

    react, other = laid_over(event)["exception"]["values"]

    assert react["value"] == "Rendered more hooks than during the previous render."
    assert react["raw_value"] == sent
    assert other == {"value": "another"}
