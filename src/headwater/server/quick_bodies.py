"""Bodies of ordinary requests, put together as they come."""

import re
from typing import Final

MAX_SIZE_LINE: Final = 10
"""Bytes of the line that says how long a chunk is, its line break included; what has a longer one is the
usual door's."""

MAX_CHUNKS: Final = 256
"""Chunks of a body that is put together here: SDKs send a few. Of single bytes they would cost far more than
they hold; the usual door takes a body of any number."""

_BREAK: Final = b"\r\n"
_SIZE: Final = re.compile(rb"[0-9A-Fa-f]+")


class Unusual(Exception):
    """It is not put together here: something follows it, or it has what SDKs never send."""


class Sized:
    """A body whose length is known."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._raw: bytes | bytearray = b""

    @property
    def raw(self) -> bytes:
        """What has come, as it came."""
        return bytes(self._raw)

    def feed(self, data: bytes) -> bytes | None:
        """All of it, or None: more must come. Raises Unusual, and `raw` has this as well."""
        if not self._raw:
            self._raw = data  # mostly all of it, which is not copied
        elif isinstance(self._raw, bytes):
            self._raw = bytearray(self._raw + data)
        else:
            self._raw += data
        if len(self._raw) > self._length:
            raise Unusual
        return self.raw if len(self._raw) == self._length else None


class Chunked:
    """A body in chunks (RFC 9112, 7.1), without extensions and trailers."""

    def __init__(self) -> None:
        self._raw = bytearray()
        self._at = 0
        """Where the first chunk begins that has not come wholly."""
        self._chunks: list[slice] = []

    @property
    def raw(self) -> bytes:
        """What has come, as it came."""
        return bytes(self._raw)

    def feed(self, data: bytes) -> bytes | None:
        """All of it, or None: more must come. Raises Unusual, and `raw` has this as well."""
        self._raw += data
        while (chunk := self._next()) is not None:
            self._at = chunk.stop + len(_BREAK)
            if chunk.start == chunk.stop:
                if len(self._raw) > self._at:
                    raise Unusual
                return b"".join([self._raw[each] for each in self._chunks])
            self._chunks.append(chunk)
            if len(self._chunks) > MAX_CHUNKS:
                raise Unusual
        return None

    def _next(self) -> slice | None:
        """The first chunk that has not come before, once it is there with its line break."""
        raw = self._raw
        end = raw.find(_BREAK, self._at, self._at + MAX_SIZE_LINE)
        if end < 0:
            if len(raw) - self._at >= MAX_SIZE_LINE:
                raise Unusual
            return None
        if not _SIZE.fullmatch(raw, self._at, end):
            raise Unusual
        start = end + len(_BREAK)
        stop = start + int(raw[self._at : end], 16)
        behind = raw[stop : stop + len(_BREAK)]
        if not _BREAK.startswith(behind):
            raise Unusual
        return slice(start, stop) if behind == _BREAK else None
