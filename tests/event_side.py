"""Everything between an SDK and a saved issue, wired up in a folder for tests."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from headwater.digest.choices import KnownChoices
from headwater.digest.pipeline import Pipeline, Resolve
from headwater.digest.worker import Worker
from headwater.protocol.encoding import decode
from headwater.protocol.envelope import Envelope, parse_envelope
from headwater.protocol.event import Event
from headwater.server.api.events import EventsDoor
from headwater.server.api.issues import IssuesDoor
from headwater.server.auth import TokenGuard
from headwater.server.errors import EXCEPTION_HANDLERS
from headwater.server.ingest import Ingest, IngestLimits
from headwater.server.origin import Origins
from headwater.server.paths import ApiPaths
from headwater.server.rate_limits import RateLimits
from headwater.server.user_feedback import UserFeedbackDoor
from headwater.storage.database import Database
from headwater.storage.disk import FreeSpace
from headwater.storage.events.events import Events, StoredEvent
from headwater.storage.events.user_reports import UserReports
from headwater.storage.issues.announcements import Announcements
from headwater.storage.issues.decisions import Decisions
from headwater.storage.issues.issues import Issues
from headwater.storage.people.tokens import Scope, Tokens
from headwater.storage.people.users import Users
from headwater.storage.process_counts import ProcessCounts
from headwater.storage.projects import Projects
from headwater.storage.queue.dead_letters import DeadLetters
from headwater.storage.queue.journal.reader import JournalReader
from headwater.storage.queue.journal.writer import JournalWriter
from headwater.storage.queue.outcomes import Outcomes
from headwater.storage.queue.queue import Intake, Outlet, submit
from headwater.storage.queue.table.reader import TableReader
from headwater.storage.queue.table.writer import TableWriter
from headwater.symbolicate.resolution import Resolution
from headwater.symbolicate.stacktrace import symbolicate
from tests.databases import database_in
from tests.symbolicate.dictionary import DictionarySourceMaps

MAX_EVENT = 50_000
MAX_ENVELOPE = 200_000


def envelope(*payloads: dict[str, Any] | bytes, kind: str = "event", **headers: Any) -> bytes:
    """An envelope of items of one kind, in the JavaScript SDKs' spelling: without lengths."""
    lines = [json.dumps(headers).encode()]
    for payload in payloads:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        lines += [json.dumps({"type": kind}).encode(), body]
    return b"\n".join(lines)


class Client:
    """httpx on an app in this process, for tests without an event loop of their own."""

    def __init__(self, app: Starlette) -> None:
        # A fault of the app is an answer of 500 here, as it would be on a socket.
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://localhost")
        self._runner = asyncio.Runner()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """What requests run in; between two of them it stands still."""
        return self._runner.get_loop()

    def request(self, method: str, url: str, **more: Any) -> httpx.Response:
        """As httpx has it."""
        return self._runner.run(self.send(method, url, **more))

    async def send(self, method: str, url: str, **more: Any) -> httpx.Response:
        """As httpx has it, for what happens within a request."""
        return await self._client.request(method, url, **more)

    def post(self, url: str, **more: Any) -> httpx.Response:
        """As httpx has it."""
        return self.request("POST", url, **more)

    def get(self, url: str, **more: Any) -> httpx.Response:
        """As httpx has it."""
        return self.request("GET", url, **more)

    def close(self) -> None:
        """End the loop."""
        self._runner.run(self._client.aclose())
        self._runner.close()


SOURCE = "export function pay(cart) {\n  throw new Error('no money');\n}\n"
DEBUG_ID = "9a00dac2-cd57-1ff9-10f2-694180a6fdc4"


def source_map(source: str = "src/cart.ts", content: str = SOURCE) -> bytes:
    """Everything from column 1 of line 1 on was line 2, column 3, of `source`."""
    return json.dumps(
        {
            "version": 3,
            "sources": [source],
            "sourcesContent": [content],
            "names": [],
            "mappings": "AACE",
        }
    ).encode()


def minified_event(
    event_id: str, file: str = "https://h/app-5f3c9a1b.js", debug_id: str = DEBUG_ID, **more: Any
) -> dict[str, Any]:
    """An error in line 1, column 10, of a bundle, with its debug image."""
    frame = {"filename": file, "function": "t", "lineno": 1, "colno": 10, "in_app": True}
    error = {"type": "Error", "value": "no money", "stacktrace": {"frames": [frame]}}
    image = {"type": "sourcemap", "code_file": file, "debug_id": debug_id}
    return {
        "event_id": event_id,
        "platform": "javascript",
        "exception": {"values": [error]},
        "debug_meta": {"images": [image]},
        **more,
    }


