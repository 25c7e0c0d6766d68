"""Content-Encoding of request bodies, undone piece by piece and never beyond a bound."""

import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final, Protocol

import brotli
import zstandard
from isal import isal_zlib
from isal.igzip_lib import IsalError

PIECE = 64 * 1024
"""Bytes that a decompressor is let to produce at a time; the bound is checked after each."""

ZSTD_SLICE = 128
"""Bytes fed to zstandard at a time. It has no bound of its own, and 4 bytes may say '128 KiB of the
same': so one slice makes 4 MiB at most."""

ZSTD_MAX_WINDOW = 8 * 1024 * 1024
"""Bytes of history that a zstandard body may ask for; RFC 8878 bids every decoder support this much."""

MAX_MEMBERS = 100
"""Members of one gzip or zstandard body. Real ones have one; each costs time and may be empty."""

MAX_ENCODINGS = 2
"""Encodings applied one after the other. Real requests have one."""


class UndecodableBody(Exception):
    """A body that can't be had; its subclasses say why."""


class TooLarge(UndecodableBody):
    """The body is larger than its limit, as sent or decompressed."""


class TruncatedBody(UndecodableBody):
    """The body ended in the middle of its compressed stream."""


class BadEncoding(UndecodableBody):
    """The encoding is unknown, or the bytes aren't in it."""


class Decompressor(Protocol):
    """One stream of one encoding. Both methods may raise BadEncoding."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What `data` decompresses to, in pieces of bounded size."""
        ...

    def is_complete(self) -> bool:
        """Whether the stream may end here."""
        ...


