"""The door that events come in by: authenticated, bounded, taken apart, and durable before the answer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.protocol import item_type
from headwater.protocol.auth import public_key
from headwater.protocol.client_report import MAX_REPORT, parse_client_report
from headwater.protocol.encoding import UndecodableBody, decode
from headwater.protocol.envelope import (
    MAX_HEADER,
    Envelope,
    Item,
    MalformedEnvelope,
    dsn_of,
    envelope_of_event,
    parse_envelope,
)
from headwater.protocol.event_id import new_event_id, parse_event_id
from headwater.protocol.json_text import MalformedJson, decode_json
from headwater.server.answer import answer
from headwater.server.cross_origin import HEADERS, preflight
from headwater.server.event_refused import EventRefused, overloaded
from headwater.server.in_flight import InFlight, Place
from headwater.server.incoming import Incoming
from headwater.server.known_keys import KnownKeys
from headwater.server.rate_limits import RateLimits
from headwater.storage.disk import FreeSpace
from headwater.storage.outcomes import Outcomes
from headwater.storage.projects import Project, Projects
from headwater.storage.queue import Done, Intake, QueueFull, QueueUnavailable, submit

INLINE: Final = 100_000
"""Bytes of a body that is taken apart where all requests are served; a larger one in a thread."""

MAX_QUICK: Final = 256 * 1024
"""Bytes of a body, decompressed, that is taken in one go: two milliseconds at worst. SDKs' events
have a tenth."""

MAX_REPORTS: Final = 10
"""Client reports of one envelope that are read; SDKs send one."""

ERROR: Final = "error"
"""The category that events are counted in."""


@dataclass(frozen=True, slots=True)
class IngestLimits:
    """In bytes, decompressed."""

    event: int
    envelope: int


@dataclass(frozen=True, slots=True)
class _Door:
    """How bodies are read: at most `limit` bytes, as `setting` says. `has_dsn`: may say whose they are."""

    take_apart: Callable[[bytes], Envelope]
    limit: int
    setting: str
    has_dsn: bool


class Ingest:
    """`/api/{project}/envelope/` and, for old clients, `/api/{project}/store/`."""

    def __init__(
        self,
        projects: Projects,
        intake: Intake,
        outcomes: Outcomes,
        limits: IngestLimits,
        rates: RateLimits,
        space: FreeSpace,
    ) -> None:
        self._keys = KnownKeys(projects)
        self._intake = intake
        self._outcomes = outcomes
        self._max_event_size = limits.event
        self._rates = rates
        self._space = space
        self.in_flight = InFlight()
        self._envelopes = _Door(_read_envelope, limits.envelope, "HEADWATER_MAX_ENVELOPE", True)
        self._events = _Door(_read_event, limits.event, "HEADWATER_MAX_EVENT", False)

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
        return await self._answer(request, self._envelopes)

    async def receive_event(self, request: Request) -> Response:
        """An event alone."""
        return await self._answer(request, self._events)

    def project_by_key(self, key: str) -> Project | None:
        """Whose key this is, if that was asked for a moment ago."""
        return self._keys.remembered(key)

    def accept_quickly(
        self, project: Project, body: bytes, encoding: str, done: Done
    ) -> str | None:
        """Put an ordinary envelope on the queue as it came; the id of its event.

        None: nothing was done, and the usual door is to say what is the matter with it.
        """
        try:
            envelope = parse_envelope(decode(body, encoding, MAX_QUICK))
            if envelope.event_id is None or not all(map(self._is_ordinary, envelope.items)):
                return None
            self._admit(project)
            self._intake.offer(
                project.id, body, datetime.now(UTC), envelope.event_id, encoding, done
            )
        except (UndecodableBody, MalformedEnvelope, EventRefused, QueueFull):
            return None
        return envelope.event_id

    def _is_ordinary(self, item: Item) -> bool:
        return item.type == item_type.EVENT and len(item.payload) <= self._max_event_size

    def _admit(self, project: Project) -> None:
        """Raises EventRefused if there is no room, or the project has sent enough."""
        if not self._space.has_room():
            raise overloaded("the server's disk is nearly full; what it holds is kept", "disk_full")
        self._rates.take(project)

    async def _answer(self, request: Request, door: _Door) -> Response:
        if request.method == "OPTIONS":
            return preflight(request)
        now = datetime.now(UTC)
        with self.in_flight.place() as place:
            try:
                event_id = await self._receive(request, door, place, now)
            except EventRefused as refusal:
                return self.refuse(refusal, place.project_id, now)
        return answer({"id": event_id}, headers=HEADERS)

    async def _receive(self, request: Request, door: _Door, place: Place, now: datetime) -> str:
        """Strangers' bodies are not read: no more of them than must be to know whose they are."""
        async with Incoming(request, door.limit, door.setting, place) as incoming:
            key = public_key(request.headers, request.query_params)
            if not key and door.has_dsn:
                key = _key_within(await incoming.start(MAX_HEADER))
            project = await self._project(key, request)
            place.belongs_to(project.id)
            body = await incoming.whole()
        envelope = (
            door.take_apart(body)
            if len(body) <= INLINE
            else await run_in_threadpool(door.take_apart, body)
        )
        return await self._accept(project, envelope, now)

    async def _project(self, key: str | None, request: Request) -> Project:
        if not key:
            raise EventRefused(
                401,
                "no_key",
                "no sentry_key in X-Sentry-Auth, in the address or in the envelope's dsn",
            )
        project = await self._keys.project(key)
        if project is None:
            raise EventRefused(
                401,
                "unknown_key",
                f"the key '{key[:8]}...' belongs to no project here; compare the DSN with the one in"
                " the project's set-up page",
            )
        addressed = request.path_params["project"]
        if addressed not in (str(project.id), project.slug):
            raise EventRefused(
                403,
                "project_mismatch",
                f"the key belongs to project {project.id} ({project.slug}), but the request's"
                f" address says project {addressed[:40]!r}",
            )
        return project

    async def _accept(self, project: Project, envelope: Envelope, now: datetime) -> str:
        events = envelope.only(lambda item: item.type == item_type.EVENT)
        largest = max((len(item.payload) for item in events.items), default=0)
        if largest > self._max_event_size:
            raise EventRefused(
                413,
                "too_large",
                f"the event has {largest} bytes; the limit is {self._max_event_size} bytes"
                " (the server's HEADWATER_MAX_EVENT)",
            )
        # At most MAX_REPORTS of MAX_REPORT bytes are parsed, but some JSON takes long even so.
        dropped = envelope.only(lambda item: item.type != item_type.EVENT)
        if dropped.items:
            await run_in_threadpool(self._count_dropped, project, dropped, now)
        event_id = envelope.event_id or _event_id_within(events) or new_event_id()
        if events.items:
            await self._enqueue(project, events, event_id, now)
        return event_id

    async def _enqueue(
        self, project: Project, events: Envelope, event_id: str, now: datetime
    ) -> None:
        self._admit(project)
        try:
            await asyncio.wrap_future(
                submit(self._intake, project.id, bytes(events), now, event_id)
            )
        except (QueueFull, QueueUnavailable) as error:
            raise overloaded(str(error)) from None

    def _count_dropped(self, project: Project, dropped: Envelope, now: datetime) -> None:
        reports = 0
        for item in dropped.items:
            name = item_type.known_name(item.type)
            if name == item_type.CLIENT_REPORT and len(item.payload) <= MAX_REPORT:
                reports += 1
                if reports <= MAX_REPORTS:
                    self._count_lost(project, item, now)
                    continue
            self._outcomes.count(project.id, name, f"not_kept:{name}", now)

    def _count_lost(self, project: Project, report: Item, now: datetime) -> None:
        for lost in parse_client_report(report.payload):
            reason = f"client:{lost.reason}"
            self._outcomes.count(project.id, lost.category, reason, now, lost.quantity)

    def refuse(self, refusal: EventRefused, project_id: int, now: datetime) -> Response:
        """Count it; the answer."""
        self._outcomes.count(project_id, ERROR, refusal.reason, now)
        sentence = str(refusal)
        said = sentence.encode("ascii", "replace").decode().replace("\n", " ").replace("\r", " ")
        return answer(
            {"detail": sentence},
            refusal.status,
            {**HEADERS, **refusal.headers, "X-Sentry-Error": said},
        )


