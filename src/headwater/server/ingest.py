"""The door that events come in by: authenticated, bounded, taken apart, and durable before the answer."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.protocol import item_type
from headwater.protocol.auth import public_key
from headwater.protocol.client_report import parse_client_report
from headwater.protocol.encoding import Decoder, TooLarge, UndecodableBody
from headwater.protocol.envelope import (
    Envelope,
    Item,
    MalformedEnvelope,
    envelope_of_event,
    parse_envelope,
)
from headwater.protocol.event_id import new_event_id, parse_event_id
from headwater.protocol.json_text import MalformedJson, decode_json
from headwater.server.answer import answer
from headwater.server.body import pieces
from headwater.server.cross_origin import HEADERS, preflight
from headwater.server.errors import BodyTooLarge, MalformedRequest, TooSlow
from headwater.server.known_keys import KnownKeys
from headwater.storage.outcomes import NO_PROJECT, Outcomes
from headwater.storage.projects import Project, Projects
from headwater.storage.queue import Queue, QueueFull, QueueUnavailable

RETRY_SECONDS: Final = 5
"""What an overloaded server asks SDKs to wait; they drop what they have meanwhile."""

MAX_IN_FLIGHT: Final = 256 * 1024**2
"""Decompressed bytes of all requests that are being read: a dozen of the largest envelopes at once."""

ERROR: Final = "error"
"""The category that events are counted in."""


class Refused(Exception):
    """An answer other than 200. `reason` is what it is counted as."""

    def __init__(
        self, status: int, reason: str, sentence: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.reason = reason
        self.headers = dict(headers or {})


class Ingest:
    """`/api/{project}/envelope/` and, for old clients, `/api/{project}/store/`.

    Limits in bytes, decompressed.
    """

    def __init__(
        self,
        projects: Projects,
        queue: Queue,
        outcomes: Outcomes,
        max_event_size: int,
        max_envelope_size: int,
    ) -> None:
        self._keys = KnownKeys(projects)
        self._queue = queue
        self._outcomes = outcomes
        self._max_event_size = max_event_size
        self._max_envelope_size = max_envelope_size
        self._in_flight = 0

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        doors = {"envelope": self.receive_envelope, "store": self.receive_event}
        return [
            Route(f"/api/{{project}}/{name}{slash}", endpoint, methods=["POST", "OPTIONS"])
            for name, endpoint in doors.items()
            for slash in ("/", "")
        ]

    async def receive_envelope(self, request: Request) -> Response:
        """An envelope of any items; those that aren't events are counted and dropped."""
        return await self._answer(request, _read_envelope)

    async def receive_event(self, request: Request) -> Response:
        """An event alone."""
        return await self._answer(request, _read_event)

    async def _answer(self, request: Request, read: Callable[[bytes], Envelope]) -> Response:
        if request.method == "OPTIONS":
            return preflight(request)
        now = datetime.now(UTC)
        project: Project | None = None
        try:
            # Before the body, where the request itself has the key: strangers' bodies aren't read.
            key = public_key(request.headers, request.query_params)
            project = await self._project(key, request) if key else None
            envelope = read(await self._body(request))
            if project is None:
                key = envelope.dsn.public_key if envelope.dsn else None
                project = await self._project(key, request)
            event_id = await self._accept(project, envelope, now)
        except Refused as refusal:
            return self._refuse(refusal, project, now)
        return answer({"id": event_id}, headers=HEADERS)

    async def _project(self, key: str | None, request: Request) -> Project:
        if not key:
            raise Refused(
                401,
                "no_key",
                "no sentry_key in X-Sentry-Auth, in the address or in the envelope's dsn",
            )
        project = await self._keys.project(key)
        if project is None:
            raise Refused(
                401,
                "unknown_key",
                f"the key '{key[:8]}...' belongs to no project here; compare the DSN with the one in"
                " the project's set-up page",
            )
        addressed = request.path_params["project"]
        if addressed not in (str(project.id), project.slug):
            raise Refused(
                403,
                "project_mismatch",
                f"the key belongs to project {project.id} ({project.slug}), but the request's"
                f" address says project {addressed[:40]!r}",
            )
        return project

    async def _body(self, request: Request) -> bytes:
        encoding = request.headers.get("content-encoding", "")
        taken: list[bytes] = []
        try:
            decoder = Decoder(encoding, self._max_envelope_size)
            async for chunk in pieces(request, self._max_envelope_size):
                for piece in decoder.feed(chunk):
                    self._make_room(len(piece))
                    taken.append(piece)
            decoder.finish()
        except (TooLarge, BodyTooLarge) as error:
            sentence = f"{error}; the server's HEADWATER_MAX_ENVELOPE sets the limit"
            raise Refused(413, "too_large", sentence) from None
        except UndecodableBody as error:
            raise Refused(400, "malformed_body", str(error)) from None
        except (MalformedRequest, TooSlow) as error:
            raise Refused(400, "unfinished_body", str(error)) from None
        finally:
            self._in_flight -= sum(map(len, taken))
        return b"".join(taken)

    def _make_room(self, size: int) -> None:
        if self._in_flight + size > MAX_IN_FLIGHT:
            raise _overloaded("the server is reading as many envelopes as it can hold")
        self._in_flight += size

    async def _accept(self, project: Project, envelope: Envelope, now: datetime) -> str:
        events = envelope.only(lambda item: item.type == item_type.EVENT)
        largest = max((len(item.payload) for item in events.items), default=0)
        if largest > self._max_event_size:
            raise Refused(
                413,
                "too_large",
                f"the event has {largest} bytes; the limit is {self._max_event_size} bytes"
                " (the server's HEADWATER_MAX_EVENT)",
            )
        for item in envelope.items:
            self._count_dropped(project, item, now)
        event_id = envelope.event_id or _event_id_within(events) or new_event_id()
        if events.items:
            await self._enqueue(project, events, event_id, now)
        return event_id

    async def _enqueue(
        self, project: Project, events: Envelope, event_id: str, now: datetime
    ) -> None:
        # The digest must come to the very id that the client is told.
        named = events if events.event_id else events.with_event_id(event_id)
        try:
            await self._queue.put(project.id, bytes(named), now)
        except (QueueFull, QueueUnavailable) as error:
            raise _overloaded(str(error)) from None

    def _count_dropped(self, project: Project, item: Item, now: datetime) -> None:
        if item.type == item_type.EVENT:
            return
        name = item_type.known_name(item.type)
        if name == item_type.CLIENT_REPORT:
            for lost in parse_client_report(item.payload):
                reason = f"client:{lost.reason}"
                self._outcomes.count(project.id, lost.category, reason, now, lost.quantity)
        else:
            self._outcomes.count(project.id, name, f"not_kept:{name}", now)

    def _refuse(self, refusal: Refused, project: Project | None, now: datetime) -> Response:
        project_id = project.id if project else NO_PROJECT
        self._outcomes.count(project_id, ERROR, refusal.reason, now)
        sentence = str(refusal)
        said = sentence.encode("ascii", "replace").decode().replace("\n", " ").replace("\r", " ")
        return answer(
            {"detail": sentence},
            refusal.status,
            {**HEADERS, **refusal.headers, "X-Sentry-Error": said},
        )


def _read_envelope(body: bytes) -> Envelope:
    try:
        return parse_envelope(body)
    except MalformedEnvelope as error:
        raise Refused(400, "malformed_envelope", str(error)) from None


def _read_event(body: bytes) -> Envelope:
    try:
        event = decode_json(body)
    except MalformedJson as error:
        raise Refused(400, "malformed_event", f"the event is {error}") from None
    if not isinstance(event, dict):
        raise Refused(400, "malformed_event", "the event is not a JSON object")
    return envelope_of_event(body, parse_event_id(event.get("event_id")) or new_event_id())


class _EventHead(msgspec.Struct):
    event_id: object = None


def _event_id_within(events: Envelope) -> str | None:
    # Typed, so that the rest of the event is skipped and not built.
    for item in events.items[:1]:
        try:
            return parse_event_id(msgspec.json.decode(item.payload, type=_EventHead).event_id)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
    return None


def _overloaded(sentence: str) -> Refused:
    headers = {
        "Retry-After": str(RETRY_SECONDS),
        # Python's SDK reads Retry-After of a 429 only, but this header of any answer.
        "X-Sentry-Rate-Limits": f"{RETRY_SECONDS}::organization:overloaded",
    }
    return Refused(503, "overloaded", sentence, headers)
