"""Bodies that are too large, or never end."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from starlette.requests import Request

from headwater.server.body import read_body
from headwater.server.errors import BodyTooLarge, MalformedRequest


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