def _key_within(start: bytes) -> str | None:
    try:
        dsn = dsn_of(start)
    except MalformedEnvelope as error:
        raise EventRefused(400, "malformed_envelope", str(error)) from None
    return dsn.public_key if dsn else None


def _read_envelope(body: bytes) -> Envelope:
    try:
        return parse_envelope(body)
    except MalformedEnvelope as error:
        raise EventRefused(400, "malformed_envelope", str(error)) from None


def _read_event(body: bytes) -> Envelope:
    return envelope_of_event(body, parse_event_id(_event_id_of(body)) or new_event_id())


def _event_id_of(body: bytes) -> object:
    try:
        return msgspec.json.decode(body, type=_EventHead).event_id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # perhaps it can be repaired
    try:
        event = decode_json(body)
    except MalformedJson as error:
        raise EventRefused(400, "malformed_event", f"the event is {error}") from None
    if not isinstance(event, dict):
        raise EventRefused(400, "malformed_event", "the event is not a JSON object")
    return event.get("event_id")


class _EventHead(msgspec.Struct):
    # Typed, so that the rest of the event is skipped and not built.
    event_id: object = None


def _event_id_within(events: Envelope) -> str | None:
    for item in events.items[:1]:
        try:
            return parse_event_id(msgspec.json.decode(item.payload, type=_EventHead).event_id)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
    return None
