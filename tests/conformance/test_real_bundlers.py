"""Real builds and real events of Vite, webpack, Rollup and esbuild, and what the sources say."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from headwater.protocol.event_json import parse_event
from headwater.symbolicate.resolution import Resolution
from headwater.symbolicate.stacktrace import symbolicate
from headwater.symbolicate.verdicts import Verdict
from tests.conformance import CONFORMANCE, needs_conformance_data
from tests.symbolicate.dictionary import DictionarySourceMaps

FOLDER = CONFORMANCE / "real-bundlers"
CASES = sorted(
    path
    for bundler in ("esbuild", "rollup", "vite", "webpack")
    for path in (FOLDER / bundler).glob("*.json")
    if path.name not in ("assemble_request.json", "manifest.json")
)

pytestmark = [
    needs_conformance_data,
    pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}"),
]


def resolved(path: Path) -> tuple[dict[str, Any], Resolution]:
    case = json.loads(path.read_text())
    maps = DictionarySourceMaps()
    maps.add_bundle(path.parent / "bundle.zip")
    event = parse_event(json.dumps(case["event"]).encode(), datetime.now(UTC))
    return case, symbolicate(event, maps)


def test_there_are_twenty_cases(path: Path) -> None:
    assert path in CASES
    assert len(CASES) == 20


def test_the_throwing_frame_is_at_its_file_line_and_code(path: Path) -> None:
    case, resolution = resolved(path)
    truth = case["truth"]

    frame = resolution.stacktraces[truth["innermost_frame_of_exception"]].frames[-1]

    assert frame.original is not None
    assert frame.original.filename == truth["file_suffix"]
    assert frame.original.lineno == truth["lineno"]
    assert frame.in_app is True
    if path.parent.name == "rollup":
        assert frame.verdict is Verdict.NO_SOURCE_CONTENT
        assert frame.original.context_line is None
    else:
        assert frame.verdict is Verdict.RESOLVED
        assert frame.original.context_line == truth["context_line"]


def test_every_frame_has_its_functions_name(path: Path) -> None:
    case, resolution = resolved(path)

    names = [
        [frame.original.function if frame.original else None for frame in trace.frames]
        for trace in resolution.stacktraces
    ]

    assert names == case["enclosing_function_in_original_source"]


def test_every_frame_is_where_the_second_opinion_says(path: Path) -> None:
    case, resolution = resolved(path)

    for trace, expected in zip(
        resolution.stacktraces, case["oracle_frames_per_exception"], strict=True
    ):
        for frame, opinion in zip(trace.frames, expected, strict=True):
            if opinion == "not symbolicated":
                assert frame.verdict is Verdict.BUILT_IN
                continue
            if opinion is None:
                assert frame.verdict is Verdict.POSITION_UNMAPPED
                assert frame.in_app is False
                continue
            assert frame.original is not None
            if frame.evidence.detail and "await" in frame.evidence.detail:
                # Where terser maps no `await` the opinion is the place mapped before it.
                assert "await " in (frame.original.context_line or "")
                continue
            place = (frame.evidence.source, frame.original.lineno, frame.original.colno)
            assert place == (opinion["source"], opinion["lineno"], opinion["colno"])
