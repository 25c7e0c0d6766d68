"""Everything between an SDK and a saved issue, wired up in a folder for tests."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from headwater.protocol.debug_id import DebugId
from headwater.protocol.envelope import Envelope, parse_envelope
from headwater.server.errors import EXCEPTION_HANDLERS
from headwater.server.ingest import Ingest
from headwater.sourcemaps.sourcemap import SourceMap
from headwater.storage.database import Database
from headwater.storage.migrate import migrate
from headwater.storage.outcomes import Outcomes
from headwater.storage.projects import Projects
from headwater.storage.queue import Queue
from headwater.symbolicate.source_maps import Artifact

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

    def request(self, method: str, url: str, **more: Any) -> httpx.Response:
        """As httpx has it."""
        return self._runner.run(self._client.request(method, url, **more))

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


class NoMaps:
    """A server that nothing was uploaded to."""

    def with_debug_id(self, debug_id: DebugId) -> Sequence[Artifact]:  # noqa: ARG002
        return ()

    def at_urls(self, urls: Sequence[str], release: str, dist: str | None) -> Sequence[Artifact]:  # noqa: ARG002
        return ()

    def has_release(self, release: str, dist: str | None) -> bool:  # noqa: ARG002
        return False

    def read_map(self, artifact: Artifact) -> SourceMap:
        raise NotImplementedError(artifact)

    def read_text(self, artifact: Artifact) -> str:
        raise NotImplementedError(artifact)


class EventSide:
    """An ingestion door on an empty database with two projects, `Shop` (1) and `Blog` (2)."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(f"sqlite:///{folder / 'headwater.db'}")
        migrate(self.database)
        self.projects = Projects(self.database)
        now = datetime.now(UTC)
        self.shop = self.projects.create("Shop", "javascript", now)
        self.blog = self.projects.create("Blog", "python", now)
        self.queue = Queue(self.database)
        self.outcomes = Outcomes(self.database)
        ingest = Ingest(self.projects, self.queue, self.outcomes, MAX_EVENT, MAX_ENVELOPE)
        # A list's annotation doesn't know that these handlers are fine.
        handlers: Any = EXCEPTION_HANDLERS
        self.app = Starlette(routes=ingest.routes(), exception_handlers=handlers)
        self.client = Client(self.app)

    @property
    def url(self) -> str:
        """Where `Shop` sends envelopes, key included."""
        return f"/api/{self.shop.id}/envelope/?sentry_key={self.shop.public_key}"

    def queued(self) -> list[Envelope]:
        """What waits for the digest, oldest first."""
        now = datetime.now(UTC)
        return [parse_envelope(one.envelope) for one in self._claimed(now)]

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
        self.queue.close()
        self.outcomes.close()
        self.database.close()

    def _claimed(self, now: datetime) -> Iterator[Any]:
        claimed = self.queue.claim(100, now)
        while claimed:
            yield from claimed
            claimed = self.queue.claim(100, now)


@contextmanager
def event_side(folder: Path) -> Iterator[EventSide]:
    """For a fixture."""
    side = EventSide(folder)
    yield side
    side.close()


def no_maps(_project_id: int) -> NoMaps:
    """For a worker."""
    return NoMaps()
