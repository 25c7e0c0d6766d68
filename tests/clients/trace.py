"""Comparing a stored event with the truth."""

import re
from typing import Any, TypeAlias

from tests.clients.truth import ANONYMOUS, TrueException, TrueFrame

Frame: TypeAlias = dict[str, Any]

KIND = re.compile(r"^(async|get|new|set|static) ")
"""What may stand before a name to say what kind of function it is."""


def assert_true(event: dict[str, Any], truth: tuple[TrueException, ...]) -> None:
    """Every in-app frame of every exception names the true file, line, function and source."""
    values = event["exception"]["values"]
    assert [(value["type"], value["value"]) for value in values] == [
        (exception.type, exception.value) for exception in truth
    ]
    for value, exception in zip(values, truth, strict=True):
        _assert_frames(value, exception)


def _assert_frames(value: dict[str, Any], exception: TrueException) -> None:
    frames = value["stacktrace"]["frames"]
    ours = [frame for frame in reversed(frames) if _is_ours(frame)]
    told = [_told(frame, true) for frame, true in zip(ours, exception.frames, strict=False)]
    expected = [_expected(true) for true in exception.frames]
    assert told == expected, "\n".join(["is", *map(str, told), "should be", *map(str, expected)])
    assert len(ours) == len(exception.frames), ours[len(exception.frames) :]
    for frame, raw in zip(frames, value["raw_stacktrace"]["frames"], strict=True):
        _assert_origin(frame, raw)


def _is_ours(frame: Frame) -> bool:
    """In-app and written by someone: browsers' SDKs call V8's own frames in-app as well."""
    return bool(frame["in_app"]) and frame["filename"] != ANONYMOUS


def _assert_origin(frame: Frame, raw: Frame) -> None:
    """What is ours was resolved from what was sent; the runtime's frames stay what they were."""
    if _is_ours(frame):
        assert frame["data"]["symbolicated"] is True
        assert frame["data"]["resolved_with"]
        assert raw["filename"] != frame["filename"]
    elif raw["filename"].startswith("node:"):
        kept = ("filename", "function", "lineno", "colno")
        assert [frame.get(key) for key in kept] == [raw.get(key) for key in kept]


def _told(frame: Frame, true: TrueFrame) -> tuple[str, int, str, str]:
    """The frame, with the truth's own words wherever it says the same in another form."""
    file = true.file if f"/{frame['filename']}".endswith(f"/{true.file}") else frame["filename"]
    bare = KIND.sub("", (frame.get("function") or "?").rpartition(".")[2])
    function = " or ".join(sorted(true.functions)) if bare in true.functions else bare
    return file, frame["lineno"], function, frame.get("context_line", "")


def _expected(true: TrueFrame) -> tuple[str, int, str, str]:
    return true.file, true.line, " or ".join(sorted(true.functions)), true.context_line
