"""Events of every SDK, in one shape."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.protocol.event import DebugImage, Event
from headwater.protocol.event_json import MAX_EXCEPTIONS, MalformedEvent, parse_event
from headwater.storage.schema import events

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def _parse(event: Any, **given: Any) -> Event:
    return parse_event(msgspec.json.encode(event), NOON, **given)


def test_an_exception_with_its_frames_is_read() -> None:
    frame = {
        "filename": "app:///main.js",
        "function": "f",
        "lineno": 1,
        "colno": 42,
        "in_app": True,
    }
    error = {
        "type": "TypeError",
        "value": "no",
        "mechanism": {"type": "onerror", "handled": False},
        "stacktrace": {"frames": [frame]},
    }

    event = _parse({"platform": "javascript", "exception": {"values": [error]}})

    (exception,) = event.exceptions
    assert (exception.type, exception.value, exception.mechanism) == ("TypeError", "no", "onerror")
    assert exception.handled is False
    assert exception.stacktrace is not None
    assert exception.stacktrace.path == ("exception", "values", 0, "stacktrace")
    assert exception.stacktrace.frames[0].abs_path == "app:///main.js"
    assert (exception.stacktrace.frames[0].lineno, exception.stacktrace.frames[0].colno) == (1, 42)
    assert event.stacktraces == (exception.stacktrace,)


@pytest.mark.parametrize(
    ("exception", "path"),
    [
        ({"values": [None, {"type": "E", "stacktrace": {"frames": [{}]}}]}, ("values", 1)),
        ([{"type": "E", "stacktrace": {"frames": [{}]}}], (0,)),
        ({"type": "E", "stacktrace": {"frames": [{}]}}, ()),
    ],
)
def test_exceptions_come_as_values_as_a_bare_list_or_as_one_object(
    exception: Any, path: tuple[str | int, ...]
) -> None:
    event = _parse({"exception": exception})

    assert [trace.path for trace in event.stacktraces] == [("exception", *path, "stacktrace")]


def test_a_missing_filename_is_the_path_part_of_a_url_but_all_of_any_other_path() -> None:
    frames = [{"abs_path": "https://h.example/js/a.js?v=1#x"}, {"abs_path": "app:///b.js"}]

    event = _parse({"stacktrace": {"frames": frames}})

    assert event.stacktrace is not None
    assert [frame.filename for frame in event.stacktrace.frames] == ["/js/a.js", "app:///b.js"]


def test_a_runaway_stack_keeps_its_head_and_its_tail_and_says_what_is_missing() -> None:
    frames = [{"function": f"f{number}"} for number in range(1000)]

    event = _parse(
        {"exception": {"values": [{"type": "RangeError", "stacktrace": {"frames": frames}}]}}
    )

    trace = event.stacktraces[0]
    assert len(trace.frames) == 250
    names = [f"f{trace.index_in_json(index)}" for index in range(250)]
    assert names == [frame.function for frame in trace.frames]
    assert (names[0], names[-1]) == ("f0", "f999")
    assert event.extra == ("750 frames in the middle of exception.values.0.stacktrace left out",)


def test_of_a_runaway_chain_the_thrown_exception_and_its_nearest_causes_are_kept() -> None:
    event = _parse({"exception": [{"type": f"E{number}"} for number in range(MAX_EXCEPTIONS + 5)]})

    assert len(event.exceptions) == MAX_EXCEPTIONS
    assert event.exceptions[-1].type == f"E{MAX_EXCEPTIONS + 4}"
    assert event.extra == ("5 innermost exceptions of 55 left out",)


def test_values_of_the_wrong_type_are_left_out_and_the_rest_is_kept() -> None:
    frame = {"filename": 7, "lineno": "84", "colno": 5.0, "function": ["f"], "in_app": "yes"}
    event = _parse(
        {
            "level": 3,
            "tags": 5,
            "user": "me",
            "release": {"a": 1},
            "dist": 42,
            "stacktrace": {"frames": [frame, None, "x", {"lineno": -1, "colno": True}]},
            "threads": {"values": "none"},
            "debug_meta": [],
        }
    )

    assert (event.level, event.tags, event.user, event.release) == ("error", (), None, None)
    assert event.dist == "42"
    assert event.stacktrace is not None
    first, *rest = event.stacktrace.frames
    assert (first.lineno, first.colno, first.function, first.in_app) == (84, 5, None, None)
    assert [(frame.lineno, frame.colno) for frame in rest] == [(None, None)] * 3


COLUMNS = {"release": 250, "dist": 64, "environment": 64, "platform": 64}


@pytest.mark.parametrize(("name", "width"), COLUMNS.items())
def test_what_is_too_long_for_its_column_is_cut_and_that_is_noted(name: str, width: int) -> None:
    whole = _parse({name: "\U0001f600" * width})
    cut = _parse({name: "\U0001f600" * (width + 1)})

    assert getattr(cut, name) == getattr(whole, name) == "\U0001f600" * width
    assert whole.extra == ()
    assert cut.extra == (f"{name} cut to {width} characters",)


def test_the_widths_of_columns_are_those_of_the_table() -> None:
    widths = {name: getattr(events.c[name].type, "length", None) for name in COLUMNS}

    assert widths == COLUMNS


@pytest.mark.parametrize(
    "name", ["release", "dist", "environment", "platform", "transaction", "message", "logger"]
)
def test_the_character_0_which_postgresql_can_not_store_is_replaced(name: str) -> None:
    event = _parse({name: "a\x00b"})

    assert getattr(event, name) == "a\ufffdb"


@pytest.mark.parametrize(
    "tags",
    [
        {"a": "1", "b": True, "c": None},
        [["a", 1], ["b", True], ["c"]],
        [{"key": "a", "value": "1"}, {"key": "b", "value": True}],
    ],
)
def test_tags_come_as_an_object_or_as_pairs(tags: Any) -> None:
    assert _parse({"tags": tags}).tags == (("a", "1"), ("b", "true"))


def test_the_message_is_the_filled_in_one_and_its_template_is_kept() -> None:
    event = _parse({"logentry": {"message": "Order %s failed", "formatted": "Order 7 failed"}})

    assert (event.message, event.template) == ("Order 7 failed", "Order %s failed")


@pytest.mark.parametrize("message", ["hello", {"formatted": "hello"}, {"message": "hello"}])
def test_older_spellings_of_the_message_are_read(message: Any) -> None:
    assert _parse({"message": message}).message == "hello"


@pytest.mark.parametrize(
    "timestamp",
    [
        1793534340,
        1793534340.0,
        "1793534340",
        "2026-11-01T11:59:00Z",
        "2026-11-01T11:59:00",
        "2026-11-01T12:59:00+01:00",
    ],
)
def test_timestamps_come_as_seconds_or_as_iso_8601(timestamp: Any) -> None:
    assert _parse({"timestamp": timestamp}).timestamp == NOON - timedelta(minutes=1)


@pytest.mark.parametrize("timestamp", [None, "soon", [], True, 1e300, "9" * 400])
def test_without_a_readable_timestamp_it_happened_when_it_was_received(timestamp: Any) -> None:
    assert _parse({"timestamp": timestamp}).timestamp == NOON


@pytest.mark.parametrize("timestamp", ["2031-01-01T00:00:00Z", "2001-01-01T00:00:00Z", 0])
def test_an_unbelievable_clock_is_not_believed_and_that_is_noted(timestamp: Any) -> None:
    event = _parse({"timestamp": timestamp})

    assert event.timestamp == NOON
    assert "not believable" in event.extra[0]


def test_a_wrong_clock_is_set_right_by_when_the_client_says_it_sent_the_event() -> None:
    happened = NOON + timedelta(hours=5, seconds=-3)

    event = _parse({"timestamp": happened.isoformat()}, sent_at=NOON + timedelta(hours=5))

    assert event.timestamp == NOON - timedelta(seconds=3)
    assert "set right" in event.extra[0]


def test_event_ids_lose_their_dashes() -> None:
    event = _parse({"event_id": "9A00DAC2-cd57-1ff9-10f2-694180a6fdc4"})

    assert event.event_id == "9a00dac2cd571ff910f2694180a6fdc4"


def test_without_an_event_id_the_envelopes_is_taken_and_else_one_is_made_up() -> None:
    assert _parse({}, event_id="a" * 32).event_id == "a" * 32
    made_up = {_parse({"event_id": "nonsense"}).event_id for _ in range(2)}
    assert len(made_up) == 2
    assert all(len(event_id) == 32 for event_id in made_up)


def test_only_images_of_source_maps_are_kept() -> None:
    images = [
        {
            "type": "sourcemap",
            "code_file": "app:///a.js",
            "debug_id": "9A00DAC2CD571FF910F2694180A6FDC4",
        },
        {"type": "elf", "code_file": "libc.so", "debug_id": "9a00dac2-cd57-1ff9-10f2-694180a6fdc4"},
        {"type": "sourcemap", "code_file": "app:///b.js", "debug_id": "no"},
        "x",
    ]

    event = _parse({"debug_meta": {"images": images}})

    assert [(image.code_file, str(image.debug_id)) for image in event.images] == [
        ("app:///a.js", "9a00dac2-cd57-1ff9-10f2-694180a6fdc4")
    ]
    assert isinstance(event.images[0], DebugImage)


@pytest.mark.parametrize(
    ("payload", "complaint"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[1]", "not a JSON object but a list"),
        (b"[" * 100_000 + b"]" * 100_000, "levels deep"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "levels deep"),
    ],
)
def test_what_is_not_an_event_is_refused_with_a_reason(payload: bytes, complaint: str) -> None:
    with pytest.raises(MalformedEvent, match=complaint):
        parse_event(payload, NOON)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (rb'{"message":"a\ud83d"}', "a\ufffd"),
        (rb'{"message":"a\ude00b"}', "a\ufffdb"),
        (rb'{"message":"\ud83d\ude00 \ud83d"}', "\U0001f600 \ufffd"),
        (rb'{"message":"\\ud83d"}', "\\ud83d"),
        (b'{"message":"a\xff"}', "a\ufffd"),
        (b'{"message":"a","x":NaN}', "a"),
        (b'\xef\xbb\xbf{"message":"a"}', "a"),
        (rb'{"message":"a\u0000"}', "a\ufffd"),
        (rb'{"message":"\\u0000\u0000\\\u0000"}', "\\u0000\ufffd\\\ufffd"),
        (rb'{"message":"\ud83d\ud83d\ude00\ude00"}', "\ufffd\U0001f600\ufffd"),
        (rb'{"message":"\ud83d\\ude00"}', "\ufffd\\ude00"),
        (b'{"message":"\xfe\xff\\\\\\u0000"}', "\ufffd\ufffd\\\ufffd"),
    ],
)
def test_slips_of_encoders_are_repaired(payload: bytes, message: str) -> None:
    event = parse_event(payload, NOON)

    assert event.message == message
    assert event.message.encode()


_NAMES = st.sampled_from(
    ["exception", "values", "stacktrace", "frames", "threads", "tags", "user", "debug_meta", "images",
     "timestamp", "message", "logentry", "fingerprint", "sdk", "lineno", "type", "level", "release"]
)  # fmt: skip
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=6),
    max_leaves=30,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(_NAMES, _VALUES))
def test_no_json_object_is_refused(raw: dict[str, Any]) -> None:
    event = _parse(raw)

    assert len(event.event_id) == 32
    assert event.timestamp.tzinfo is not None
