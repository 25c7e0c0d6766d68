"""Bodies that are too large, or never end."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from starlette.requests import Request

from headwater.server import body as body_module
from headwater.server.body import PROGRESS, pieces, read_body
from headwater.server.errors import BodyTooLarge, MalformedRequest, TooSlow


def request_of(messages: Sequence[dict[str, Any]]) -> Request:
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


def body(content: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": content, "more_body": more}


def test_a_body_is_joined() -> None:
    request = request_of([body(b"one", more=True), body(b"two", more=False)])

    assert asyncio.run(read_body(request, 6)) == b"onetwo"


def test_one_byte_too_many_is_refused() -> None:
    request = request_of([body(b"one", more=True), body(b"two!", more=False)])

    with pytest.raises(BodyTooLarge, match="more than 6 bytes"):
        asyncio.run(read_body(request, 6))


def test_a_client_that_goes_away_is_no_fault_of_the_server() -> None:
    request = request_of([body(b"one", more=True), {"type": "http.disconnect"}])

    with pytest.raises(MalformedRequest, match="ended in the middle"):
        asyncio.run(read_body(request, 6))


def _from(receive: Callable[[], Awaitable[dict[str, Any]]]) -> Request:
    return Request({"type": "http", "method": "POST", "headers": []}, receive)


def _trickling(size: int, pause: float) -> Request:
    async def receive() -> dict[str, Any]:
        await asyncio.sleep(pause)
        return body(b"x" * size, more=True)

    return _from(receive)


async def _take(request: Request, seconds: float = float("inf")) -> None:
    async for _ in pieces(request, 10**9, seconds):
        pass


@pytest.mark.parametrize("pause", [3600, 0.001], ids=["silent", "a byte now and then"])
def test_a_body_that_makes_no_progress_is_given_up(
    pause: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_module, "IDLE_SECONDS", 0.05)

    with pytest.raises(TooSlow, match="Less than 15,000 bytes"):
        asyncio.run(_take(_trickling(1, pause)))


def test_a_body_that_comes_steadily_is_given_up_only_at_the_end_of_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(body_module, "IDLE_SECONDS", 60)

    with pytest.raises(TooSlow, match=r"not complete after 0\.1 seconds"):
        asyncio.run(_take(_trickling(PROGRESS, 0.001), seconds=0.1))


def test_the_time_that_the_server_itself_takes_is_not_the_client_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(body_module, "IDLE_SECONDS", 0.2)
    request = request_of([body(b"a", more=number < 9) for number in range(10)])

    async def slow_disk() -> int:
        total = 0
        async for piece in pieces(request, 100):
            await asyncio.sleep(0.05)
            total += len(piece)
        return total

    assert asyncio.run(slow_disk()) == 10
