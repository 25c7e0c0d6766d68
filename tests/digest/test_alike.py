"""Which events may share what one of them comes out as."""

import json
from typing import Any

import pytest

from headwater.digest.alike import MAX_ALIKE, alike
from tests.healing_side import thrown


def key(event: dict[str, Any], *beside: bytes) -> bytes | None:
    return alike(json.dumps(event).encode(), *beside)


def test_who_and_when_makes_no_difference() -> None:
    first = thrown(1, "a", user={"id": "1"}, contexts={"trace": {"trace_id": "1"}})
    second = thrown(2, "a", user={"id": "2"}, contexts={"trace": {"trace_id": "2"}})

    assert key(first) == key(second) is not None


@pytest.mark.parametrize(
    "more",
    [
        {"release": "1.0"},
        {"dist": "a"},
        {"platform": "node"},
        {"transaction": "/cart"},
        {"fingerprint": ["mine"]},
        {"debug_meta": {}},
        {"sentry.interfaces.Exception": {"values": []}},
        {"exception": {"values": [{"type": "Error", "value": "other"}]}},
    ],
    ids=lambda more: next(iter(more)),
)
def test_everything_that_is_looked_at_makes_one(more: dict[str, Any]) -> None:
    assert key(thrown(1, "a")) != key(thrown(1, "a", **more))


def test_what_was_found_before_makes_one_too() -> None:
    assert key(thrown(1, "a"), b"1", b"x") != key(thrown(1, "a"), b"1", b"y")


@pytest.mark.parametrize(
    "more",
    [
        {"fingerprint": ["{{ tags.number }}"]},
        {"contexts": {"react": {"componentStack": "\n    at Cart (https://h/a.js:1:2)"}}},
        {"message": "x" * MAX_ALIKE},
    ],
    ids=lambda more: next(iter(more)),
)
def test_some_have_to_be_read_whole(more: dict[str, Any]) -> None:
    assert key(thrown(1, "a", **more)) is None


@pytest.mark.parametrize(
    "part",
    [
        r'"fingerprint":["\u007b\u007b tags.number }}"]',
        r'"contexts":{"react":{"component\u0053tack":"\n    at Cart (https://h/a.js:1:2)"}}',
    ],
)
def test_what_is_escaped_is_looked_at_as_well(part: str) -> None:
    assert alike(f"{{{part}}}".encode()) is None


def test_what_is_no_event_is_like_nothing() -> None:
    assert alike(b"[1]") is None
    assert alike(b"{") is None
