"""A connection in memory: bytes to uvicorn's protocol, and what it answers."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httptools

PATIENCE_SECONDS = 60


class Transport(asyncio.Transport):
    """What a socket would be told."""

    def __init__(self, changed: asyncio.Event) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.written = bytearray()
        self._changed = changed
        self._is_closed = False

    def write(self, data: Any) -> None:
        if not self._is_closed:
            self.written += data
            self._changed.set()

    def close(self) -> None:
        self._is_closed = True
        self._changed.set()

    abort = close

    def is_closing(self) -> bool:
        return self._is_closed

    def pause_reading(self) -> None:
        """There is nothing more to read."""

    def resume_reading(self) -> None:
        """As above."""


@dataclass
class Messages:
    """What a parser found: answers, or requests that are complete."""

    answers: list[tuple[int, bytes]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    parser: Any = None

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        status = getattr(self.parser, "get_status_code", lambda: 0)()
        if status != 100:
            self.answers.append((status, bytes(self.body)))
        self.body.clear()


def complete_requests(data: bytes) -> int:
    """How many requests are whole, as the server's own parser sees it."""
    found = Messages()
    with suppress(httptools.HttpParserError, httptools.HttpParserUpgrade):
        httptools.HttpRequestParser(found).feed_data(data)
    return len(found.answers)


def answers(data: bytes) -> list[tuple[int, bytes]]:
    """Status and body of each answer."""
    found = Messages()
    found.parser = httptools.HttpResponseParser(found)
    with suppress(httptools.HttpParserError, httptools.HttpParserUpgrade):
        found.parser.feed_data(data)
    return found.answers


async def ask(protocol: Callable[[], Any], data: bytes, cut_at: int) -> list[tuple[int, bytes]]:
    """All that is answered to a request, sent in two parts. Raises TimeoutError."""
    changed = asyncio.Event()
    transport = Transport(changed)
    connection = protocol()
    connection.connection_made(transport)
    expected = complete_requests(data)
    async with asyncio.timeout(PATIENCE_SECONDS):
        for part in (data[:cut_at], data[cut_at:]):
            if part and not transport.is_closing():
                connection.data_received(part)
        while not transport.is_closing() and len(answers(bytes(transport.written))) < expected:
            if transport.written and data.startswith(b"HEAD "):
                break  # its answer names a length, and has no body
            changed.clear()
            await changed.wait()
        transport.close()
        connection.connection_lost(None)
        tasks = list(connection.tasks)
        if tasks:
            await asyncio.wait(tasks)
    return answers(bytes(transport.written))
