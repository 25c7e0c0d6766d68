"""What is stored is bounded, and says what is missing."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.digest.trim import (
    MAX_CONTEXT,
    MAX_CRUMB,
    MAX_CRUMBS,
    MAX_EXTRA,
    MAX_OTHER,
    MAX_REQUEST_PART,
    MAX_TAGS,
    MAX_TRIMMED,
    trim,
)
from headwater.digest.trim_exceptions import MAX_MESSAGE, MAX_VARIABLES
from headwater.protocol.cuts import MAX_CUT_NOTES
from headwater.protocol.event_json import MAX_EXCEPTIONS, MAX_TAG, read_event
from headwater.protocol.json_text import MalformedJson, decode_json
from headwater.protocol.threads_json import MAX_THREADS

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def _trim(event: dict[str, Any]) -> dict[str, Any]:
    copied: dict[str, Any] = json.loads(json.dumps(event))
    changed = trim(copied, len(json.dumps(event)))
    assert changed == (copied != event)
    return copied


def _size(value: Any) -> int:
    return len(msgspec.json.encode(value))


def _notes(event: dict[str, Any]) -> tuple[str, ...]:
    return read_event(event, NOON).extra


def _frames(count: int, **more: Any) -> dict[str, Any]:
    return {"frames": [{"function": f"f{number}", "lineno": 1, **more} for number in range(count)]}


def test_an_event_within_its_limits_stays_as_it_is() -> None:
    event = {
        "message": "x" * MAX_MESSAGE,
        "exception": {"values": [{"type": "E", "value": "v", "stacktrace": _frames(250, vars={"a": 1})}]},
        "breadcrumbs": [{"message": str(number)} for number in range(MAX_CRUMBS)],
        "tags": {"a": "x" * MAX_TAG},
        "extra": {"a": "x" * 10_000},
    }  # fmt: skip

    assert _trim(event) == event


def test_of_a_runaway_stack_both_ends_are_kept_untouched() -> None:
    event = {"exception": {"values": [{"stacktrace": _frames(1000, context_line="x" * 500)}]}}

    trimmed = _trim(event)

    trace = trimmed["exception"]["values"][0]["stacktrace"]
    frames = event["exception"]["values"][0]["stacktrace"]["frames"]
    assert trace["frames"] == frames[:50] + frames[800:]
    assert trace["frames_omitted"] == [50, 800]
    (view,) = read_event(trimmed, NOON).stacktraces
    assert (view.omitted_from, view.omitted) == (50, 750)
    assert view.index_in_json(249) == 249
    assert "750 frames in the middle of exception.values.0.stacktrace left out" in _notes(trimmed)


def test_variables_are_cut_fairly_and_the_rest_of_the_frame_is_not() -> None:
    variables = {"huge": "x" * 1_000_000, "small": "kept", "list": list(range(5000))}
    frame = {"function": "f" * 3000, "context_line": "y" * 3000, "vars": variables}

    trimmed = _trim({"exception": [{"stacktrace": {"frames": [frame]}}]})

    (kept,) = trimmed["exception"][0]["stacktrace"]["frames"]
    assert {**kept, "vars": variables} == frame
    assert kept["vars"]["small"] == "kept"
    assert kept["vars"]["huge"].endswith("x…")
    assert _size(kept["vars"]) <= MAX_VARIABLES * 1.1
    note = "exception.0.stacktrace.frames.0.vars was cut; it had a length of 1,0"
    assert any(line.startswith(note) for line in _notes(trimmed))


@pytest.mark.parametrize(
    ("event", "path", "limit"),
    [
        ({"message": "x" * 9000}, ("message",), MAX_MESSAGE),
        ({"logentry": {"formatted": "x" * 9000}}, ("logentry", "formatted"), MAX_MESSAGE),
        ({"exception": [{"value": "x" * 9000}]}, ("exception", 0, "value"), MAX_MESSAGE),
        ({"breadcrumbs": {"values": [{"message": "x" * 9000}]}},
         ("breadcrumbs", "values", 0, "message"), MAX_MESSAGE),
        ({"tags": {"a": "x" * 900}}, ("tags", "a"), MAX_TAG),
        ({"transaction": "x" * 900}, ("transaction",), 250),
        ({"release": "x" * 900}, ("release",), 250),
        ({"request": {"data": "x" * 9000}}, ("request", "data"), MAX_REQUEST_PART),
    ],
)  # fmt: skip
def test_long_texts_are_cut_and_say_so(
    event: dict[str, Any], path: tuple[str | int, ...], limit: int
) -> None:
    trimmed = _trim(event)

    kept: Any = trimmed
    for step in path:
        kept = kept[step]
    assert len(kept) == limit
    assert kept.endswith("x…")
    where = ".".join(map(str, path))
    length = 9000 if limit > 300 else 900
    assert f"{where} was cut; it had a length of {length:,}" in _notes(trimmed)


@pytest.mark.parametrize(
    ("event", "path", "limit"),
    [
        ({"request": {"headers": {f"h{n}": "v" * 50 for n in range(900)}}},
         ("request", "headers"), MAX_REQUEST_PART),
        ({"request": {"data": {"list": ["v" * 50] * 900}}}, ("request", "data"), MAX_REQUEST_PART),
        ({"contexts": {"state": {f"k{n}": n for n in range(9000)}}},
         ("contexts", "state"), MAX_CONTEXT),
        ({"extra": {"cart": ["ü" * 100] * 900}}, ("extra", "cart"), MAX_EXTRA),
        ({"breadcrumbs": [{"data": {"body": "v" * 9000}}]}, ("breadcrumbs", 0, "data"), MAX_CRUMB),
        ({"user": {"data": {f"k{n}": n for n in range(9000)}}}, ("user",), MAX_CONTEXT),
        ({"modules": {f"package{n}": "1.0" for n in range(9000)}}, ("modules",), MAX_OTHER),
        ({"unheard_of": {f"k{n}": n for n in range(100_000)}}, ("unheard_of",), MAX_OTHER),
    ],
)  # fmt: skip
def test_large_values_are_made_to_fit(
    event: dict[str, Any], path: tuple[str | int, ...], limit: int
) -> None:
    kept: Any = _trim(event)
    for step in path:
        kept = kept[step]

    assert limit * 0.2 < _size(kept) <= limit * 1.1


def test_a_hundred_thousand_unknown_fields_become_few() -> None:
    trimmed = _trim({f"field{number}": number for number in range(100_000)})

    assert _size(trimmed) < MAX_OTHER * 1.2
    assert "the event was cut; it had a length of 100,000" in _notes(trimmed)


def test_the_latest_breadcrumbs_the_nearest_causes_and_the_first_tags_are_kept() -> None:
    event: dict[str, Any] = {
        "breadcrumbs": {"values": [{"message": str(number)} for number in range(150)]},
        "exception": {"values": [{"type": f"E{number}"} for number in range(60)]},
        "tags": [[f"tag{number}", "x"] for number in range(300)],
    }

    trimmed = _trim(event)

    assert trimmed["breadcrumbs"]["values"] == event["breadcrumbs"]["values"][50:]
    assert trimmed["exception"]["values"] == event["exception"]["values"][-MAX_EXCEPTIONS:]
    assert trimmed["tags"] == event["tags"][:MAX_TAGS]
    assert set(_notes(trimmed)) == {
        "breadcrumbs.values was cut; it had a length of 150",
        "exception.values was cut; it had a length of 60",
        "tags was cut; it had a length of 300",
    }


def test_of_many_threads_the_one_that_crashed_is_kept() -> None:
    threads = [{"id": number, "stacktrace": _frames(1)} for number in range(300)]
    threads[250]["crashed"] = True

    trimmed = _trim({"threads": {"values": threads}})

    kept = trimmed["threads"]["values"]
    assert len(kept) == MAX_THREADS
    assert threads[250] in kept


def test_the_whole_of_an_event_is_bounded_too() -> None:
    frames = [{"function": f"f{n}", "vars": {"a": "x" * 400}} for n in range(250)]
    error = {"type": "E", "value": "no", "stacktrace": {"frames": frames}}
    event = {"exception": [error] * 50, "extra": {f"k{n}": "x" * 9000 for n in range(20)}}

    trimmed = _trim(event)

    assert _size(trimmed) <= MAX_TRIMMED
    view = read_event(trimmed, NOON)
    assert len(view.exceptions) == 50
    assert "exception.0.stacktrace.frames.vars was cut; it had a length of 250" in view.extra


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("level", [{}] * 30_000),
        ("event_id", {"a": ["b"] * 30_000}),
        ("message", [[]] * 30_000),
        ("exception", [{"type": [0] * 30_000, "value": {"a": [0] * 30_000}}]),
    ],
)
def test_objects_and_lists_in_a_texts_place_are_made_to_fit(name: str, value: Any) -> None:
    trimmed = _trim({name: value})

    assert _size(trimmed[name]) < 3 * MAX_CONTEXT


@pytest.mark.parametrize(
    "event",
    [
        {"event_id": "a" * 900_000},
        {"platform": {"a": ["b" * 900_000]}},
        {"stacktrace": {"frames": [{"function": "f" * 900_000}]}},
        {"stacktrace": {"frames": [["f" * 900_000]]}},
        {"exception": [["a" * 900_000]], "stacktrace": {"frames": [{"abs_path": "f" * 900_000}]}},
    ],
)
def test_nothing_at_all_makes_an_event_larger(event: dict[str, Any]) -> None:
    trimmed = _trim({**event, "message": "no money"})

    assert _size(trimmed) <= MAX_TRIMMED
    assert trimmed["message"] == "no money"
    assert trimmed.keys() == {*event, "message", "_meta"}


def test_of_many_cuts_some_are_named_and_the_rest_is_counted() -> None:
    frames = [{"function": f"f{n}", "vars": {"a": ["x" * 400] * 6}} for n in range(230)]

    notes = _notes(_trim({"stacktrace": {"frames": frames}}))

    assert len(notes) == MAX_CUT_NOTES + 1
    assert notes[-1] == "181 more values were cut"


def test_what_an_sdk_cut_itself_is_named_as_well() -> None:
    event = {"extra": {"cart": "…"}, "_meta": {"extra": {"cart": {"": {"len": 9000}}}}}

    assert _notes(event) == ("extra.cart was cut; it had a length of 9,000",)


DEEP = json.loads('{"a":' * 250 + "1" + "}" * 250)


@pytest.mark.parametrize(
    "event",
    [
        {"extra": {"a": DEEP}},
        {"contexts": DEEP},
        {"unknown": DEEP},
        {"_meta": DEEP},
        {"breadcrumbs": [{"data": DEEP}]},
        {"breadcrumbs": DEEP},
        {"exception": [{"mechanism": DEEP}]},
        {"exception": [{"stacktrace": {"frames": [{"vars": DEEP}]}}]},
        {"exception": [{"stacktrace": {"frames": [{"whatever": DEEP}]}}]},
        {"exception": [{"stacktrace": {"registers": DEEP, "frames": [{}]}}]},
        {"exception": [DEEP]},
        {"exception": DEEP},
        {"threads": {"values": [{"held_locks": DEEP}]}},
        {"stacktrace": DEEP},
        {"stacktrace": {"frames": DEEP}},
        {"request": DEEP},
        {"request": {"data": DEEP}},
        {"logentry": {"params": DEEP}},
        {"tags": DEEP},
        {"tags": [[DEEP, 1]]},
        {"user": [DEEP]},
    ],
)
def test_what_is_too_deep_is_refused_wherever_it_is(event: dict[str, Any]) -> None:
    with pytest.raises(MalformedJson, match="levels deep"):
        trim(event, 5000)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["values", "frames", "vars", "stacktrace", "data", "a"]), inner),
    max_leaves=30,
)  # fmt: skip
_PARTS = st.sampled_from(
    ["exception", "threads", "stacktrace", "breadcrumbs", "request", "contexts", "extra", "tags",
     "logentry", "message", "user", "_meta", "modules", "x"]
)  # fmt: skip


@given(st.dictionaries(_PARTS, _JSON), st.sampled_from([100, MAX_TRIMMED + 1]))
def test_any_shape_is_trimmed_and_can_be_read(event: dict[str, Any], size: int) -> None:
    trim(event, size)

    assert read_event(decode_json(msgspec.json.encode(event)), NOON).event_id
