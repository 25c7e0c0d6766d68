"""A frame's verdict in words."""

from datetime import UTC, datetime

import pytest

from headwater.server.web.event.verdict import LABELS, mark
from headwater.symbolicate.resolution import Evidence, Original, ResolvedFrame
from headwater.symbolicate.verdicts import Verdict


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_a_word_a_cause_and_a_tone(verdict: Verdict) -> None:
    made = mark(ResolvedFrame(verdict))

    assert 0 < len(made.label) <= 20
    assert made.label == LABELS[verdict]
    assert made.cause.endswith(".")
    assert made.tone in ("resolved", "unresolved", "plain")


def test_only_a_failure_is_called_unresolved_and_it_has_a_remedy() -> None:
    failed = [verdict for verdict in Verdict if mark(ResolvedFrame(verdict)).tone == "unresolved"]

    assert failed == [verdict for verdict in Verdict if verdict.is_failure]
    assert all(mark(ResolvedFrame(verdict)).remedy for verdict in failed)


def test_a_resolved_frame_says_how_its_map_was_found() -> None:
    original = Original("a.ts", "a.ts", "f", 1, 1)
    for how, label in (("debug-id", "debug id"), ("release", "release"), (None, "resolved")):
        frame = ResolvedFrame(Verdict.RESOLVED, original, Evidence(resolved_with=how))
        assert mark(frame).label == label


def test_the_evidence_is_what_the_resolver_saw_and_nothing_else() -> None:
    seen = Evidence(
        debug_id="022d6ffc-72a6-4518-817d-feef48351b10",
        bundle=3,
        uploaded_at=datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
        looked_for=("~/a.js", "~/b.js"),
    )

    made = mark(ResolvedFrame(Verdict.URL_NOT_UPLOADED, evidence=seen))

    assert made.evidence == (
        ("Debug id", "022d6ffc-72a6-4518-817d-feef48351b10"),
        ("Artifact bundle", '<a href="/bundles/3">#3</a>, uploaded 2026-11-22 10:00:00 UTC'),
        ("Looked for", "~/a.js\n~/b.js"),
    )
