"""`sentry-cli send-event`: the Rust SDK's envelopes, with the key in a header and a dashed id."""

import re
from pathlib import Path

import pytest

from tests.clients.builds import assert_fine
from tests.clients.command_line import RUST, Shell

pytestmark = pytest.mark.clients

EVENT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.mark.parametrize("shell", RUST, indirect=True, ids=str)
def test_an_event_sent_by_hand_is_stored(shell: Shell, tmp_path: Path) -> None:
    message = "the anchor drags ⚓"
    event = ("send-event", "--message", message, "--release", "shop@1.0.0")

    sent = shell(*event, cwd=tmp_path, SENTRY_DSN=shell.project.dsn)

    assert_fine(sent)
    found = EVENT_ID.search(sent.output)
    assert found, sent.output
    stored = shell.project.event(found[0].replace("-", ""))
    assert stored["release"] == "shop@1.0.0"
    assert message in str(stored["logentry"] if "logentry" in stored else stored["message"])