class Decoder:
    """Takes a body as it comes from the network and gives back what was in it.

    `limit` in bytes counts for the body as sent and for every stage of decompression.
    """

    def __init__(self, content_encoding: str, limit: int) -> None:
        """`content_encoding` as in the header: `""`, `gzip`, `br` … Raises BadEncoding."""
        names = [name.strip().lower() for name in content_encoding.split(",")]
        names = [name for name in names if name not in ("", "identity")]
        if len(names) > MAX_ENCODINGS:
            raise BadEncoding(f"a body encoded more than {MAX_ENCODINGS} times is not read")
        self._names = list(reversed(names))
        self._stages = [_decompressor(name) for name in self._names]
        self._limit = limit
        self._sizes = [0] * (len(names) + 1)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The next of the body; raises TooLarge or BadEncoding. Take all before feeding more."""
        yield from self._through(0, data)

    def finish(self) -> None:
        """The body has ended. Raises TruncatedBody if its stream has not."""
        for (name, stage), size in zip(
            zip(self._names, self._stages, strict=True), self._sizes, strict=False
        ):
            if size and not stage.is_complete():
                raise TruncatedBody(f"the body ends in the middle of its {name} stream")

    def _through(self, stage: int, data: bytes) -> Iterator[bytes]:
        self._sizes[stage] += len(data)
        if self._sizes[stage] > self._limit:
            how = "when decompressed" if stage else "as sent"
            raise TooLarge(f"the body is larger than {self._limit} bytes {how}")
        if stage == len(self._stages):
            yield data
            return
        for piece in self._stages[stage].feed(data):
            if piece:
                yield from self._through(stage + 1, piece)


def decode(body: bytes, content_encoding: str, limit: int) -> bytes:
    """A whole body at once. Raises UndecodableBody."""
    if not content_encoding and len(body) <= limit:
        return body
    if content_encoding == "gzip" and (whole := _gunzip(body, limit)) is not None:
        return whole
    decoder = Decoder(content_encoding, limit)
    decoded = b"".join(decoder.feed(body))
    decoder.finish()
    return decoded


def _gunzip(body: bytes, limit: int) -> bytes | None:
    """What nearly every compressed body is: one gzip member. None: it is for others to say what it is."""
    stream = isal_zlib.decompressobj(_GZIP)
    try:
        whole = stream.decompress(body, limit + 1)
    except IsalError:  # type: ignore[misc]  # whose types call it a function
        return None
    return whole if stream.eof and not stream.unused_data and len(whole) <= limit else None


class _Zlib:
    """gzip (wbits 31), zlib (15) and bare deflate (-15)."""

    def __init__(self, name: str, wbits: int) -> None:
        self._name = name
        self._wbits = wbits
        self._stream = zlib.decompressobj(wbits)
        self._members = 1

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._stream.eof:
                data = self._next_member(data)
                continue
            piece = self._decompress(data)
            yield piece
            data = self._stream.unconsumed_tail or self._stream.unused_data
            # All input taken, the output full: a repetition may still be waiting inside.
            while not data and len(piece) == PIECE:
                piece = self._decompress(b"")
                yield piece

    def is_complete(self) -> bool:
        return self._stream.eof

    def _decompress(self, data: bytes) -> bytes:
        try:
            return self._stream.decompress(data, PIECE)
        except zlib.error as error:
            raise BadEncoding(f"the body is not {self._name}: {error}") from None

    def _next_member(self, data: bytes) -> bytes:
        data = data.lstrip(b"\0")  # padding, as gzip itself takes it
        if data:
            self._members += 1
            if self._wbits != _GZIP or self._members > MAX_MEMBERS:
                raise BadEncoding(f"more bytes follow the body's {self._name} stream")
            self._stream = zlib.decompressobj(self._wbits)
        return data


class _Deflate:
    """What HTTP calls deflate is zlib's format, but some clients send it without zlib's header."""

    def __init__(self) -> None:
        self._head = b""
        self._stream: _Zlib | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None:
            self._head += data
            if len(self._head) < _ZLIB_HEADER:
                return
            data, self._head = self._head, b""
            self._stream = _Zlib("deflate", _ZLIB if _has_zlib_header(data) else -_ZLIB)
        yield from self._stream.feed(data)

    def is_complete(self) -> bool:
        return self._stream is not None and self._stream.is_complete()


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        try:
            piece = self._stream.process(data, output_buffer_limit=PIECE)
            yield piece
            # A full piece may have more behind it, even if more input is welcome.
            while len(piece) >= PIECE or not self._stream.can_accept_more_data():
                piece = self._stream.process(b"", output_buffer_limit=PIECE)
                yield piece
        except brotli.error:
            raise BadEncoding("the body is not br, or more bytes follow its stream") from None

    def is_complete(self) -> bool:
        return bool(self._stream.is_finished())


class _Zstandard:
    def __init__(self) -> None:
        self._context = zstandard.ZstdDecompressor(max_window_size=ZSTD_MAX_WINDOW)
        self._stream = self._context.decompressobj()
        self._members = 1

    def feed(self, data: bytes) -> Iterator[bytes]:
        bounds = [*range(0, len(data), ZSTD_SLICE), len(data)]
        for start, end in pairwise(bounds):
            yield from self._feed_slice(data[start:end])

    def is_complete(self) -> bool:
        return self._stream.eof

    def _feed_slice(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._stream.eof:
                self._members += 1
                self._stream = self._context.decompressobj()
            if self._members > MAX_MEMBERS:
                raise BadEncoding("more bytes follow the body's zstd stream")
            try:
                yield self._stream.decompress(data)
            except zstandard.ZstdError as error:
                raise BadEncoding(f"the body is not zstd: {error}") from None
            data = self._stream.unused_data


_ZLIB: Final = zlib.MAX_WBITS
_GZIP: Final = 16 + zlib.MAX_WBITS
_ZLIB_HEADER: Final = 2

_DECOMPRESSORS: Final[dict[str, Callable[[], Decompressor]]] = {
    "gzip": lambda: _Zlib("gzip", _GZIP),
    "x-gzip": lambda: _Zlib("gzip", _GZIP),
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstandard,
}


def _decompressor(name: str) -> Decompressor:
    if name not in _DECOMPRESSORS:
        known = ", ".join(_DECOMPRESSORS)
        raise BadEncoding(f"Content-Encoding {name[:40]!r} is not known here; known are {known}")
    return _DECOMPRESSORS[name]()


def _has_zlib_header(data: bytes) -> bool:
    # RFC 1950: method 8 in the low bits, and the two bytes are a multiple of 31.
    return data[0] & 0x0F == 8 and int.from_bytes(data[:_ZLIB_HEADER]) % 31 == 0  # noqa: PLR2004
