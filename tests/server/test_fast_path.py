"""The shorter way for ordinary events says and does what the usual door would."""

import asyncio
import contextlib
import gc
import gzip
import json
import re
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import uvicorn
from msgspec.structs import replace
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from headwater.server import fast_path as fast_path_module
from headwater.server.connection import Connection
from headwater.server.fast_path import fast_path
from headwater.server.in_flight import MAX_LARGE
from headwater.storage.queue import waiting_room
from headwater.storage.queue.journal import segments
from tests.databases import sqlite_only
from tests.event_side import MAX_ENVELOPE, EventSide, envelope
from tests.fuzz.events.wire import Transport, ask

PATIENCE_SECONDS = 30
ID = "9a00dac2cd571ff910f2694180a6fdc4"
OTHER = "b" * 32


@dataclass
class Server:
    """A server of the event side's, with its connections. `usual` counts what the application saw."""

    side: EventSide
    port: int
    connection: Callable[[], Any]
    usual: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def talk(self, *parts: bytes) -> bytes:
        """All that it says to these bytes, sent one part after the other, until it closes."""
        async with self.connected() as (reader, writer):
            for part in parts:
                writer.write(part)
                await writer.drain()
            return await reader.read()

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A connection, closed at the end of the block."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    def post(self, body: bytes, *headers: str, path: str = "", close: bool = True) -> bytes:
        """An event as an SDK sends it; the last of its connection, unless told."""
        lines = [
            f"POST {path or self.side.url} HTTP/1.1",
            "Host: x",
            f"Content-Length: {len(body)}",
            *headers,
            *(["Connection: close"] if close else []),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body


Protocol = Callable[[EventSide], Any]


@asynccontextmanager
async def _serving(side: EventSide, protocol: Any) -> AsyncIterator[Server]:
    server = Server(side, 0, lambda: protocol(config=config, server_state=state, app_state={}))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        server.usual += 1
        server.came.set()
        await side.app(scope, receive, send)

    config = uvicorn.Config(app, ws="none", log_config=None, lifespan="off", server_header=False)
    state = ServerState()
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(server.connection, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening, asyncio.timeout(PATIENCE_SECONDS):
        yield server


def _in_server(
    side: EventSide, talk: Callable[[Server], Awaitable[bytes]], *, fast: bool = True
) -> tuple[bytes, int]:
    """What was said, and how many requests of it the usual door saw. The key is known before."""

    async def run() -> tuple[bytes, int]:
        protocol = fast_path(side.ingest) if fast else Connection
        async with _serving(side, protocol) as server:
            await server.talk(server.post(envelope({}, kind="session")))
            before = server.usual
            return await talk(server), server.usual - before

    return asyncio.run(run())


def _queued(side: EventSide) -> list[tuple[str, str, bytes]]:
    """Event id, encoding and body of everything that waits."""
    found = []
    while claimed := side.outlet.claim(100, datetime.now(UTC)):
        found += [(one.event_id, one.encoding, one.envelope) for one in claimed]
    return found


BODY = envelope({"event_id": ID, "message": "hello"}, event_id=ID)


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_an_ordinary_event_is_queued_as_it_came_without_the_application(
    events_side: EventSide, encoding: str
) -> None:
    body = gzip.compress(BODY) if encoding else BODY
    headers = [f"Content-Encoding: {encoding}"] if encoding else []

    said, usual = _in_server(events_side, lambda server: server.talk(server.post(body, *headers)))

    assert usual == 0
    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert said.endswith(b'\r\n\r\n{"id":"%b"}' % ID.encode())
    assert _queued(events_side) == [(ID, encoding, body)]


@pytest.mark.parametrize("project", ["2", "4711", "no-such-project"])
def test_the_key_decides_whatever_project_the_address_names(
    events_side: EventSide, project: str
) -> None:
    path = f"/api/{project}/envelope/?sentry_key={events_side.shop.public_key}"

    said, usual = _in_server(events_side, lambda server: server.talk(server.post(BODY, path=path)))

    assert usual == 0
    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    (queued,) = events_side.outlet.claim(10, datetime.now(UTC))
    assert (queued.project_id, queued.event_id) == (events_side.shop.id, ID)


def _kept(said: bytes) -> tuple[bytes, set[bytes], bytes]:
    """Status line, headers in any order, body; what is made up anew each time is left out."""
    head, _, body = said.partition(b"\r\n\r\n")
    status, *headers = head.split(b"\r\n")
    names = {each.lower() for each in headers if not each.lower().startswith(b"date:")}
    return status, names, re.sub(rb"[0-9a-f]{32}", b"<id>", body)


KEY = "sentry_key={key}"
REQUESTS: list[tuple[str, bytes, list[str], str]] = [
    ("plain", BODY, [], ""),
    ("gzip", gzip.compress(BODY), ["Content-Encoding: gzip"], ""),
    ("key in a header", BODY, ["X-Sentry-Auth: Sentry sentry_key={key}"], "/api/1/envelope/"),
    ("key in authorization", BODY, ["Authorization: Sentry sentry_key={key}"], "/api/1/envelope"),
    ("by its slug", BODY, [], "/api/shop/envelope/?sentry_key={key}"),
    ("another project", BODY, [], "/api/2/envelope/?sentry_key={key}"),
    ("no key", BODY, [], "/api/1/envelope/"),
    ("unknown key", BODY, [], "/api/1/envelope/?sentry_key=" + "0" * 32),
    ("dsn within", b'{"dsn":"http://{key}@x/1"}\n{"type":"event"}\n{}', [], "/api/1/envelope/"),
    ("without an id", envelope({"message": "a"}), [], ""),
    ("two events", envelope({"message": "a"}, {"message": "b"}, event_id=ID), [], ""),
    ("a session", envelope({}, kind="session"), [], ""),
    ("nothing at all", b"", [], ""),
    ("no envelope", b"hello", [], ""),
    ("a lie about a length", b'{}\n{"type":"event","length":99}\n{}', [], ""),
    ("too large an event", envelope({"message": "a" * 60_000}, event_id=ID), [], ""),
    ("too large a body", envelope({"message": "a" * 300_000}, event_id=ID), [], ""),
    ("not gzip", BODY, ["Content-Encoding: gzip"], ""),
    ("cut gzip", gzip.compress(BODY)[:-5], ["Content-Encoding: gzip"], ""),
    (
        "two members",
        gzip.compress(BODY[:9]) + gzip.compress(BODY[9:]),
        ["Content-Encoding: gzip"],
        "",
    ),
    ("a bomb", gzip.compress(b"a" * 10_000_000), ["Content-Encoding: gzip"], ""),
    ("unknown coding", BODY, ["Content-Encoding: lzma"], ""),
    ("coded twice", gzip.compress(gzip.compress(BODY)), ["Content-Encoding: gzip, gzip"], ""),
    ("store", b'{"message":"a"}', [], "/api/1/store/?sentry_key={key}"),
    ("a large head", BODY, ["X-Large: " + "a" * 50_000], ""),
    ("too large a head", BODY, ["X-Large: " + "a" * 70_000], ""),
    ("the key behind a fragment", BODY, [], "/api/1/envelope/?x=1#&sentry_key={key}"),
    ("an empty key behind it", BODY, [], "/api/1/envelope/?sentry_key={key}&sentry_key="),
]


@pytest.mark.parametrize(
    ("body", "headers", "path"),
    [each[1:] for each in REQUESTS],
    ids=[each[0] for each in REQUESTS],
)
def test_every_request_is_answered_as_by_the_usual_door(
    events_side: EventSide, body: bytes, headers: list[str], path: str
) -> None:
    key = events_side.shop.public_key
    body = body.replace(b"{key}", key.encode())
    headers = [each.replace("{key}", key) for each in headers]

    def talk(server: Server) -> Awaitable[bytes]:
        return server.talk(server.post(body, *headers, path=path.replace("{key}", key)))

    usual, _ = _in_server(events_side, talk, fast=False)
    of_usual = len(_queued(events_side))
    counted = events_side.counted()
    fast, _ = _in_server(events_side, talk)
    of_fast = len(_queued(events_side))

    assert _kept(fast) == _kept(usual)
    assert of_fast == of_usual
    assert events_side.counted() == {name: 2 * count for name, count in counted.items()}


def test_requests_in_one_go_are_answered_in_their_order(events_side: EventSide) -> None:
    def talk(server: Server) -> Awaitable[bytes]:
        other = envelope({"message": "b"}, event_id=OTHER)
        session = envelope({}, kind="session", event_id="c" * 32)
        together = (
            server.post(BODY, close=False)
            + server.post(other, close=False)
            + server.post(session, close=False)
            + server.post(BODY)
        )
        return server.talk(together)

    said, _ = _in_server(events_side, talk)

    assert re.findall(rb'"id":"(\w+)"', said) == [
        ID.encode(),
        OTHER.encode(),
        b"c" * 32,
        ID.encode(),
    ]
    assert [event_id for event_id, _, _ in _queued(events_side)] == [ID, OTHER, ID]


def test_a_connection_goes_on_after_an_answer(events_side: EventSide) -> None:
    async def talk(server: Server) -> bytes:
        async with server.connected() as (reader, writer):
            for _ in range(3):
                writer.write(server.post(BODY, close=False))
                assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
                assert json.loads(await reader.readexactly(41)) == {"id": ID}
            writer.write(server.post(BODY))
            return await reader.read()

    said, usual = _in_server(events_side, talk)

    assert said.endswith(b'{"id":"%b"}' % ID.encode())
    assert usual == 0
    assert len(_queued(events_side)) == 4


def test_a_connection_holds_none_of_the_requests_that_it_answered(events_side: EventSide) -> None:
    held: list[str] = []

    async def talk(server: Server) -> bytes:
        async with server.connected() as (reader, writer):
            for _ in range(20):
                writer.write(server.post(BODY, close=False))
                await reader.readuntil(ID.encode() + b'"}')
            gc.collect()
            names = [type(each).__name__ for each in gc.get_objects()]
            held.extend(name for name in names if name in ("_Cycle", "_Coming"))
        return b""

    _in_server(events_side, talk)

    assert held == ["_Cycle"]  # the latest, without its body


async def _in_pieces(server: Server, *pieces: bytes) -> bytes:
    async with server.connected() as (reader, writer):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)  # other tasks' turn, the server's among them
        return await reader.read()


def test_a_body_in_pieces_is_put_together(events_side: EventSide) -> None:
    async def talk(server: Server) -> bytes:
        request = server.post(BODY)
        start = len(request) - len(BODY)
        parts = [request[at : at + 7] for at in range(start, len(request), 7)]
        return await _in_pieces(server, request[:start], *parts)

    said, usual = _in_server(events_side, talk)

    assert usual == 0
    assert b"200 OK" in said
    assert _queued(events_side) == [(ID, "", BODY)]


def test_a_head_in_pieces_is_the_usual_door_s(events_side: EventSide) -> None:
    async def talk(server: Server) -> bytes:
        request = server.post(BODY)
        return await _in_pieces(server, *(request[at : at + 7] for at in range(0, 700, 7)))

    said, _ = _in_server(events_side, talk)

    assert b"200 OK" in said
    assert [event_id for event_id, _, _ in _queued(events_side)] == [ID]


@pytest.mark.parametrize(
    "before",
    [
        b"GET /nothing HTTP/1.1\r\nHost: x\r\nX-Odd: ",
        b"POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 300\r\n\r\nhello",
        b"POST /nothing HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nX-Odd: ",
        b"G",
        b"\r\n",
    ],
)
def test_what_looks_like_a_request_within_another_is_none(
    events_side: EventSide, before: bytes
) -> None:
    def talk(server: Server) -> Awaitable[bytes]:
        return _told_apart(server, before)

    usual, _ = _in_server(events_side, talk, fast=False)
    of_usual = len(_queued(events_side))
    fast, _ = _in_server(events_side, talk)

    assert fast == usual
    assert len(_queued(events_side)) == of_usual


@pytest.mark.parametrize("behind", [b"0\r\n\r\n", b"0\r\nTrailer: 1\r\n\r\n"])
def test_a_server_that_shuts_down_closes_after_the_answer(
    events_side: EventSide, behind: bytes
) -> None:
    async def talk(server: Server) -> bytes:
        changed = asyncio.Event()
        transport = Transport(changed)
        connection = server.connection()
        connection.connection_made(transport)
        request = _chunked(server, BODY, 10_000).replace(b"Connection: close\r\n", b"")
        connection.data_received(request.removesuffix(b"0\r\n\r\n"))
        connection.shutdown()
        connection.data_received(behind)
        while not transport.is_closing():
            changed.clear()
            await changed.wait()
        connection.connection_lost(None)
        return bytes(transport.written)

    said, _ = _in_server(events_side, talk)

    assert b"200 OK" in said
    assert b"connection: close" in said.lower()


def test_a_thread_that_does_not_start_is_said_once_and_nothing_is_queued(
    events_side: EventSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    starting = threading.Thread.start
    failures = [RuntimeError("can't start new thread")]

    def start(thread: threading.Thread) -> None:
        if thread.name == "journal" and failures:
            raise failures.pop()
        starting(thread)

    async def talk(server: Server) -> bytes:
        monkeypatch.setattr(threading.Thread, "start", start)
        async with server.connected() as (reader, writer):
            writer.write(server.post(BODY, close=False))
            first = await reader.readuntil(b"}")
            writer.write(server.post(BODY.replace(ID.encode(), OTHER.encode())))
            return first + await reader.read()

    said, _ = _in_server(events_side, talk)

    assert not failures
    assert said.count(b"HTTP/1.1 ") == 2
    assert [event_id for event_id, _, _ in _queued(events_side)] == [ID, OTHER]


async def _told_apart(server: Server, before: bytes) -> bytes:
    """The statuses of all answers to a request behind `before`, of which nothing is read together."""
    answers = await ask(server.connection, before + server.post(BODY), len(before))
    return repr([status for status, _ in answers]).encode()


def _chunked(server: Server, body: bytes, size: int, *headers: str) -> bytes:
    """As Node's SDK sends it: without a length."""
    head = server.post(b"", "Transfer-Encoding: chunked", *headers).replace(
        b"Content-Length: 0\r\n", b""
    )
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return head + b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in [*pieces, b""])


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_body_in_chunks_goes_the_shorter_way(events_side: EventSide, encoding: str) -> None:
    body = gzip.compress(BODY) if encoding else BODY
    headers = [f"Content-Encoding: {encoding}"] if encoding else []

    said, usual = _in_server(
        events_side, lambda server: server.talk(_chunked(server, body, 11, *headers))
    )

    assert usual == 0
    assert b"200 OK" in said
    assert _queued(events_side) == [(ID, encoding, body)]


@pytest.mark.parametrize("more", [0, 1])
def test_a_body_in_chunks_has_the_same_bound(events_side: EventSide, more: int) -> None:
    body = BODY + b"\n" * (MAX_ENVELOPE - len(BODY) + more)

    def talk(server: Server) -> Awaitable[bytes]:
        return server.talk(_chunked(server, body, 50_000))

    usual, _ = _in_server(events_side, talk, fast=False)
    fast, seen = _in_server(events_side, talk)

    assert _kept(fast) == _kept(usual)
    assert seen == more


def test_nothing_in_chunks_is_nothing(events_side: EventSide) -> None:
    def talk(server: Server) -> Awaitable[bytes]:
        return server.talk(_chunked(server, b"", 10))

    usual, _ = _in_server(events_side, talk, fast=False)
    fast, _ = _in_server(events_side, talk)

    assert _kept(fast) == _kept(usual)


def test_a_slow_body_is_the_usual_door_s(
    events_side: EventSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_path_module, "BODY_SECONDS", 0.0)

    async def talk(server: Server) -> bytes:
        request = server.post(BODY)
        async with server.connected() as (reader, writer):
            server.came.clear()
            writer.write(request[:-10])
            await server.came.wait()
            writer.write(request[-10:])
            return await reader.read()

    said, usual = _in_server(events_side, talk)

    assert b"200 OK" in said
    assert usual == 1
    assert len(_queued(events_side)) == 1


def test_a_client_that_goes_away_leaves_nothing_behind(events_side: EventSide) -> None:
    large = envelope({"message": "a" * 40_000}, event_id=ID)

    async def talk(server: Server) -> bytes:
        for _ in range(20):
            async with server.connected() as (_, writer):
                writer.write(server.post(large)[:-100])
                await writer.drain()
        return await server.talk(server.post(BODY))

    said, _ = _in_server(events_side, talk)

    assert b"200 OK" in said
    assert [event_id for event_id, _, _ in _queued(events_side)] == [ID]
    # Everybody may hold all there is again.
    with events_side.ingest.in_flight.place() as place:
        place.belongs_to(events_side.shop.id)
        place.grow(MAX_LARGE)


def test_bodies_that_are_announced_and_do_not_come_are_in_nobody_s_way(
    events_side: EventSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headwater.server.in_flight.MAX_OF_PROJECT", 1_000_000)

    async def talk(server: Server) -> bytes:
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(20):
                _, writer = await stack.enter_async_context(server.connected())
                writer.write(server.post(b"a" * 100_000)[:-99_990])
                await writer.drain()
            return await server.talk(server.post(BODY))

    said, usual = _in_server(events_side, talk)

    assert b"200 OK" in said
    assert usual == 0


@sqlite_only
def test_a_disk_that_fails_is_said_in_the_queue_s_words(
    events_side: EventSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(segments, "sync", fail)

    said, usual = _in_server(events_side, lambda server: server.talk(server.post(BODY)))

    assert usual == 0
    assert said.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"retry-after: 5\r\n" in said
    assert b"No space left on device" in said
    assert events_side.counted()[("error", "overloaded")] == 1


def test_a_full_queue_is_said_by_the_usual_door(
    events_side: EventSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_room, "MAX_WAITING", 0)

    said, usual = _in_server(events_side, lambda server: server.talk(server.post(BODY)))

    assert usual == 1
    assert b"503 Service Unavailable" in said
    assert events_side.counts.now() == {("envelopes", "refused"): 1}


def test_a_client_that_takes_no_answers_waits_and_they_do_not_pile_up(
    events_side: EventSide,
) -> None:
    made: list[Any] = []

    def protocol(**given: Any) -> Any:
        made.append(fast_path(events_side.ingest)(**given))
        return made[-1]

    async def run() -> tuple[bytes, int]:
        async with _serving(events_side, protocol) as server:
            await server.talk(server.post(envelope({}, kind="session")))
            async with server.connected() as (reader, writer):
                writer.write(server.post(BODY, close=False))
                await reader.readuntil(b"}")
                before = server.usual
                server.came.clear()
                made[-1].pause_writing()  # as the loop does when its buffer is full
                writer.write(server.post(BODY))
                await server.came.wait()
                made[-1].resume_writing()
                return await reader.read(), server.usual - before

    said, usual = asyncio.run(run())

    assert said.startswith(b"HTTP/1.1 200 ")
    assert usual == 1


def test_a_project_that_sends_too_much_is_told_to_wait(events_side: EventSide) -> None:
    choices = replace(events_side.shop.choices, events_per_minute=2)
    events_side.projects.choose(events_side.shop.id, choices)

    async def talk(server: Server) -> bytes:
        return b"".join([await server.talk(server.post(BODY)) for _ in range(3)])

    said, usual = _in_server(events_side, talk)

    assert re.findall(rb"HTTP/1.1 (\d+)", said) == [b"200", b"200", b"429"]
    assert usual == 1
    assert b"retry-after: 6" in said
    assert b"x-sentry-rate-limits: 6:error:project:project_rate" in said
    assert len(_queued(events_side)) == 2
    assert events_side.counted()[("error", "rate_limited:project")] == 1


def test_a_body_of_the_largest_ordinary_size_and_one_beyond(events_side: EventSide) -> None:
    padding = MAX_ENVELOPE - len(BODY)

    def post(more: int) -> tuple[bytes, int]:
        body = BODY + b"\n" * (padding + more)
        return _in_server(events_side, lambda server: server.talk(server.post(body)))

    assert [post(more)[1] for more in (0, 1)] == [0, 1]


def test_a_mistake_of_ours_is_the_usual_door_s_to_say(
    events_side: EventSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(events_side.ingest, "accept_quickly", fail)

    said, usual = _in_server(events_side, lambda server: server.talk(server.post(BODY)))

    assert usual == 1
    assert b"200 OK" in said
    with events_side.ingest.in_flight.place() as place:
        place.belongs_to(events_side.shop.id)
        place.grow(MAX_LARGE)
