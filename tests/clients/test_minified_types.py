"""Errors named by their classes, built by every bundler: the shown type is the class, or what was sent."""

import json
import re
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from msgspec.structs import replace

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.debug_id import DebugId
from headwater.protocol.event import DebugImage, Event, ExceptionValue, Frame, Stacktrace
from headwater.symbolicate.exceptions import as_written, frames_of
from headwater.symbolicate.stacktrace import symbolicate
from tests.clients.toolbox import ERRORS, Toolbox
from tests.symbolicate.dictionary import DictionarySourceMaps
from tests.symbolicate.world import NOON

pytestmark = pytest.mark.clients

CALL = re.compile(
    r"at (?:(?:async )?(?P<name>.*) \()?file://(?P<file>[^():]+):(?P<line>\d+):(?P<column>\d+)\)?$"
)
LEFT_AS_SENT = {"PaymentError_by_a_variable"}
"""`new ErrorClass(…)`: whichever class that was."""


MADE = re.compile(r"new [\w$.]+")


def _in_safari(frame: Frame) -> Frame:
    """JavaScriptCore places a `new` behind the class's name, V8 before it."""
    line = Path(frame.abs_path or "").read_text().splitlines()[(frame.lineno or 0) - 1]
    made = MADE.match(line, (frame.colno or 0) - 1)
    return replace(frame, colno=made.end() + 1) if made else frame


def _shown(
    sent: dict[str, Any], folder: Path, maps: DictionarySourceMaps, *, in_safari: bool
) -> str:
    """What the page would call an error that the program printed."""
    calls = [match for line in sent["stack"].splitlines() if (match := CALL.search(line))]
    frames = tuple(
        Frame(
            each["file"], each["file"], None, each["name"], int(each["line"]), int(each["column"])
        )
        for each in reversed(calls)
    )
    frames = tuple(map(_in_safari, frames)) if in_safari else frames
    trace = Stacktrace(("exception", "values", 0, "stacktrace"), frames)
    exception = ExceptionValue(sent["type"], sent["value"], stacktrace=trace)
    images = tuple(DebugImage(str(path), _id(path)) for path in folder.glob("*.mjs"))
    event = Event("0" * 32, "node", NOON, exceptions=(exception,), images=images)
    return as_written(exception, frames_of(exception, symbolicate(event, maps))).type


def _id(path: Path) -> DebugId:
    return DebugId(str(uuid5(NAMESPACE_URL, path.name)))


@pytest.mark.parametrize("bundler", ["esbuild", "vite", "webpack", "rollup"])
def test_no_error_is_called_by_another_class(bundler: str, tools: Toolbox, tmp_path: Path) -> None:
    built = tools.run(ERRORS / "build.mjs", bundler, str(tmp_path), cwd=ERRORS, env={})
    assert built.code == 0, built.output
    maps = DictionarySourceMaps()
    for path in tmp_path.glob("*.mjs"):
        source_map = path.with_suffix(".mjs.map").read_text()
        maps.add(ArtifactType.MINIFIED_SOURCE, f"~/{path.name}", path.read_text(), _id(path))
        maps.add(ArtifactType.SOURCE_MAP, f"~/{path.name}.map", source_map, _id(path))

    ran = tools.run(tmp_path / "main.mjs", cwd=tmp_path, env={})
    errors = [json.loads(line) for line in ran.output.splitlines()]

    assert len(errors) == 16
    expected = {
        each["scenario"]: each["type"]
        if each["scenario"] in LEFT_AS_SENT
        else each["scenario"].partition("_")[0]
        for each in errors
    }
    for in_safari in (False, True):
        shown = {
            each["scenario"]: _shown(each, tmp_path, maps, in_safari=in_safari) for each in errors
        }
        assert shown == expected
