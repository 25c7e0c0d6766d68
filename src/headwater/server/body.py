"""Request bodies, read through a bound."""

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Final

from starlette.requests import ClientDisconnect, Request

from headwater.server.errors import BodyTooLarge, MalformedRequest, TooSlow

PROGRESS: Final = 15_000
"""Bytes that a body must bring in each IDLE_SECONDS of our waiting for it: 500 a second, which is
what Apache asks for by default. The slowest mobile networks carry four times that."""

IDLE_SECONDS: Final = 30
"""How long we wait for PROGRESS, or for the end; a client that died frees its place after that."""


async def pieces(
    request: Request, limit: int, seconds: float = float("inf")
) -> AsyncIterator[bytes]:
    """The body as it comes in. Only time spent waiting for the client counts against it.

    Raises BodyTooLarge beyond `limit` bytes, TooSlow (also after `seconds` in all),
    MalformedRequest.
    """
    stream = request.stream().__aiter__()
    patience = _Patience(seconds)
    total = 0
    while True:
        try:
            async with patience:
                piece = await anext(stream)
        except StopAsyncIteration:
            return
        except ClientDisconnect:
            raise MalformedRequest("The request ended in the middle.") from None
        total += len(piece)
        if total > limit:
            raise BodyTooLarge(f"The request has more than {limit:,} bytes, which is the limit.")
        patience.renew(len(piece))
        yield piece


class _Patience:
    """Waits for one piece at a time, and remembers how long that took."""

    def __init__(self, seconds: float) -> None:
        self._seconds = self._left = seconds
        self._idle = float(IDLE_SECONDS)
        self._progress = 0
        self._began = 0.0

    async def __aenter__(self) -> None:
        self._began = asyncio.get_running_loop().time()
        self._timeout = asyncio.timeout(min(self._idle, self._left))
        await self._timeout.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        waited = asyncio.get_running_loop().time() - self._began
        self._idle -= waited
        self._left -= waited
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            raise TooSlow(self._complaint()) from None

    def renew(self, size: int) -> None:
        """So many bytes have come."""
        self._progress += size
        if self._progress >= PROGRESS:
            self._progress = 0
            self._idle = IDLE_SECONDS

    def _complaint(self) -> str:
        if self._left < self._idle:
            return f"The request was not complete after {self._seconds:g} seconds."
        return f"Less than {PROGRESS:,} bytes of the request came in within {IDLE_SECONDS} seconds."


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body, of at most `limit` bytes. Raises as `pieces` does."""
    return b"".join([piece async for piece in pieces(request, limit)])
