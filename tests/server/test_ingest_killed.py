"""Every event that was answered 200 is there, exactly once, whenever the server is killed."""

import json
import threading
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.clients.patience import until
from tests.live import LiveServer, live_server

SENDERS = 6
KILLED_AFTER = (150, 40, 300)
"""Answers of 200 after which the server is killed, while further requests are under way."""


@dataclass
class Senders:
    """Browsers that send events until the server is gone."""

    url: str
    answered: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> list[threading.Thread]:
        """Each in its own thread."""
        threads = [threading.Thread(target=self._send) for _ in range(SENDERS)]
        for thread in threads:
            thread.start()
        return threads

    def _send(self) -> None:
        with httpx.Client(timeout=60) as client:
            while True:
                event_id = uuid.uuid4().hex
                try:
                    answer = client.post(self.url, content=_envelope(event_id))
                except httpx.TransportError:
                    return
                assert answer.status_code == httpx.codes.OK, answer.text
                with self.lock:
                    self.answered.add(event_id)


def _envelope(event_id: str) -> bytes:
    kind = int(event_id, 16) % 7
    error = {"type": f"Error{'abcdefg'[kind]}", "value": "no money"}
    event = {"event_id": event_id, "platform": "node", "exception": {"values": [error]}}
    header, item = {"event_id": event_id}, {"type": "event"}
    return b"\n".join(json.dumps(part).encode() for part in (header, item, event))


@dataclass(frozen=True)
class Reader:
    """Reads everything back over the API."""

    origin: str
    token: str

    def get(self, path: str) -> Any:
        """Every page of a list."""
        found: list[Any] = []
        url: str | None = f"{self.origin}/api/0/{path}"
        while url:
            answer = httpx.get(url, headers={"Authorization": f"Bearer {self.token}"}, timeout=60)
            assert answer.status_code == httpx.codes.OK, answer.text
            found += answer.json()
            following = answer.links.get("next", {})
            url = f"{self.origin}{following['url']}" if following.get("results") == "true" else None
        return found

    def stored(self) -> Counter[str]:
        """Event id → how often an issue lists it."""
        issues = self.get("organizations/any/issues/")
        listed = [self.get(f"organizations/any/issues/{issue['id']}/events/") for issue in issues]
        return Counter(event["eventID"] for events in listed for event in events)

    def counted(self) -> int:
        """Events that the issues say they have."""
        return sum(int(issue["count"]) for issue in self.get("organizations/any/issues/"))


def test_no_answered_event_is_lost_or_doubled_by_kill_9(tmp_path: Path) -> None:
    with live_server(tmp_path) as server:
        project = server.run("project", "create", "Shop")
        token = server.run("token", "create", "reader", "--scope", "full")["token"]
        key = project["dsn"].split("//")[1].split("@")[0]
        senders = Senders(f"{server.origin}/api/{project['id']}/envelope/?sentry_key={key}")

        for enough in KILLED_AFTER:
            _kill_after(server, senders, enough)
            server.start()

        reader = Reader(server.origin, token)
        answered = senders.answered
        until(lambda: answered <= set(reader.stored()), 120, "every answered event is stored")
        stored = reader.stored()

        assert set(stored.values()) == {1}
        # What was stored but not answered in time is what was under way at each kill, and no more.
        assert len(stored) - len(answered) <= SENDERS * len(KILLED_AFTER)
        until(lambda: reader.counted() == len(reader.stored()), 60, "the counts agree")


def _kill_after(server: LiveServer, senders: Senders, enough: int) -> None:
    before = len(senders.answered)
    threads = senders.start()
    until(lambda: len(senders.answered) - before >= enough, 120, f"{enough} answers")
    server.kill()
    for thread in threads:
        thread.join(timeout=120)
