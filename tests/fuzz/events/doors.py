"""Both ways in for a request: the shorter one and the usual one, which must do the same."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from headwater.protocol.encoding import decode
from headwater.protocol.envelope import Item, parse_envelope
from headwater.server.connection import Connection
from headwater.server.errors import EXCEPTION_HANDLERS
from headwater.server.fast_path import fast_path
from headwater.server.in_flight import MAX_LARGE
from headwater.server.ingest import Ingest, IngestLimits
from headwater.server.paths import ApiPaths
from headwater.server.rate_limits import RateLimits
from headwater.storage.disk import FreeSpace
from tests.event_side import EventSide
from tests.fuzz.events.report import fault_at_hand
from tests.fuzz.events.wire import ask

LIMITS = IngestLimits(1024**2, 20 * 1024**2)
"""The defaults."""
NO_HTTP = b"Invalid HTTP request received."
"""Uvicorn's own answer, which it gives before it has answered what came before."""

Answers = Sequence[tuple[int, bytes]]
Offered = tuple[int, bytes, str, str]
"""Project, body, event id, encoding."""


class Noting:
    """An intake that notes what is offered."""

    def __init__(self) -> None:
        self.offered: list[Offered] = []

    def offer(
        self,
        project_id: int,
        envelope: bytes,
        _received_at: datetime,
        event_id: str,
        encoding: str,
        done: Callable[[Any], None],
    ) -> None:
        """As `storage.queue.queue.Intake` has it."""
        self.offered.append((project_id, envelope, event_id, encoding))
        done(None)

    def close(self) -> None:
        """Nothing is open."""


class Counted:
    """Outcomes that are only counted here."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[int, str, str]] = Counter()

    def count(
        self, project_id: int, category: str, reason: str, _now: datetime, quantity: int = 1
    ) -> None:
        """As `storage.queue.outcomes.Outcomes` has it."""
        self.counts[project_id, category, reason] += quantity


class Way:
    """One way in: what it queued, counted and answered to the last request, and its faults."""

    def __init__(self, side: EventSide, *, is_fast: bool) -> None:
        self._intake = Noting()
        self._outcomes = Counted()
        self._shop = side.shop.id
        self.faults: list[str] = []
        self.answers: Answers = ()
        space, outcomes = FreeSpace(side.folder, 0), self._outcomes
        self._ingest = Ingest(
            side.projects,
            self._intake,
            outcomes,  # type: ignore[arg-type]
            LIMITS,
            RateLimits(0),
            space,
            side.counts,
        )
        self._app = Starlette(
            routes=self._ingest.routes(),
            middleware=[Middleware(ApiPaths)],
            exception_handlers=dict(EXCEPTION_HANDLERS),
        )
        config = uvicorn.Config(
            self._watched, interface="asgi3", ws="none", log_config=None, lifespan="off"
        )
        protocol: Any = fast_path(self._ingest) if is_fast else Connection
        self._connect = lambda: protocol(config=config, server_state=ServerState(), app_state={})

    async def ask(self, data: bytes, cut_at: int) -> None:
        """Send a request in two parts. Raises TimeoutError."""
        self._intake.offered.clear()
        self._outcomes.counts.clear()
        self.faults.clear()
        self.answers = await ask(self._connect, data, cut_at)

    @property
    def offered(self) -> Sequence[Offered]:
        """What it put on the queue."""
        return self._intake.offered

    def said(self) -> Answers:
        """What it answered, as far as the other way must say the same."""
        return [(status, b"" if status == 200 else body) for status, body in self.answers]

    def counted(self) -> Counter[Any]:
        """What it counted."""
        return self._outcomes.counts

    def queued(self) -> list[Any]:
        """What is in the envelopes that it queued."""
        return [_told(project, body, encoding) for project, body, _, encoding in self.offered]

    def check_room(self) -> None:
        """Every request has given back its room, or this raises NoRoom."""
        with self._ingest.in_flight.place() as place:
            place.belongs_to(self._shop)
            place.grow(MAX_LARGE)

    async def _watched(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception:
            self.faults.append(fault_at_hand())
            raise


def differences(usual: Way, fast: Way) -> list[str]:
    """What two ways did not do alike."""
    if any(said == NO_HTTP for _, said in usual.answers):
        return []  # what came whole before that may be accepted, or not
    found = []
    if usual.said() != fast.said():
        found.append(f"the doors answer otherwise: {usual.said()!r:.200} {fast.said()!r:.200}")
    # Who gets no answer has gone away too early for it, or for being counted.
    if usual.answers and usual.counted() != fast.counted():
        found.append(f"the doors count otherwise: {usual.counted()} {fast.counted()}")
    if usual.queued() != fast.queued():
        found.append("the doors queue otherwise")
    return found


def _told(project: int, body: bytes, encoding: str) -> Any:
    envelope = parse_envelope(decode(body, encoding, LIMITS.envelope))
    # An event that comes alone, and without an id, is given one.
    return project, envelope.event_id is None, [_told_of_item(item) for item in envelope.items]


def _told_of_item(item: Item) -> Any:
    # What browsers report is made an event with the time in it.
    return item.type, b"" if b'"csp"' in item.payload else item.payload
