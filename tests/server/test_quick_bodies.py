"""Bodies that are put together as they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.server.quick_bodies import Chunked, Sized, Unusual

BODIES = st.binary(max_size=60) | st.sampled_from((b"0\r\n\r\n", b"\r\n0\r\n\r\n", b"5\r\n"))
SIZES = st.lists(st.integers(1, 20), max_size=5)
CUTS = st.lists(st.integers(0, 200), max_size=4)


def _cut(data: bytes, cuts: list[int]) -> list[bytes]:
    ends = sorted({min(cut, len(data) - 1) for cut in cuts})
    return [data[start:end] for start, end in zip([0, *ends], [*ends, len(data)], strict=True)]


def _in_chunks(body: bytes, sizes: list[int]) -> bytes:
    written = b""
    for size in [*sizes, len(body)]:
        if body:
            chunk, body = body[:size], body[size:]
            written += b"%X\r\n%b\r\n" % (len(chunk), chunk)
    return written + b"0\r\n\r\n"


@given(BODIES.filter(bool), CUTS)
def test_a_sized_body_is_whole_with_its_last_byte(body: bytes, cuts: list[int]) -> None:
    sized = Sized(len(body))
    *parts, last = _cut(body, cuts)

    assert [sized.feed(part) for part in parts] == [None] * len(parts)
    assert sized.feed(last) == body
    assert sized.raw == body


@given(BODIES, SIZES, CUTS)
def test_a_body_in_chunks_is_whole_with_its_last_byte(
    body: bytes, sizes: list[int], cuts: list[int]
) -> None:
    chunked, written = Chunked(), _in_chunks(body, sizes)
    *parts, last = _cut(written, cuts)

    assert [chunked.feed(part) for part in parts] == [None] * len(parts)
    assert chunked.feed(last) == body
    assert chunked.raw == written


@pytest.mark.parametrize(
    "odd",
    [
        b"5;name=value\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\nTrailer: 1\r\n\r\n",
        b"5\r\nhello!\r\n0\r\n\r\n",
        b"5\nhello\n0\n\n",
        b"-5\r\nhello\r\n",
        b"+5\r\nhello\r\n",
        b"0x5\r\nhello\r\n",
        b" 5\r\nhello\r\n",
        b"\r\nhello\r\n",
        b"00000000005\r\nhello\r\n",
        b"hello, this is no chunk",
    ],
)
def test_what_sdks_do_not_send_is_kept_for_others(odd: bytes) -> None:
    whole, by_bytes = Chunked(), Chunked()

    with pytest.raises(Unusual):
        whole.feed(odd)
    with pytest.raises(Unusual):
        _feed_each(by_bytes, odd)

    assert whole.raw == odd
    assert odd.startswith(by_bytes.raw)


def _feed_each(body: Chunked, data: bytes) -> None:
    for at in range(len(data)):
        assert body.feed(data[at : at + 1]) is None


def test_what_follows_a_body_in_chunks_is_kept_for_others() -> None:
    chunked = Chunked()
    chunked.feed(b"5\r\nhel")

    with pytest.raises(Unusual):
        chunked.feed(b"lo\r\n0\r\n\r\nPOST /")

    assert chunked.raw == b"5\r\nhello\r\n0\r\n\r\nPOST /"


def test_what_follows_a_sized_body_is_kept_for_others() -> None:
    sized = Sized(5)
    sized.feed(b"hel")

    with pytest.raises(Unusual):
        sized.feed(b"lo, and more")

    assert sized.raw == b"hello, and more"
