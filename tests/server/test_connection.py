"""Requests whose heads are too large, or never end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.server import ServerState

from headwater.server import connection as connection_module
from headwater.server.connection import MAX_HEAD, Connection
from headwater.server.open_files import Room

PATIENCE_SECONDS = 30
START = b"POST /echo HTTP/1.1\r\nHost: x\r\n"

Socket = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Socket]]


async def _echo(request: Request) -> Response:
    try:
        return PlainTextResponse(str(len(await request.body())))
    except ClientDisconnect:
        return Response(status_code=400)


async def _hasty(_request: Request) -> Response:
    return PlainTextResponse("without reading")


@asynccontextmanager
async def _listening(room: Room | None = None) -> AsyncIterator[Connect]:
    routes = [Route("/echo", _echo, methods=["POST"]), Route("/hasty", _hasty, methods=["POST"])]
    config = uvicorn.Config(Starlette(routes=routes), ws="none", log_config=None)
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(config, state, {}, room=room), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    sockets: list[Socket] = []

    async def connect() -> Socket:
        sockets.append(await asyncio.open_connection("127.0.0.1", port))
        return sockets[-1]

    async with server:
        yield connect
        for _, writer in sockets:
            writer.close()


async def _rest(reader: asyncio.StreamReader) -> bytes:
    """Until the server closes the connection, be it without having read all that was sent."""
    said = b""
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(1000):
            said += piece
    return said


async def _trickled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """What it says while a byte comes in now and then, until it closes the connection."""
    rest = asyncio.create_task(_rest(reader))
    while not rest.done():
        writer.write(b"a")
        await asyncio.wait([rest], timeout=0.01)
    return rest.result()


def _said(*parts: bytes) -> bytes:
    """All that the server says to these bytes, until it closes the connection."""

    async def talk() -> bytes:
        async with _listening() as connect, asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await connect()
            for part in parts:
                writer.write(part)
            return await _rest(reader)

    return asyncio.run(talk())


def _one_too_many(start: bytes) -> bytes:
    return start + b"a" * (MAX_HEAD + 1 - len(start))


@pytest.mark.parametrize(
    "head",
    [
        _one_too_many(b"GET /"),
        _one_too_many(START + b"X-A: "),
        (START + b"a: b\r\n" * MAX_HEAD)[: MAX_HEAD + 1],
    ],
    ids=["address", "one header", "many headers"],
)
def test_a_head_beyond_its_limit_is_refused_naming_it(head: bytes) -> None:
    answer = _said(head)

    assert answer.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert answer.endswith(b"have more than 65,536 bytes, which is the limit.")


def test_a_head_up_to_the_limit_and_a_large_body_are_fine() -> None:
    body = b"x" * 20 * MAX_HEAD
    start = START + b"Connection: close\r\nContent-Length: %d\r\nX-A: " % len(body)
    head = start + b"a" * (MAX_HEAD - len(start) - 4) + b"\r\n\r\n"

    answer = _said(head + body)

    assert len(head) == MAX_HEAD
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n%d" % len(body))


def test_each_request_of_a_connection_has_the_whole_limit() -> None:
    padding = b"X-A: " + b"a" * (MAX_HEAD // 2)
    again = START + padding + b"\r\nContent-Length: 3\r\n\r\nabc"
    last = again.replace(b"Host: x", b"Host: x\r\nConnection: close")

    assert _said(again, again, last).count(b"HTTP/1.1 200 OK") == 3


def test_the_trailers_of_a_chunked_body_are_bounded_as_well() -> None:
    head = START + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"

    answer = _said(head, b"a: b\r\n" * MAX_HEAD)

    assert b" 200 " not in answer


@pytest.mark.parametrize("start", [b"", b"PO", START])
def test_a_head_that_does_not_come_in_time_ends_the_connection(
    start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "HEAD_SECONDS", 0.05)

    answer = _said(start)

    assert answer.startswith(b"HTTP/1.1 408 Request Timeout" if start else b"")
    assert bool(answer) == bool(start)


def test_a_head_has_no_more_time_for_coming_byte_by_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "HEAD_SECONDS", 0.05)

    async def trickle() -> bytes:
        async with _listening() as connect, asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await connect()
            writer.write(START + b"X-A: ")
            return await _trickled(reader, writer)

    # The refusal is lost if a byte crosses its way.
    assert asyncio.run(trickle()).partition(b"\r\n")[0] in (b"", b"HTTP/1.1 408 Request Timeout")


def test_a_body_that_trickles_in_after_its_answer_ends_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection_module, "HEAD_SECONDS", 0.05)
    head = b"POST /hasty HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"

    async def trickle() -> bytes:
        async with _listening() as connect, asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await connect()
            writer.write(head)
            said = await reader.readuntil(b"without reading")
            return said + await _trickled(reader, writer)

    answer = asyncio.run(trickle())

    assert answer.count(b"HTTP/1.1") == 1


def test_a_request_under_way_is_not_hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "HEAD_SECONDS", 0.05)

    async def slow_body() -> bytes:
        async with _listening() as connect, asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await connect()
            writer.write(START + b"Connection: close\r\nContent-Length: 20\r\n\r\n")
            for _ in range(20):  # four times HEAD_SECONDS, in all
                writer.write(b"a")
                await asyncio.sleep(0.01)
            return await reader.read()

    assert asyncio.run(slow_body()).endswith(b"20")


def test_a_connection_too_many_is_turned_away_and_those_that_are_there_go_on() -> None:
    async def talk() -> tuple[bytes, bytes, bytes]:
        async with _listening(Room(2)) as connect, asyncio.timeout(PATIENCE_SECONDS):
            first = await _asked(await connect())
            second = await connect()
            await _asked(second)
            reader, _ = await connect()
            turned_away = await _rest(reader)
            second[1].close()
            await second[1].wait_closed()
            while not (after := await _asked(await connect())).startswith(b"HTTP/1.1 200"):
                pass
            return first, turned_away, after

    first, turned_away, after = asyncio.run(talk())

    assert first.startswith(b"HTTP/1.1 200")
    assert turned_away.startswith(b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\n")
    assert turned_away.endswith(b"The server has as many connections as it can hold.")
    assert after.startswith(b"HTTP/1.1 200")


async def _asked(made: Socket) -> bytes:
    """The beginning of its answer; the connection stays."""
    reader, writer = made
    with contextlib.suppress(ConnectionError):
        writer.write(START + b"Content-Length: 3\r\n\r\nabc")
        return await reader.read(1000)
    return b""