class EventSide:
    """An ingestion door on an empty database with two projects, `Shop` (1) and `Blog` (2)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = database_in(folder)
        self.projects = Projects(self.database)
        now = datetime.now(UTC)
        self.shop = self.projects.create("Shop", "javascript", now)
        self.blog = self.projects.create("Blog", "python", now)
        self.counts = ProcessCounts()
        self.intake: Intake = (
            JournalWriter(folder / "queue", counts=self.counts)
            if self.database.is_sqlite
            else TableWriter(self.database, self.counts)
        )
        self.outlet = self.outlet_of(self.database)
        self.outcomes = Outcomes(self.database)
        self.tokens = Tokens(self.database)
        self.events = Events(self.database)
        self.issues = Issues(self.database)
        self.decisions = Decisions(self.database)
        self.dead_letters = DeadLetters(self.database)
        self.user_reports = UserReports(self.database)
        self.maps = DictionarySourceMaps()
        self.worker = self.worker_with(self.resolve)
        self.ingest = Ingest(
            self.projects,
            self.intake,
            self.outcomes,
            IngestLimits(MAX_EVENT, MAX_ENVELOPE),
            RateLimits(0),
            FreeSpace(folder, 0),
            self.counts,
        )
        self.app = Starlette(
            routes=self._routes(),
            middleware=[Middleware(ApiPaths)],
            exception_handlers=dict(EXCEPTION_HANDLERS),
        )
        self.client = Client(self.app)

    def outlet_of(self, database: Database) -> Outlet:
        """Of the queue of this side, with what is noted about it in a database."""
        if database.is_sqlite:
            return JournalReader(self.folder / "queue", database)
        return TableReader(database)

    def worker_with(self, resolve: Resolve, database: Database | None = None) -> Worker:
        """A worker on this side's queue, perhaps on another database."""
        if database is None:
            return Worker(self.database, self.outlet, self.pipeline(resolve))
        return Worker(database, self.outlet_of(database), self.pipeline(resolve))

    def pipeline(self, resolve: Resolve) -> Pipeline:
        """With the choices of this side's projects."""
        return Pipeline(resolve, KnownChoices(self.projects))

    def resolve(self, _project: int, event: Event) -> Resolution:
        """Symbolicate with the maps of this side, in this process."""
        return symbolicate(event, self.maps)

    @property
    def url(self) -> str:
        """Where `Shop` sends envelopes, key included."""
        return f"/api/{self.shop.id}/envelope/?sentry_key={self.shop.public_key}"

    def token(self, project_id: int | None = None, scope: Scope = Scope.FULL) -> dict[str, str]:
        """The headers that a new token is sent in."""
        _, secret = self.tokens.create("test", scope, project_id, None, datetime.now(UTC))
        return {"Authorization": f"Bearer {secret}"}

    def put(self, *events: dict[str, Any], project_id: int = 1) -> None:
        """Queue each event in an envelope of its own."""
        for event in events:
            self.put_body(envelope(event), project_id)

    def put_body(self, body: bytes, project_id: int = 1) -> None:
        """Queue an envelope."""
        submit(self.intake, project_id, body, datetime.now(UTC)).result(timeout=30)

    def digest(self, *events: dict[str, Any], project_id: int = 1) -> None:
        """Queue each event, and digest all that is queued."""
        self.put(*events, project_id=project_id)
        while self.worker.digest_once():
            pass

    def stored(self, event_id: str, project_id: int = 1) -> StoredEvent:
        """An event that must be there."""
        event = self.events.get(project_id, event_id)
        assert event is not None
        return event

    def queued(self) -> list[Envelope]:
        """What waits for the digest, oldest first; it is claimed by that."""
        return [
            parse_envelope(decode(one.envelope, one.encoding, MAX_ENVELOPE))
            for one in self._claimed(datetime.now(UTC))
        ]

    def counted(self) -> dict[tuple[str, str], int]:
        """(category, reason) → count, over all projects."""
        self.outcomes.flush()
        counts: dict[tuple[str, str], int] = {}
        for one in self.outcomes.since(datetime.now(UTC) - timedelta(hours=1)):
            key = (one.category, one.reason)
            counts[key] = counts.get(key, 0) + one.count
        return counts

    def close(self) -> None:
        """Stop its threads."""
        self.client.close()
        self.intake.close()
        self.outcomes.close()
        self.database.close()

    def _routes(self) -> list[BaseRoute]:
        guard = TokenGuard(self.tokens, self.projects)
        doors = (
            self.ingest,
            UserFeedbackDoor(guard, self.projects, self.user_reports, self.ingest),
            EventsDoor(guard, self.projects, self.events, Origins()),
            IssuesDoor(
                guard,
                self.projects,
                self.issues,
                self.events,
                Announcements(self.database),
                Users(self.database),
                Origins(),
            ),
        )
        return [route for door in doors for route in door.routes()]

    def _claimed(self, now: datetime) -> Iterator[Any]:
        while claimed := self.outlet.claim(100, now):
            yield from claimed


@contextmanager
def event_side(folder: Path) -> Iterator[EventSide]:
    """For a fixture."""
    side = EventSide(folder)
    yield side
    side.close()
