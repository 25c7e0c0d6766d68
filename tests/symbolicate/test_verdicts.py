"""The closed list and its explanations."""

import pytest

from headwater.symbolicate.processing_errors import processing_error
from headwater.symbolicate.resolution import ResolvedFrame
from headwater.symbolicate.verdicts import EXPLANATIONS, Verdict

IMPERFECT = (Verdict.NO_SOURCE_CONTENT, Verdict.SUSPICIOUS_MAPPING)
"""Resolved, with something to be done all the same."""


def test_every_verdict_is_explained() -> None:
    assert set(EXPLANATIONS) == set(Verdict)


@pytest.mark.parametrize("verdict", Verdict)
def test_what_is_wrong_has_a_remedy_and_what_is_right_has_none(verdict: Verdict) -> None:
    explanation = EXPLANATIONS[verdict]

    assert explanation.cause.endswith(".")
    needs_doing = verdict.is_failure or verdict in IMPERFECT
    assert bool(explanation.remedy) is needs_doing
    assert not needs_doing or explanation.remedy.endswith(".")


@pytest.mark.parametrize("verdict", Verdict)
def test_every_failure_has_its_word_in_sentrys_api(verdict: Verdict) -> None:
    error = processing_error({"abs_path": "https://h/a.js"}, ResolvedFrame(verdict))

    assert (error is not None) is (verdict.is_failure or verdict in IMPERFECT)
