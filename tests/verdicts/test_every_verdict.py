"""Every verdict is reached through the server's doors, and told by its API and its page."""

import pytest

from headwater.symbolicate.remedies.lines import has_lines
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
    assert (verdict in stage.shop.verdicts(event_id)["remedies"]) is has_lines(verdict)
    if verdict.is_failure:
        waits = verdict is Verdict.PENDING_UPLOAD
        assert ("waits for an upload" if waits else "could not be resolved") in page
        assert plain(frame["cause"]) in page
        assert plain(EXPLANATIONS[verdict].remedy) in page


def plain(sentence: str) -> str:
    """As a page shows it, where code has no marks but a font."""
    return " ".join(sentence.replace("`", " ").split())
