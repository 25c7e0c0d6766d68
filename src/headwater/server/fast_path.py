"""The shorter way for ordinary events: from the parser to the queue, past the whole ASGI application.

A POST of a small envelope by a key that is known is collected here, put on the queue, and answered
when it is durable. Whatever is not quite ordinary about it, and be it found out at its end, is handed
to the usual door (`server.ingest`) as if it had just come; so no refusal is written twice.

Of uvicorn's protocol this relies on, besides what `server.connection` does: `cycle`, the request that
is answered next, with the attributes that `_Cycle` has; `on_response_complete`, which starts the one
that was pipelined behind it; `server_state.default_headers`.
"""

import asyncio
import re
from collections import deque
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import parse_qsl

from starlette.responses import Response

from headwater.protocol.auth import public_key
from headwater.server.answer import answer
from headwater.server.connection import Connection
from headwater.server.cross_origin import HEADERS
from headwater.server.event_refused import overloaded
from headwater.server.in_flight import NoRoom, Place
from headwater.server.ingest import Ingest
from headwater.server.open_files import Room
from headwater.storage.projects import Project
from headwater.storage.queue.queue import QueueUnavailable

BODY_SECONDS: Final = 5.0
"""How long a body may be in coming before the usual door takes over, with its patience."""

MAX_ADDRESSES: Final = 10_000
"""Different queries and headers whose key is remembered; when there are more, all are forgotten."""

MAX_ADDRESS: Final = 1_000
"""Bytes of a query and its headers that are remembered; SDKs' have 200."""

_ADDRESS: Final = re.compile(rb"/api/[A-Za-z0-9_-]{1,100}/envelope/?(?:\?([\x21-\x7e]*))?")

_CODING: Final = re.compile(rb"(?:gzip|br|zstd|deflate)?")
_ORDINARY: Final = {
    b"content-length": b"0",
    b"content-encoding": b"",
    b"transfer-encoding": b"",
    b"x-sentry-auth": b"",
    b"authorization": b"",
}
_ID: Final = "0" * 32
_AUTH: Final = ("x-sentry-auth", "authorization")


class _Cycle:
    """A request that is answered here, as uvicorn sees it, and what we know of it."""

    def __init__(self, project: Project, encoding: str, place: Place, *, keep_alive: bool) -> None:
        self.response_complete = False
        self.disconnected = False
        self.keep_alive = keep_alive
        self.message_event = asyncio.Event()
        self.project = project
        self.encoding = encoding
        self.place = place
        self.body = bytearray()
        self.event_id = ""


