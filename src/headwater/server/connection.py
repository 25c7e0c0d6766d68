"""Connections: so many and no more, their requests' heads bounded in bytes and in time.

Of uvicorn (pinned in constraints.txt), which bounds none of this, it relies on: the calls that asyncio
and httptools make, overridden here and always passed on; `on_response_complete`, called once for each
request whose head was complete; `transport`, `loop`, and `connections`, the set of those that are open.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from headwater.server.open_files import Room

MAX_HEAD: Final = 64 * 1024
"""Bytes of a request's line and headers together: four times what Node, eight times what Apache
takes. The trailers of a chunked body have the same bound."""

HEAD_SECONDS: Final = 30
"""How long a head may take, from its first byte or the beginning of the connection: half of what
nginx allows, and enough for its usual 2 KB at 100 bytes a second."""

RETRY_SECONDS: Final = 5
"""What a client is asked to wait that there was no room for."""

_REFUSALS: Final = {
    408: ("Request Timeout", f"The request's headers took more than {HEAD_SECONDS} seconds."),
    431: (
        "Request Header Fields Too Large",
        f"The request's line and headers have more than {MAX_HEAD:,} bytes, which is the limit.",
    ),
    503: (
        f"Service Unavailable\r\nretry-after: {RETRY_SECONDS}",
        "The server has as many connections as it can hold.",
    ),
}


class Connection(HttpToolsProtocol):
    """One client's connection. Once no request is under way, the next head must come in time."""

    def __init__(self, *given: Any, room: Room | None = None, **named: Any) -> None:
        super().__init__(*given, **named)
        self._room = room or Room()
        self._unheard = 0
        """Bytes since the parser last had something to tell: an unfinished head, or trailers."""
        self._is_in_head = True
        self._is_in_message = False
        """The parser has begun with a request that has not come wholly."""
        self._under_way = 0
        """Requests whose answer is not complete."""
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        super().connection_made(transport)
        if self._room.is_left(len(self.connections)):
            self._await_head()
        else:
            self._refuse(503)

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        while data and not self.transport.is_closing():
            room = MAX_HEAD - self._unheard
            if room <= 0:
                self._refuse(431)
                return
            piece, data = data[:room], data[room:]
            self._unheard += len(piece)
            super().data_received(piece)
        # Also after an answer that did not wait for the body: what trickles in then ends, too.
        if self._deadline is None and not self._under_way:
            self._await_head()

    @property
    def is_between_requests(self) -> bool:
        """Whether all that came was answered, and the connection goes on: what comes next begins
        another request."""
        if self._under_way or self._is_in_message:
            return False
        return not self.transport.is_closing()

    def on_message_begin(self) -> None:
        self._is_in_message = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self.on_head_complete()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.on_progress()
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_in_message = False
        self.on_request_complete()
        super().on_message_complete()

    def on_head_complete(self) -> None:
        """A request is under way from here to its `on_response_complete`."""
        self._unheard = 0
        self._is_in_head = False
        self._under_way += 1
        self._cancel_deadline()

    def forget_head(self) -> None:
        """As if the head had not come yet; `on_headers_complete` is called again."""
        self._under_way -= 1

    def on_progress(self) -> None:
        """Some of a body came."""
        self._unheard = 0

    def on_request_complete(self) -> None:
        """What comes next is another request's head."""
        self._unheard = 0
        self._is_in_head = True

    def on_response_complete(self) -> None:
        self._under_way -= 1
        super().on_response_complete()

    def _await_head(self) -> None:
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._end)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end(self) -> None:
        self._deadline = None
        if self._is_in_head and self._unheard:
            self._refuse(408)
        else:
            self.transport.close()

    def _refuse(self, status: int) -> None:
        # While an earlier request of this connection is being answered, there is no place to say it.
        if not self._under_way:
            phrase, sentence = _REFUSALS[status]
            head = (
                f"HTTP/1.1 {status} {phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
                f"content-length: {len(sentence)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(f"{head}{sentence}".encode())
        self.transport.close()
