"""The door that events come in by: authenticated, bounded, taken apart, and durable before the answer."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.protocol import item_type
from headwater.protocol.auth import public_key
from headwater.protocol.encoding import UndecodableBody, decode
from headwater.protocol.envelope import (
    MAX_HEADER,
    Envelope,
    Item,
    MalformedEnvelope,
    parse_envelope,
)
from headwater.protocol.event_id import new_event_id
from headwater.server.answer import answer
from headwater.server.bodies import (
    Door,
    event_id_within,
    key_within,
    read_envelope,
    read_event,
    read_report,
)
from headwater.server.cross_origin import HEADERS, preflight
from headwater.server.event_refused import EventRefused, overloaded
from headwater.server.event_threads import EventThreads
from headwater.server.in_flight import InFlight, Place
from headwater.server.incoming import Incoming
from headwater.server.known_keys import KnownKeys
from headwater.server.rate_limits import RateLimits
from headwater.server.sieve import Sieve
from headwater.storage.disk import FreeSpace
from headwater.storage.process_counts import ProcessCounts
from headwater.storage.projects import Project, Projects
from headwater.storage.queue.outcomes import ERROR, NO_PROJECT, Outcomes
from headwater.storage.queue.queue import Done, Intake, QueueFull, QueueUnavailable, submit
from headwater.storage.queue.waiting_room import REFUSED

INLINE: Final = 100_000
"""Bytes of a body that is taken apart where all requests are served; a larger one in a thread."""

MAX_QUICK: Final = 256 * 1024
"""Bytes of a body, decompressed, that is taken in one go: two milliseconds at worst. SDKs' events
have a tenth."""

TUNNEL: Final = "/inlet"
"""Where envelopes may come in that name their project in their DSN alone. No list of what ad blockers
stop has this word, and none of its parents says what it is for."""


class IngestLimits(Struct, frozen=True):
    """In bytes, decompressed."""

    event: int
    envelope: int


class Ingest:
    """`/api/{project}/envelope/` and, for old clients, `/api/{project}/store/`; the tunnel; browsers'
    reports at `/api/{project}/security/`."""

    def __init__(
        self,
        projects: Projects,
        intake: Intake,
        outcomes: Outcomes,
        limits: IngestLimits,
        rates: RateLimits,
        space: FreeSpace,
        counts: ProcessCounts,
    ) -> None:
        self._threads = EventThreads()
        self._keys = KnownKeys(projects, self._threads)
        self._intake = intake
        self._outcomes = outcomes
        self._counts = counts
        self._max_event_size = limits.event
        self._sieve = Sieve(outcomes, limits.event)
        self._rates = rates
        self._space = space
        self.in_flight = InFlight()
        self.max_quick = min(MAX_QUICK, limits.envelope)
        self._envelopes = Door(
            read_envelope, limits.envelope, "HEADWATER_MAX_ENVELOPE", has_dsn=True
        )
        self._events = Door(read_event, limits.event, "HEADWATER_MAX_EVENT")
        self._reports = Door(read_report, limits.event, "HEADWATER_MAX_EVENT")

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        doors = {
            TUNNEL: self.receive_envelope,
            "/api/{project}/envelope": self.receive_envelope,
            "/api/{project}/store": self.receive_event,
            "/api/{project}/security": self.receive_report,
            "/api/{project}/csp-report": self.receive_report,  # as Sentry once called it
            "/api/{project}/nel": self.receive_report,
            "/api/{project}/minidump": self.turn_down_dump,
            "/api/{project}/unreal/{key}": self.turn_down_dump,
        }
        return [
            Route(path + slash, endpoint, methods=["POST", "OPTIONS"])
            for path, endpoint in doors.items()
            for slash in ("/", "")
        ]

    async def receive_envelope(self, request: Request) -> Response:
        """An envelope of any items; those that aren't kept are counted and dropped."""
        return await self.receive(request, self._envelopes)

    async def receive_event(self, request: Request) -> Response:
        """An event alone."""
        return await self.receive(request, self._events)

    async def receive_report(self, request: Request) -> Response:
        """What browsers say of broken policies."""
        return await self.receive(request, self._reports)

    async def turn_down_dump(self, request: Request) -> Response:
        """A crash's memory, which nothing here can read; it is not even taken in."""
        if request.method == "OPTIONS":
            return preflight(request)
        now = datetime.now(UTC)
        in_path = {"sentry_key": str(request.path_params.get("key", ""))}
        key = public_key(request.headers, request.query_params) or public_key({}, in_path)
        try:
            project = await self._project(key)
        except EventRefused as refusal:
            return self.refuse(refusal, NO_PROJECT, now)
        return self.refuse(_NO_DUMPS, project.id, now)

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
            envelope = parse_envelope(decode(body, encoding, self.max_quick))
            is_ordinary = envelope.items and all(map(self._is_ordinary, envelope.items))
            if envelope.event_id is None or not is_ordinary:
                return None
            self._admit(project, len(envelope.items))
            self._intake.offer(
                project.id, body, datetime.now(UTC), envelope.event_id, encoding, done
            )
        except (UndecodableBody, MalformedEnvelope, EventRefused, QueueFull):
            return None
        return envelope.event_id

    def _is_ordinary(self, item: Item) -> bool:
        return item.type == item_type.EVENT and len(item.payload) <= self._max_event_size

    def _admit(self, project: Project, events: int = 1) -> None:
        """Raises EventRefused if there is no room, or the project has sent enough."""
        if not self._space.has_room():
            raise overloaded("the server's disk is nearly full; what it holds is kept", "disk_full")
        self._rates.take(project, events)

    async def receive(
        self, request: Request, door: Door, project: Project | None = None
    ) -> Response:
        """The answer, once what came is durable. `project`: whose it is, if that is known already."""
        if request.method == "OPTIONS":
            return preflight(request)
        now = datetime.now(UTC)
        with self.in_flight.place() as place:
            try:
                event_id = await self._receive(request, door, place, project, now)
            except EventRefused as refusal:
                return self.refuse(refusal, place.project_id, now)
        return answer({"id": event_id}, headers=HEADERS)

    async def _receive(
        self, request: Request, door: Door, place: Place, project: Project | None, now: datetime
    ) -> str:
        """Strangers' bodies are not read: no more of them than must be to know whose they are."""
        async with Incoming(request, door.limit, door.setting, place) as incoming:
            if project is None:
                key = public_key(request.headers, request.query_params)
                if not key and door.has_dsn:
                    key = key_within(await incoming.start(MAX_HEADER))
                project = await self._project(key)
            place.belongs_to(project.id)
            body = await incoming.whole()
        envelope = (
            door.take_apart(request, body)
            if len(body) <= INLINE
            else await self._threads.run(door.take_apart, request, body)
        )
        return await self._accept(project, envelope, now)

    async def _project(self, key: str | None) -> Project:
        """The key decides, and not the number in the address: an imported project has another one than
        the DSNs that its apps were built with."""
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
        return project

    async def _accept(self, project: Project, envelope: Envelope, now: datetime) -> str:
        self._sieve.check(envelope)
        if not self._sieve.passes_whole(envelope):
            envelope = await self._threads.run(self._sieve.sift, project, envelope, now)
        event_id = envelope.event_id or event_id_within(envelope) or new_event_id()
        if envelope.items:
            await self._enqueue(project, envelope, event_id, now)
        return event_id

    async def _enqueue(
        self, project: Project, envelope: Envelope, event_id: str, now: datetime
    ) -> None:
        self._admit(project, len(envelope.items))
        try:
            await asyncio.wrap_future(
                submit(self._intake, project.id, bytes(envelope), now, event_id)
            )
        except QueueFull as error:
            self._counts.add(*REFUSED)
            raise overloaded(str(error)) from None
        except QueueUnavailable as error:  # counted where it was to be written
            raise overloaded(str(error)) from None

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


_NO_DUMPS: Final = EventRefused(
    501,
    "unsupported_dump",
    "Headwater does not read minidumps or Unreal Engine's crash reports; nothing of this one was kept",
)
