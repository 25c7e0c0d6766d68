"""Recorded events, changed: a few hundred of what `python -m tests.fuzz.events` does for hours."""

from tests.fuzz.events.__main__ import run
from tests.fuzz.events.recorded import recordings, recordings_of_events


def test_the_recordings_are_of_several_sdks() -> None:
    sdks = {each.name.partition("-")[0] for each in recordings()}

    assert {"python", "node", "browser", "sentry.ruby 6.1"} <= sdks
    assert len(recordings_of_events()) > 40


def test_changed_events_are_refused_or_digested_and_shown() -> None:
    report = run([f"test:{number}" for number in range(250)])

    assert report.found == {}
    assert report.done["inputs"] == 250
    assert report.done["answered 200"] > 100
    assert report.done["events stored"] > 80
    assert report.done["pages shown"] > 5
