"""The body of a request at the door for events: its encoding undone as it comes, within its limits."""

import asyncio
from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Final, Self

from starlette.requests import Request

from headwater.protocol.encoding import Decoder, TooLarge, UndecodableBody
from headwater.server.body import pieces
from headwater.server.errors import BodyTooLarge, MalformedRequest, TooSlow
from headwater.server.event_refused import EventRefused, overloaded
from headwater.server.in_flight import NoRoom, Place

BODY_SECONDS: Final = 300
"""How long a body may be in coming, whatever its size: the largest event from a phone at 3.5 KB/s."""

WITHOUT_PAUSE: Final = 1024**2
"""Bytes decompressed before others get their turn: some 5 ms, and 64 KiB of gzip may hold 64 MB."""


class Incoming:
    """One request's body. Every method raises EventRefused."""

    def __init__(self, request: Request, limit: int, setting: str, place: Place) -> None:
        """`limit` in bytes, as sent and decompressed, as the server's `setting` has it."""
        self._request = request
        self._limit = limit
        self._setting = setting
        self._place = place
        self._taken = bytearray()
        self._pieces = self._decoded()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self._pieces.aclose()

    async def start(self, longest: int) -> bytes:
        """The beginning: up to the first line break, if it comes within `longest` bytes, or the end."""
        seen = 0
        while self._taken.find(b"\n", seen) < 0 and len(self._taken) <= longest:
            seen = len(self._taken)
            if not await self._take():
                break
        return bytes(self._taken[: longest + 1])

    async def whole(self) -> bytes:
        """All of it."""
        while await self._take():
            pass
        return bytes(self._taken)

    async def _take(self) -> bool:
        """One more piece; False at the end."""
        try:
            piece = await anext(self._pieces, None)
            if piece is None:
                return False
            self._place.grow(len(piece))
        except (TooLarge, BodyTooLarge) as error:
            sentence = f"{error}; the server's {self._setting} sets the limit"
            raise EventRefused(413, "too_large", sentence) from None
        except UndecodableBody as error:
            raise EventRefused(400, "malformed_body", str(error)) from None
        except (MalformedRequest, TooSlow) as error:
            raise EventRefused(400, "unfinished_body", str(error)) from None
        except NoRoom as error:
            raise overloaded(str(error)) from None
        self._taken += piece
        return True

    async def _decoded(self) -> AsyncGenerator[bytes, None]:
        decoder = Decoder(self._request.headers.get("content-encoding", ""), self._limit)
        without_pause = 0
        async for chunk in pieces(self._request, self._limit, BODY_SECONDS):
            for piece in decoder.feed(chunk):
                yield piece
                without_pause += len(piece)
                if without_pause >= WITHOUT_PAUSE:
                    without_pause = 0
                    await asyncio.sleep(0)
        decoder.finish()
