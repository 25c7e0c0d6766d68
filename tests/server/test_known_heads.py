"""What the heads of ordinary events' requests say, and which of them are not quite ordinary."""

import pytest

from headwater.server import known_heads
from headwater.server.known_heads import Head, KnownHeads

KEY = "a" * 32
ADDRESS = f"/api/1/envelope/?sentry_version=7&sentry_key={KEY}"


def _head(
    *headers: str, address: str = ADDRESS, method: str = "POST", version: str = "1.1"
) -> bytes:
    return "\r\n".join([f"{method} {address} HTTP/{version}", "Host: x", *headers, "", ""]).encode()


def test_an_ordinary_head_says_whose_event_it_is_and_how_long() -> None:
    head = _head("Content-Length: 1234", "Content-Encoding: gzip")

    assert KnownHeads().read(head) == (Head(KEY, "gzip", keep_alive=True), 1234)


def test_the_key_may_stand_in_a_header() -> None:
    auth = f"X-Sentry-Auth: Sentry sentry_key={KEY}, sentry_version=7"
    head = _head(auth, "content-length: 9", "Connection: close", address="/api/1/envelope/")

    assert KnownHeads().read(head) == (Head(KEY, "", keep_alive=False), 9)


def test_a_body_in_chunks_says_itself_how_long_it_is() -> None:
    assert KnownHeads().read(_head("Transfer-Encoding: chunked")) == (
        Head(KEY, "", keep_alive=True),
        None,
    )


def test_a_head_that_came_before_is_known_whatever_its_length() -> None:
    heads = KnownHeads()

    first, _ = heads.read(_head("Content-Length: 5")) or (None, 0)
    again, length = heads.read(_head("Content-Length: 70000")) or (None, 0)

    assert first is not None
    assert again is first
    assert length == 70_000


def test_another_head_of_the_same_length_is_another() -> None:
    heads = KnownHeads()
    heads.read(_head("Content-Length: 5"))

    read = heads.read(_head("Content-Length: 5", address=ADDRESS.replace("a" * 32, "b" * 32)))

    assert read == (Head("b" * 32, "", keep_alive=True), 5)


def test_no_more_heads_are_remembered_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_heads, "MAX_KNOWN", 2)
    heads = KnownHeads()
    first = heads.read(_head("Content-Length: 5", "X-Number: 0"))
    for number in (1, 2):
        heads.read(_head("Content-Length: 5", f"X-Number: {number}"))

    again = heads.read(_head("Content-Length: 5", "X-Number: 0"))

    assert first is not None
    assert again == first
    assert again is not None
    assert again[0] is not first[0]


@pytest.mark.parametrize(
    "head",
    [
        _head("Content-Length: 5", method="PUT"),
        _head("Content-Length: 5", address="/api/1/store/" + ADDRESS[16:]),
        _head("Content-Length: 5", address="http://x" + ADDRESS),
        _head("Content-Length: 5", address="/api/1/envelope/"),
        _head("Content-Length: 5", address=f"/api/1/envelope/?x=1#&sentry_key={KEY}"),
        _head("Content-Length: 5", address=ADDRESS + "&sentry_key="),
        _head("Content-Length: 5", version="1.0"),
        _head(),
        _head("Content-Length: -5"),
        _head("Content-Length: 5", "Content-Length: 5"),
        _head("Content-Length: 5", "content-length: 6"),
        _head("CONTENT-LENGTH: 5"),
        _head("Content-Length: 5 "),
        _head("Content-Length:  5"),
        _head("Content-Length: 12345678901"),
        _head("Content-Length: 5", "Transfer-Encoding: chunked"),
        _head("Transfer-Encoding: gzip, chunked"),
        _head("Transfer-Encoding: identity"),
        _head("Content-Length: 5", "Content-Encoding: gzip, gzip"),
        _head("Content-Length: 5", "Expect: 100-continue"),
        _head("Content-Length: 5", "Connection: upgrade", "Upgrade: websocket"),
        _head("Content-Length: 5", "X-Odd : 1"),
        _head("Content-Length: 5", "X-Odd: \0"),
        _head("Content-Length: 5", "No colon"),
        _head("Content-Length: 5", " folded"),
        _head("Content-Length: 5").replace(b"\r\nHost: x", b"\nHost: x"),
        _head("Content-Length: 5").replace(b"\r\nHost: x", b"\n\nHost: x"),
        b"\r\n" + _head("Content-Length: 5"),
    ],
)
def test_what_is_not_quite_ordinary_is_not_known(head: bytes) -> None:
    heads = KnownHeads()

    assert heads.read(head) is None
    heads.read(_head("Content-Length: 5"))
    assert heads.read(head) is None