class _Shared:
    """What all connections have in common: the keys in their requests' addresses, and the way back.

    What the queue says, perhaps in a thread of its, is brought to the event loop once for all it says
    together.
    """

    def __init__(self) -> None:
        self._keys: dict[tuple[bytes, ...], str | None] = {}
        self._waiting: deque[tuple[FastPath, _Cycle, QueueUnavailable | None]] = deque()
        self._is_called = False

    def key(self, query: bytes, auth: tuple[bytes, ...]) -> str | None:
        """The key that an address's query or the headers hold."""
        asked = (query, *auth)
        if asked not in self._keys:
            if len(self._keys) >= MAX_ADDRESSES:
                self._keys.clear()
            said = zip(_AUTH, (each.decode("latin-1") for each in auth), strict=True)
            found = public_key(dict(said), dict(parse_qsl(query.decode())))
            if sum(map(len, asked)) > MAX_ADDRESS:
                return found
            self._keys[asked] = found
        return self._keys[asked]

    def come(self, connection: "FastPath", cycle: _Cycle, error: QueueUnavailable | None) -> None:
        """In whichever thread the queue says it."""
        self._waiting.append((connection, cycle, error))
        if not self._is_called:
            self._is_called = True
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
        self._collecting: _Cycle | None = None
        self._patience: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._collecting is not None and self._patience is None:
            self._patience = self.loop.call_later(BODY_SECONDS, self._hand_over_unfinished)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._collecting is not None:
            self._stop_collecting().place.leave()
        super().connection_lost(exc)

    def on_headers_complete(self) -> None:
        cycle = None if self.is_answering else self._ordinary()
        if cycle is None:
            super().on_headers_complete()
            return
        self.on_head_complete()
        self.cycle = self._collecting = cycle  # type: ignore[assignment]  # see _Cycle

    def on_body(self, body: bytes) -> None:
        if self._collecting is None:
            super().on_body(body)
            return
        self.on_progress()
        self._collecting.body += body
        try:
            self._collecting.place.grow(len(body))
        except NoRoom:
            self._hand_over_unfinished()
            return
        if self._collecting.place.size > self._ingest.max_quick:
            self._hand_over_unfinished()

    def on_message_complete(self) -> None:
        if self._collecting is None:
            super().on_message_complete()
            return
        self.on_request_complete()
        cycle = self._stop_collecting()
        done = partial(self._shared.come, self, cycle)
        body = bytes(cycle.body)
        try:
            event_id = self._ingest.accept_quickly(cycle.project, body, cycle.encoding, done)
        except Exception:  # noqa: BLE001 # the usual door will say it, and log it
            event_id = None
        if event_id is None:
            self._hand_over(cycle)
            super().on_message_complete()
        else:
            cycle.event_id = event_id
            # The connection holds its latest request, maybe for as long as there is nothing to say.
            cycle.body.clear()

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
        date = b"".join(b"%b: %b\r\n" % each for each in self.server_state.default_headers)
        close = b"" if cycle.keep_alive else b"connection: close\r\n"
        if error is None:
            return b"".join((_HEAD, date, close, _TAIL % cycle.event_id.encode()))
        refused = self._ingest.refuse(overloaded(str(error)), cycle.project.id, datetime.now(UTC))
        return _written(refused, date + close)

    def _ordinary(self) -> _Cycle | None:
        """What is known of a request that may go this way, or None."""
        parser = self.parser
        is_plain = parser.get_method() == b"POST" and parser.get_http_version() == "1.1"
        address = _ADDRESS.fullmatch(self.url) if is_plain else None
        if address is None or self.expect_100_continue or parser.should_upgrade():
            return None
        # Who does not take the answers to what was sent must wait, which is not done here.
        if self.flow.write_paused:
            return None
        headers = _ORDINARY | dict(self.headers)
        # Node's SDK sends its bodies in chunks: how long they are turns out as they come.
        length, transfer = int(headers[b"content-length"]), headers[b"transfer-encoding"]
        if length > self._ingest.max_quick or (transfer != b"chunked" if transfer else not length):
            return None
        encoding = headers[b"content-encoding"]
        project = self._project(address, headers[b"x-sentry-auth"], headers[b"authorization"])
        if project is None or not _CODING.fullmatch(encoding):
            return None
        # What is announced may never come, and must not be in the way of what does.
        place = Place(self._ingest.in_flight)
        place.belongs_to(project.id)
        keep_alive = bool(parser.should_keep_alive())
        return _Cycle(project, encoding.decode(), place, keep_alive=keep_alive)

    def _project(self, address: re.Match[bytes], *auth: bytes) -> Project | None:
        key = self._shared.key(address[1] or b"", auth)
        return self._ingest.project_by_key(key) if key else None

    def _stop_collecting(self) -> _Cycle:
        assert self._collecting is not None  # noqa: S101 # for types; whoever calls has looked
        cycle, self._collecting = self._collecting, None
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        return cycle

    def _hand_over_unfinished(self) -> None:
        self._hand_over(self._stop_collecting())

    def _hand_over(self, cycle: _Cycle) -> None:
        """To the usual door, as if its head and what there is of its body had just come."""
        cycle.place.leave()
        # Whatever was before it has been answered, which is all that uvicorn would ask of it.
        self.cycle = None  # type: ignore[assignment]  # as uvicorn has it at first
        self.forget_head()
        super().on_headers_complete()
        if cycle.body:
            super().on_body(bytes(cycle.body))


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
