"""Request bodies, read through a bound."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from starlette.requests import ClientDisconnect, Request

from headwater.server.errors import BodyTooLarge, MalformedRequest, TooSlow

IDLE_SECONDS: Final = 30
"""How long a client may stay silent in the middle of a body, so that a dead one frees its place."""


async def pieces(request: Request, limit: int) -> AsyncIterator[bytes]:
    """The body as it comes in. Raises BodyTooLarge beyond `limit` bytes, TooSlow, MalformedRequest."""
    stream = request.stream().__aiter__()
    total = 0
    while True:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                piece = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise TooSlow(f"No byte of the request came in for {IDLE_SECONDS} seconds.") from None
        except ClientDisconnect:
            raise MalformedRequest("The request ended in the middle.") from None
        total += len(piece)
        if total > limit:
            raise BodyTooLarge(f"The request has more than {limit:,} bytes, which is the limit.")
        yield piece


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body, of at most `limit` bytes. Raises as `pieces` does."""
    return b"".join([piece async for piece in pieces(request, limit)])
