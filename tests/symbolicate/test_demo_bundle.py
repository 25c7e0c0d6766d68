"""The demo: a Turbopack server build, sectioned maps, names that survive nothing."""

import json
from datetime import UTC, datetime
from pathlib import Path

import headwater.cli
from headwater.protocol.event_json import parse_event
from headwater.symbolicate.resolution import ResolvedFrame
from headwater.symbolicate.stacktrace import symbolicate
from headwater.symbolicate.verdicts import Verdict
from tests.symbolicate.dictionary import DictionarySourceMaps

FOLDER = Path(headwater.cli.__file__).parent / "demo_bundle"


def frames() -> list[ResolvedFrame]:
    """Innermost first."""
    maps = DictionarySourceMaps()
    maps.add_bundle(FOLDER / "bundle.zip")
    event = parse_event((FOLDER / "event.json").read_bytes(), datetime.now(UTC))
    return list(reversed(symbolicate(event, maps).stacktraces[0].frames))


def test_the_demos_trace_becomes_what_its_sources_say() -> None:
    truth = json.loads((FOLDER / "truth.json").read_text())["frames"]

    resolved = frames()

    assert len(resolved) == len(truth)
    for frame, expected in zip(resolved, truth, strict=True):
        if "line" not in expected:
            assert frame.verdict is Verdict.BUILT_IN
            continue
        assert frame.verdict is Verdict.RESOLVED
        original = frame.original
        assert original is not None
        assert original.function == expected["function"]
        assert original.filename == expected["file"]
        assert original.lineno == expected["line"]
        assert original.context_line == expected["context_line"]
        assert frame.in_app is True


def test_the_evidence_names_upload_map_and_mapping() -> None:
    thrown = frames()[0]

    evidence = thrown.evidence
    assert evidence.resolved_with == "debug-id"
    assert evidence.debug_id == "5febecf2-942b-2783-d065-35d7de1ac5f7"
    assert evidence.source_map == "~/chunks/ssr/_0rdysi~._.js.map"
    assert evidence.minified_file == "~/chunks/ssr/_0rdysi~._.js"
    assert evidence.named_by == "original source"
    assert evidence.generated == "3:1039"
    assert evidence.mapping is not None
    assert evidence.mapping.endswith("apps/myapp/src/lib/actions/invoices.ts:84:15")
