"""The shorter way for ordinary events: from the connection to the queue, past the whole ASGI application.

A POST of a small envelope by a key that is known is told by its head, where that comes in one piece,
before uvicorn's parser sees it, collected here, put on the queue, and answered when it is durable.
Whatever is not quite ordinary about it, and be it found out at its end, is handed to the usual door
(`server.ingest`) as if it had just come; so no refusal is written twice.

Of uvicorn's protocol this relies on, besides what `server.connection` does: `cycle`, the request that
is answered next, with the attributes that `_Cycle` has; `on_response_complete`, which starts the one
that was pipelined behind it; `_unset_keepalive_if_required`, which is called before a request;
`server_state.default_headers`, another list each second.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final, NamedTuple, cast

from starlette.responses import Response

from headwater.server.answer import answer
from headwater.server.connection import Connection
from headwater.server.cross_origin import HEADERS
from headwater.server.event_refused import overloaded
from headwater.server.in_flight import NoRoom, Place
from headwater.server.ingest import Ingest
from headwater.server.known_heads import HEAD_END, MAX_KNOWN_HEAD, KnownHeads
from headwater.server.open_files import Room
from headwater.server.quick_bodies import Chunked, Sized, Unusual
from headwater.storage.projects import Project
from headwater.storage.queue.queue import QueueUnavailable

BODY_SECONDS: Final = 5.0
"""How long a body may be in coming before the usual door takes over, with its patience."""

_ID: Final = "0" * 32
_NOBODY_WAITS: Final = asyncio.Event()


class _Cycle:
    """A request that is answered here, as uvicorn sees it, and what we know of it. The connection holds
    its latest one, maybe for as long as there is nothing to say."""

    message_event = _NOBODY_WAITS

    def __init__(self, project: Project, place: Place, *, keep_alive: bool) -> None:
        self.response_complete = False
        self.disconnected = False
        self.keep_alive = keep_alive
        self.project = project
        self.place = place
        self.event_id = ""


class _Coming(NamedTuple):
    """A request whose body is coming. `head`: as it came."""

    cycle: _Cycle
    encoding: str
    head: bytes
    body: Sized | Chunked


class _Shared:
    """What all connections have in common: the heads of their requests, and the way back.

    What the queue says, perhaps in a thread of its, is brought to the event loop once for all it says
    together.
    """

    def __init__(self) -> None:
        self.heads = KnownHeads()
        self._waiting: deque[tuple[FastPath, _Cycle, QueueUnavailable | None]] = deque()
        self._is_called = False
        self._usual: Sequence[tuple[bytes, bytes]] = ()
        self._written_usual = b""

    def usual(self, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
        """The headers that uvicorn puts into each answer, written; they change once a second."""
        if headers is not self._usual:
            self._usual = headers
            self._written_usual = b"".join(b"%b: %b\r\n" % each for each in headers)
        return self._written_usual

    def come(self, connection: "FastPath", cycle: _Cycle, error: QueueUnavailable | None) -> None:
        """In whichever thread the queue says it."""
        self._waiting.append((connection, cycle, error))
        if not self._is_called:
            self._is_called = True
            with suppress(RuntimeError):  # the loop has ended, and all connections with it
                connection.loop.call_soon_threadsafe(self._give)

    def _give(self) -> None:
        # First this, then the answers: who comes meanwhile is among them, or calls again.
        self._is_called = False
        while self._waiting:
            connection, cycle, error = self._waiting.popleft()
            connection.give(cycle, error)


class FastPath(Connection):
    """One client's connection, with a shorter way for its ordinary events."""

    def __init__(self, *given: Any, ingest: Ingest, shared: _Shared, **named: Any) -> None:
        super().__init__(*given, **named)
        self._ingest = ingest
        self._shared = shared
        self._collecting: _Coming | None = None
        self._patience: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        if self._collecting is not None:
            self._collect(self._collecting, data)
        elif self.is_between_requests and self._begin(data):
            return
        else:
            super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._collecting is not None:
            self._stop_collecting().cycle.place.leave()
        super().connection_lost(exc)

    def _begin(self, data: bytes) -> bool:
        """Whether a request begins with this that may go this way."""
        # Who does not take the answers to what was sent must wait, which is not done here.
        at = -1 if self.flow.write_paused else data.find(HEAD_END, 0, MAX_KNOWN_HEAD)
        end = at + len(HEAD_END)
        read = self._shared.heads.read(data[:end]) if at >= 0 else None
        if read is None:
            return False
        head, length = read
        project = self._ingest.project_by_key(head.key)
        if project is None or length == 0 or (length or 0) > self._ingest.max_quick:
            return False
        # What is announced may never come, and must not be in the way of what does.
        place = Place(self._ingest.in_flight, project.id)
        cycle = _Cycle(project, place, keep_alive=head.keep_alive)
        body = Chunked() if length is None else Sized(length)
        self._unset_keepalive_if_required()
        self.on_head_complete()
        self.cycle = cycle  # type: ignore[assignment]  # see _Cycle
        self._collecting = _Coming(cycle, head.encoding, data[:end], body)
        self._collect(self._collecting, data[end:])
        return True

    def _collect(self, coming: _Coming, data: bytes) -> None:
        place = coming.cycle.place
        try:
            place.grow(len(data))
            body = coming.body.feed(data)
        except NoRoom:
            self._hand_over(data)
        except Unusual:
            self._hand_over()
        else:
            if body is not None:
                self._accept(coming, body)
            elif place.size > self._ingest.max_quick:
                self._hand_over()
            elif self._patience is None:
                self._patience = self.loop.call_later(BODY_SECONDS, self._hand_over)

    def _accept(self, coming: _Coming, body: bytes) -> None:
        cycle = coming.cycle
        done = partial(self._shared.come, self, cycle)
        try:
            event_id = self._ingest.accept_quickly(cycle.project, body, coming.encoding, done)
        except Exception:  # noqa: BLE001 # the usual door will say it, and log it
            event_id = None
        if event_id is None:
            self._hand_over()
            return
        self._stop_collecting()
        self.on_request_complete()
        cycle.event_id = event_id

    def give(self, cycle: _Cycle, error: QueueUnavailable | None) -> None:
        """Answer: it is durable, or why it isn't."""
        cycle.place.leave()
        cycle.response_complete = True
        if not self.transport.is_closing():
            self.transport.write(self._answer(cycle, error))
            if not cycle.keep_alive:
                self.transport.close()
        self.on_response_complete()

    def _answer(self, cycle: _Cycle, error: QueueUnavailable | None) -> bytes:
        usual = self._shared.usual(self.server_state.default_headers)
        close = b"" if cycle.keep_alive else b"connection: close\r\n"
        if error is None:
            return b"".join((_HEAD, usual, close, _TAIL % cycle.event_id.encode()))
        refused = self._ingest.refuse(overloaded(str(error)), cycle.project.id, datetime.now(UTC))
        return _written(refused, usual + close)

    def _stop_collecting(self) -> _Coming:
        assert self._collecting is not None  # noqa: S101 # for types; whoever calls has looked
        coming, self._collecting = self._collecting, None
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        return coming

    def _hand_over(self, more: bytes = b"") -> None:
        """To the usual door, as if it had just come: what is there of it, and `more` behind that."""
        cycle, _, head, body = self._stop_collecting()
        cycle.place.leave()
        # Whatever was before it has been answered, which is all that uvicorn would ask of it.
        self.cycle = None  # type: ignore[assignment]  # as uvicorn has it at first
        self.forget_head()
        super().data_received(head)
        # A server that is shutting down says so to the request that is answered next: this one.
        answered_next: Any = self.cycle
        if answered_next is not None and not cycle.keep_alive:
            answered_next.keep_alive = False
        super().data_received(body.raw + more)


def _written(response: Response, more: bytes) -> bytes:
    status = HTTPStatus(response.status_code)
    head = b"HTTP/1.1 %d %b\r\n" % (status.value, status.phrase.encode())
    headers = b"".join(b"%b: %b\r\n" % each for each in response.raw_headers)
    return b"".join((head, headers, more, b"\r\n", bytes(response.body)))


_HEAD, _, _REST = _written(answer({"id": _ID}, headers=HEADERS), b"").partition(b"\r\n\r\n")
_HEAD += b"\r\n"
_TAIL = b"\r\n" + _REST.replace(_ID.encode(), b"%b")


def fast_path(ingest: Ingest, room: Room | None = None) -> type[asyncio.Protocol]:
    """What uvicorn makes connections with: a class to its types, anything to call in truth."""
    made = partial(FastPath, ingest=ingest, shared=_Shared(), room=room)
    return cast("type[asyncio.Protocol]", made)
