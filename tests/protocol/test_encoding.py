"""Bodies in every encoding that clients use, and in some that attackers would."""

import contextlib
import gzip
import random
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard

from headwater.protocol.encoding import (
    MAX_MEMBERS,
    BadEncoding,
    Decoder,
    TooLarge,
    TruncatedBody,
    UndecodableBody,
    decode,
)

MB = 1024 * 1024


def _bare_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


Encode = Callable[[bytes], bytes]
ENCODINGS = [
    pytest.param("gzip", gzip.compress, id="gzip"),
    pytest.param("deflate", zlib.compress, id="zlib"),
    pytest.param("deflate", _bare_deflate, id="bare deflate"),
    pytest.param("br", brotli.compress, id="br"),
    pytest.param("zstd", zstandard.compress, id="zstd"),
]
EVERY = pytest.mark.parametrize(("name", "encode"), ENCODINGS)


def _noise(size: int) -> bytes:
    return random.Random(7).randbytes(size)  # noqa: S311 # the same every time


@pytest.mark.parametrize("size", [1, 100, 65_536, 65_537, 300_000])
@EVERY
def test_a_body_is_what_it_was_before_encoding(name: str, encode: Encode, size: int) -> None:
    for body in (_noise(size), b"a" * size, (b"headwater " * size)[:size]):
        assert decode(encode(body), name, size + 1000) == body


@pytest.mark.parametrize("chunk", [1, 7, 1000])
@EVERY
def test_it_does_not_matter_where_the_network_cuts(name: str, encode: Encode, chunk: int) -> None:
    body = _noise(3000) + b"tail" * 5000
    encoded = encode(body)
    decoder = Decoder(name, 1 * MB)

    decoded = b"".join(
        piece
        for start in range(0, len(encoded), chunk)
        for piece in decoder.feed(encoded[start : start + chunk])
    )
    decoder.finish()

    assert decoded == body


@EVERY
def test_a_bomb_stops_at_the_bound_and_costs_bounded_memory(name: str, encode: Encode) -> None:
    bomb = encode(b"\0" * (50 * MB))
    decoder = Decoder(name, 10 * MB)
    tracemalloc.start()

    with pytest.raises(TooLarge, match="larger than 10485760 bytes when decompressed"):
        for _piece in decoder.feed(bomb):
            pass

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * MB


@pytest.mark.parametrize("name", ["", "identity", "Identity , identity"])
def test_a_plain_body_is_bounded_too(name: str) -> None:
    assert decode(b"1234", name, 4) == b"1234"
    with pytest.raises(TooLarge, match="larger than 4 bytes as sent"):
        decode(b"12345", name, 4)


@EVERY
def test_a_body_exactly_at_the_bound_passes(name: str, encode: Encode) -> None:
    assert len(decode(encode(b"a" * 100_000), name, 100_000)) == 100_000
    with pytest.raises(TooLarge):
        decode(encode(b"a" * 100_001), name, 100_000)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
@EVERY
def test_a_truncated_body_is_called_so(name: str, encode: Encode, kept: float) -> None:
    encoded = encode(_noise(50_000))

    with pytest.raises(TruncatedBody, match="ends in the middle"):
        decode(encoded[: int(len(encoded) * kept)], name, MB)


@EVERY
def test_bytes_in_another_encoding_are_called_so(name: str, encode: Encode) -> None:
    assert encode(b"")  # the parameter tells two kinds of deflate apart
    with pytest.raises(BadEncoding, match="the body is not"):
        decode(b"\xff" * 100, name, MB)


def test_an_empty_body_is_empty_whatever_its_encoding() -> None:
    assert decode(b"", "gzip", 10) == b""


def test_encodings_are_undone_in_reverse_order() -> None:
    assert decode(gzip.compress(brotli.compress(b"hello")), "br, gzip", MB) == b"hello"
    assert decode(gzip.compress(gzip.compress(b"hello")), "gzip, gzip", MB) == b"hello"


def test_a_nested_bomb_is_bounded_at_every_stage() -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * (50 * MB)))

    with pytest.raises(TooLarge):
        decode(bomb, "gzip, gzip", MB)


def test_too_many_encodings_are_refused() -> None:
    with pytest.raises(BadEncoding, match="more than 2 times"):
        Decoder("gzip, gzip, gzip", MB)


def test_an_unknown_encoding_is_named_with_the_known_ones() -> None:
    with pytest.raises(BadEncoding, match="'lzma' is not known here; known are gzip"):
        Decoder("lzma", MB)


@pytest.mark.parametrize(
    ("name", "member"),
    [("gzip", gzip.compress(b"ab")), ("zstd", zstandard.compress(b"ab"))],
    ids=["gzip", "zstd"],
)
def test_several_members_are_one_body_but_not_any_number(name: str, member: bytes) -> None:
    assert decode(member * 3, name, MB) == b"ababab"
    with pytest.raises(BadEncoding, match="more bytes follow"):
        decode(member * (MAX_MEMBERS + 1), name, MB)


def test_zero_bytes_after_a_gzip_stream_are_padding() -> None:
    assert decode(gzip.compress(b"ab") + b"\0" * 20, "gzip", MB) == b"ab"


@EVERY
def test_damage_anywhere_is_an_answer_and_never_a_crash(name: str, encode: Encode) -> None:
    dice = random.Random(11)  # noqa: S311
    whole = encode(b'{"event_id": "0123"}\n' * 100)
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
        with contextlib.suppress(UndecodableBody):
            assert len(decode(bytes(damaged), name, MB)) <= MB
