"""Heads of requests that came before, to the byte but for how long their bodies are.

A client says the same in front of each of its events. What a head says is read by httptools, once; a
head that was not read to its last byte, and all that is unusual, is nobody's business here.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

import httptools

from headwater.protocol.auth import public_key

MAX_KNOWN: Final = 4_000
"""Heads that are remembered; when there are more, all are forgotten."""

MAX_KNOWN_HEAD: Final = 2_000
"""Bytes of a head that is read here; SDKs' have 300, those of browsers 600. What has a longer one
is the usual door's."""

HEAD_END: Final = b"\r\n\r\n"
"""What a head ends with."""

_LINE: Final = re.compile(
    rb"POST (/api/[A-Za-z0-9_-]{1,100}/envelope/?(?:\?([\x21\x22\x24-\x7e]*))?) HTTP/1\.1\r\n"
)
"""A request's first line, with its query. A `#` would be the end of that."""
_LENGTH: Final = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: ?([0-9]{1,9})\r\n")
_CODING: Final = re.compile(rb"(?:gzip|br|zstd|deflate)?")
_AUTH: Final = (b"x-sentry-auth", b"authorization")
_UNUSUAL: Final = frozenset((b"expect", b"upgrade"))


class Head(NamedTuple):
    """What the head of an ordinary event's request says."""

    key: str
    """Of a DSN."""
    encoding: str
    """Of the body: its Content-Encoding."""
    keep_alive: bool
    """More requests may follow on the connection."""


class KnownHeads:
    """Of a process; used in its event loop only. Whose key a head has is not asked here: a stranger's
    heads are remembered as others are."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes], Head] = {}

    def read(self, head: bytes) -> tuple[Head, int | None] | None:
        """What a head says, HEAD_END included, and how many bytes its body has, None if that comes in
        chunks; or None: the head is not quite ordinary."""
        length = _LENGTH.search(head)
        around = (head[: length.start(1)], head[length.end(1) :]) if length else (head, b"")
        known = self._known.get(around)
        if known is None:
            known = _read(head)
            if known is None:
                return None
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            self._known[around] = known
        return known, int(length[1]) if length else None


class _Read:
    """What httptools tells of a head."""

    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self._told: list[str] = []

    def on_message_begin(self) -> None:
        self._told.append("begin")

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self._told.append("headers")

    def on_body(self, _body: bytes) -> None:
        self._told.append("body")

    def on_message_complete(self) -> None:
        self._told.append("end")

    @property
    def is_whole(self) -> bool:
        """All of it was one head and nothing else: the parser sees its end where we do."""
        return self._told == ["begin", "headers"]


def _read(head: bytes) -> Head | None:
    line = _LINE.match(head)
    if line is None:
        return None
    read = _Read()
    parser = httptools.HttpRequestParser(read)
    try:
        parser.feed_data(head)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return None
    headers = dict(read.headers)
    coding = headers.get(b"content-encoding", b"")
    # Which of two of the same name holds, the usual door knows.
    if not read.is_whole or len(headers) != len(read.headers) or _UNUSUAL & headers.keys():
        return None
    if not _says_where_it_ends(head, headers) or not _CODING.fullmatch(coding):
        return None
    said = {name.decode(): headers.get(name, b"").decode("latin-1") for name in _AUTH}
    query = dict(parse_qsl((line[2] or b"").decode(), keep_blank_values=True))
    key = public_key(said, query)
    return None if key is None else Head(key, coding.decode(), bool(parser.should_keep_alive()))


def _says_where_it_ends(head: bytes, headers: Mapping[bytes, bytes]) -> bool:
    """By its chunks, or by a length that the pattern finds."""
    transfer, length = headers.get(b"transfer-encoding"), headers.get(b"content-length")
    if transfer is not None:
        return transfer == b"chunked" and length is None
    return _LENGTH.search(head) is not None
