"""Components that React was rendering, resolved as frames are and named as no call is."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from headwater.digest.remembered import digest_of
from headwater.protocol.bundle import ArtifactType
from headwater.protocol.component_stack import PATH
from headwater.protocol.event import Event
from headwater.protocol.event_json import parse_event
from headwater.symbolicate.overlay import overlay
from headwater.symbolicate.stacktrace import symbolicate
from headwater.symbolicate.verdicts import Verdict
from tests.symbolicate.dictionary import DictionarySourceMaps
from tests.symbolicate.world import FILE, ID, NOON, THROWN_COLUMN, map_of

CALLED_COLUMN = 10
"""Where the map has the name `pay`, as at a call of it."""
LINES = f"\n    at e ({FILE}:1:{THROWN_COLUMN})\n    at div\n    at t ({FILE}:1:{CALLED_COLUMN})"
FRAMES = [
    {"abs_path": FILE, "function": "t", "lineno": 1, "colno": CALLED_COLUMN},
    {"abs_path": FILE, "function": "e", "lineno": 1, "colno": THROWN_COLUMN},
]


def _payload(**more: Any) -> dict[str, Any]:
    image = {"type": "sourcemap", "code_file": FILE, "debug_id": ID}
    return {"platform": "javascript", "debug_meta": {"images": [image]}, **more}


def _event(**more: Any) -> Event:
    return parse_event(json.dumps(_payload(**more)).encode(), NOON)


def _maps(**more: Any) -> DictionarySourceMaps:
    maps = DictionarySourceMaps()
    maps.add(ArtifactType.SOURCE_MAP, "~/app.js.map", map_of(**more), ID)
    return maps


OF_CONTEXT = {"contexts": {"react": {"componentStack": LINES}}}


def test_each_component_has_a_verdict_of_its_own() -> None:
    (found,) = symbolicate(_event(**OF_CONTEXT), _maps()).stacktraces

    assert found.path == PATH
    assert [frame.verdict for frame in found.frames] == [Verdict.RESOLVED] * 2
    inner = found.frames[-1].original
    assert inner is not None
    assert (inner.function, inner.filename, inner.lineno) == ("pay", "src/pay.ts", 5)


@pytest.mark.parametrize("type_", ["React ErrorBoundary TypeError", "TypeError"])
def test_a_component_is_not_named_by_the_one_around_it(type_: str) -> None:
    error = {"type": type_, "stacktrace": {"frames": FRAMES}}

    (found,) = symbolicate(_event(exception=[error]), _maps(contents=[None])).stacktraces

    inner = found.frames[-1].original
    assert inner is not None
    assert inner.function == ("pay" if type_ == "TypeError" else "e")


def test_what_is_remembered_of_calls_is_not_taken_for_components() -> None:
    event = _event(exception=[{"type": "E", "stacktrace": {"frames": FRAMES}}])
    (error,) = event.exceptions
    assert error.stacktrace is not None
    components = replace(error, stacktrace=replace(error.stacktrace, are_components=True))

    assert digest_of(1, event) != digest_of(1, replace(event, exceptions=(components,)))
    assert digest_of(1, event) != digest_of(1, _event(**OF_CONTEXT))


def test_the_context_itself_stays_as_it_was_sent() -> None:
    payload = _payload(**OF_CONTEXT)

    shown = overlay(payload, symbolicate(_event(**OF_CONTEXT), _maps()))

    assert shown == payload
