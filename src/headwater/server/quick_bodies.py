"""Bodies of ordinary requests, put together as they come."""

import re
from typing import Final

MAX_SIZE_LINE: Final = 10
"""Bytes of the line that says how long a chunk is, its line break included; longer ones are unusual."""

_BREAK: Final = b"\r\n"
_SIZE: Final = re.compile(rb"[0-9A-Fa-f]+")


class Unusual(Exception):
    """It is not put together here: something follows it, or it has what SDKs never send."""


class Sized:
    """A body whose length is known."""

    def __init__(self, length: int) -> None:
        self._missing = length
        self._pieces: list[bytes] = []

    @property
    def raw(self) -> bytes:
        """What has come, as it came."""
        return b"".join(self._pieces)

    def feed(self, data: bytes) -> bytes | None:
        """All of it, or None: more must come. Raises Unusual, and `raw` has this as well."""
        self._pieces.append(data)
        self._missing -= len(data)
        if self._missing < 0:
            raise Unusual
        return None if self._missing else self.raw


class Chunked:
    """A body in chunks (RFC 9112, 7.1), without extensions and trailers."""

    def __init__(self) -> None:
        self._raw = bytearray()
        self._at = 0
        """Where the first chunk begins that has not come wholly."""
        self._chunks: list[bytes] = []

    @property
    def raw(self) -> bytes:
        """What has come, as it came."""
        return bytes(self._raw)

    def feed(self, data: bytes) -> bytes | None:
        """All of it, or None: more must come. Raises Unusual, and `raw` has this as well."""
        raw = self._raw
        raw += data
        while True:
            end = raw.find(_BREAK, self._at, self._at + MAX_SIZE_LINE)
            if end < 0:
                if len(raw) - self._at >= MAX_SIZE_LINE:
                    raise Unusual
                return None
            if not _SIZE.fullmatch(raw, self._at, end):
                raise Unusual
            size, start = int(raw[self._at : end], 16), end + len(_BREAK)
            stop = start + size
            after = stop + len(_BREAK)
            if len(raw) < after:
                return None
            if raw[stop:after] != _BREAK or (not size and len(raw) > after):
                raise Unusual
            if not size:
                return b"".join(self._chunks)
            self._chunks.append(bytes(raw[start:stop]))
            self._at = after
