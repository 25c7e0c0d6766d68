"""Every verdict is reached through the server's doors, and told by its API and its page."""

import pytest

from headwater.symbolicate.verdicts import EXPLANATIONS, Verdict
from tests.verdicts.scenarios import SCENARIOS
from tests.verdicts.stage import Stage


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_is_reached_and_told(stage: Stage, verdict: Verdict) -> None:
    event_id = SCENARIOS[verdict](stage)

    frame = stage.frame(event_id)
    page = stage.reader.event(event_id)

    assert frame["verdict"] == verdict, frame
    assert frame["remedy"] == EXPLANATIONS[verdict].remedy
    if verdict.is_failure:
        assert "could not be resolved" in page or verdict is Verdict.PENDING_UPLOAD
        assert plain(frame["cause"]) in page
        assert plain(EXPLANATIONS[verdict].remedy) in page


def plain(sentence: str) -> str:
    """As a page shows it, where code has no marks but a font."""
    return " ".join(sentence.replace("`", " ").split())
