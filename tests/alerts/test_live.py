"""Alerts from an envelope to a receiver, by processes as users run them, which are killed."""

import json
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from headwater.storage.alerts.channels import ChannelKind, Channels
from headwater.storage.alerts.deliveries import Deliveries, State
from headwater.storage.alerts.message import TEST, Message
from headwater.storage.alerts.rules import RuleDraft, RuleKind, Rules
from headwater.storage.database import Database
from tests.alerts.receivers import Mailbox, Receiver, mailbox, receiver
from tests.clients.patience import until
from tests.event_side import envelope
from tests.faults.instance import DIGEST, WEB, Instance, instance

PATIENCE_SECONDS = 60


class Live:
    """An instance with a database beside it."""

    def __init__(self, running: Instance) -> None:
        self.running = running
        self.database = Database(f"sqlite:///{running.data_dir / 'headwater.db'}")
        self.deliveries = Deliveries(self.database)

    def channel(self, kind: ChannelKind, address: str, name: str) -> int:
        return Channels(self.database).create(name, kind, address, datetime.now(UTC)).id

    def rule(self, *channel_ids: int) -> None:
        draft = RuleDraft("New ones", RuleKind.NEW, channel_ids=channel_ids)
        Rules(self.database).create(draft, datetime.now(UTC))

    def crash(self, message: str) -> None:
        """An SDK sends an event."""
        event: dict[str, Any] = {
            "platform": "python",
            "exception": {"values": [{"type": "Error", "value": message}]},
        }
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.running.port}{self.running.path}",
            envelope(event),
            {"Content-Type": "application/x-sentry-envelope"},
        )
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200

    def states(self) -> list[State]:
        return [each.state for each in self.deliveries.log().items]


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made


@pytest.fixture
def live(tmp_path: Path, box: Mailbox) -> Iterator[Live]:
    settings: dict[str, Any] = {
        "HEADWATER_SMTP_URL_FILE": str(tmp_path / "smtp"),
        "HEADWATER_MAIL_FROM": "Headwater <alerts@example.com>",
        "PUBLIC_URL": "https://errors.example.com",
    }
    (tmp_path / "smtp").write_text(f"smtp://127.0.0.1:{box.port}\n")
    with instance(tmp_path, **settings) as running:
        made = Live(running)
        yield made
        made.database.close()


def test_a_crash_is_told_by_mail_and_webhook_with_a_link(
    live: Live, hook: Receiver, box: Mailbox
) -> None:
    live.rule(
        live.channel(ChannelKind.WEBHOOK, hook.url, "Hook"),
        live.channel(ChannelKind.EMAIL, "ada@example.com", "Ada"),
    )
    live.running.start(WEB, DIGEST)

    live.crash("no money")
    hook.wait()
    until(lambda: bool(box.mails), PATIENCE_SECONDS, "the mail came")

    body = json.loads(hook.received[0].body)
    assert (body["kind"], body["title"]) == ("new", "Error: no money")
    assert body["url"].startswith("https://errors.example.com/issues/")
    assert box.mails[0]["Subject"] == "[Shop] New issue: Error: no money"
    assert "hidden-token" not in live.running.log.read_text()


def test_a_digest_that_is_killed_between_sending_and_noting_sends_again(
    live: Live, hook: Receiver
) -> None:
    live.rule(live.channel(ChannelKind.WEBHOOK, hook.url, "Hook"))
    live.running.start(WEB, DIGEST)
    hook.release.clear()
    live.crash("no money")
    hook.wait()
    live.running.kill(DIGEST)
    hook.release.set()
    # As the time that a try is waited for had passed: the row says that one was begun.
    before = live.deliveries.log().items[0]
    live.deliveries.begin(before, datetime.now(UTC))

    live.running.start(DIGEST)
    hook.wait()
    until(lambda: live.states() == [State.SENT], PATIENCE_SECONDS, "it is noted")

    first, second = hook.received
    assert (before.state, before.tries) == (State.WAITING, 1)
    assert first.headers["Headwater-Delivery"] == second.headers["Headwater-Delivery"]
    assert first.body == second.body


def test_a_receiver_that_does_not_answer_holds_up_neither_others_nor_the_digest(
    live: Live, hook: Receiver
) -> None:
    with receiver() as slow:
        slow.release.clear()
        live.rule(
            live.channel(ChannelKind.WEBHOOK, slow.url, "Slow"),
            live.channel(ChannelKind.WEBHOOK, hook.url, "Hook"),
        )
        live.running.start(WEB, DIGEST)
        live.crash("one")
        slow.wait()

        live.crash("two")
        hook.wait(2)

        assert len(slow.received) == 1
        assert live.running.counts().events == 2
        # Before the fixture asks whether anything went wrong.
        live.running.kill(DIGEST)


def test_a_test_message_is_sent_by_the_digest_process(live: Live, hook: Receiver) -> None:
    channel_id = live.channel(ChannelKind.WEBHOOK, hook.url, "Hook")
    channel = Channels(live.database).get(channel_id)
    assert channel
    live.running.start(DIGEST)

    now = datetime.now(UTC)
    live.deliveries.add_test(channel, Message(TEST, "A test", "Hook", "/alerts", now), now)
    hook.wait()

    assert json.loads(hook.received[0].body)["kind"] == "test"
