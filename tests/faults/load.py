"""Clients that send events for as long as they are wanted, and know which of them were answered."""

import http.client
import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

PATIENCE_SECONDS = 60
RETRIED_PART = 10
"""One event in so many is sent again after it was answered, as an impatient client does."""


class Server(Protocol):
    """What is sent to."""

    @property
    def port(self) -> int:
        """On this machine."""
        ...

    @property
    def path(self) -> str:
        """Where the events go, key included."""
        ...


def envelope(event_id: str, text: str = "no money") -> bytes:
    """An event of one of seven issues."""
    kind = "abcdefg"[int(event_id, 16) % 7]
    error = {"type": f"Error{kind}", "value": text}
    event = {"event_id": event_id, "platform": "node", "exception": {"values": [error]}}
    parts = ({"event_id": event_id}, {"type": "event"}, event)
    return b"\n".join(json.dumps(part).encode() for part in parts)


def chance(seed: str) -> random.Random:
    """The same at each run."""
    return random.Random(seed)  # noqa: S311 # a test's dice


def post(server: Server, path: str, body: bytes, **headers: str) -> tuple[int, str]:
    """Status and text of the answer. Raises OSError, HTTPException."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)
    with closing(connection):
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer other than 200."""

    status: int
    retry_after: str | None
    limits: str | None
    text: str


class Load:
    """Several clients, each in its own thread. They go on through a server's deaths."""

    def __init__(
        self,
        server: Server,
        clients: int,
        seed: str,
        write: Callable[[str], bytes] = envelope,
        pause: float = 0,
    ) -> None:
        """`write`: an event's id → its envelope. `pause`: seconds that each client takes between two
        events, where a test is long and no flood is needed."""
        self._server = server
        self._clients = clients
        self._seed = seed
        self._write = write
        self._pause = pause
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.accepted: Counter[str] = Counter()
        """Event id → how often it was answered 200."""
        self.unanswered: Counter[str] = Counter()
        """Event id → how often nobody knows what became of it."""
        self.refused: Counter[Refusal] = Counter()
        """How often what was said of events that were not accepted."""
        self.told_to_wait: set[str] = set()
        """The ids of events that were refused at least once."""

    @property
    def answered(self) -> set[str]:
        """The ids of events that were answered 200."""
        return {event_id for event_id, count in self.accepted.items() if count}

    @property
    def uncertain(self) -> set[str]:
        """The ids of events that were sent without an answer."""
        return {event_id for event_id, count in self.unanswered.items() if count}

    @property
    def answers(self) -> int:
        """Answers of 200 so far."""
        return self.accepted.total()

    @contextmanager
    def running(self) -> Iterator["Load"]:
        """Until the end of the block."""
        self._threads = [
            threading.Thread(target=self._send, args=(chance(f"{self._seed}/{number}"),))
            for number in range(self._clients)
        ]
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()

    def _send(self, dice: random.Random) -> None:
        event_id = ""
        while not self._stop.is_set():
            connection = http.client.HTTPConnection(
                "127.0.0.1", self._server.port, timeout=PATIENCE_SECONDS
            )
            with suppress(OSError, http.client.HTTPException):
                connection.connect()
                while not self._stop.is_set():
                    if not event_id or dice.randrange(RETRIED_PART):
                        event_id = UUID(int=dice.getrandbits(128)).hex
                    self._post(connection, event_id)
                    self._stop.wait(self._pause)
            connection.close()
            self._stop.wait(0.01)

    def _post(self, connection: http.client.HTTPConnection, event_id: str) -> None:
        with self._lock:
            self.unanswered[event_id] += 1
        connection.request("POST", self._server.path, self._write(event_id))
        answer = connection.getresponse()
        said = answer.read().decode()
        with self._lock:
            self.unanswered[event_id] -= 1
            if answer.status == http.HTTPStatus.OK:
                self.accepted[event_id] += 1
            else:
                limits = answer.getheader("X-Sentry-Rate-Limits")
                refusal = Refusal(answer.status, answer.getheader("Retry-After"), limits, said)
                self.refused[refusal] += 1
                self.told_to_wait.add(event_id)
        if answer.status != http.HTTPStatus.OK:
            self._stop.wait(0.05)
