"""Reads a deployed page and its files, within bounds, and from public addresses only.

What a page names is foreign: it must not lead a build machine into its own network. Unless the page
itself is there, which the user said by giving its address.
"""

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

MAX_REDIRECTS: Final = 5
"""As many as a login page or a canonical host needs."""

FETCH_SECONDS: Final = 20.0
"""Of silence within one answer."""

TOTAL_SECONDS: Final = 120.0
"""For everything: a build does not wait longer for a check."""

_PIECE: Final = 64 * 1024
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_PORTS: Final = {"http": 80, "https": 443}


class NotFetched(Exception):
    """It can't be read, or must not be; the message says why."""


class Fetched(Struct, frozen=True):
    """`url`: where it was at last. `headers` in lower case. `is_whole`: it ended within the limit."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool


@dataclass(slots=True)
class Fetcher:
    """`allows_private`: addresses that are not public may be asked."""

    allows_private: bool = False
    _until: float = field(default_factory=lambda: time.monotonic() + TOTAL_SECONDS)

    def get(self, url: str, limit: int) -> Fetched:
        """Follows redirects; at most `limit` bytes are read. Raises NotFetched."""
        for _ in range(MAX_REDIRECTS + 1):
            found = self._one(url, limit)
            target = found.headers.get("location")
            if found.status not in _REDIRECTS or not target:
                return found
            try:
                url = urljoin(url, target)
            except ValueError as error:  # a bracket that is no address's
                raise NotFetched(f"{url[:200]} redirects to what is no address: {error}") from None
        raise NotFetched(f"{url} redirects more than {MAX_REDIRECTS} times")

    def _one(self, url: str, limit: int) -> Fetched:
        left = self._until - time.monotonic()
        if left <= 0:
            raise NotFetched(f"{url} was not read: {TOTAL_SECONDS:.0f} s are over")
        if not _is_address(url):
            raise NotFetched(f"{url[:200]} is no http or https address")
        try:
            return self._read(url, limit, min(FETCH_SECONDS, left))
        except (OSError, http.client.HTTPException, ValueError) as error:
            said = str(error) or type(error).__name__
            raise NotFetched(f"{url[:200]} can't be read: {said}") from None

    def _read(self, url: str, limit: int, seconds: float) -> Fetched:
        parts = urlsplit(url)
        host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
        connection = http.client.HTTPConnection(host, port, timeout=seconds)
        # Connected here, to the very address that was looked at: a name may answer differently next.
        connection.sock = self._connected(parts.scheme, host, port, seconds)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Host": parts.netloc.rpartition("@")[2], "Accept-Encoding": "identity"}
        try:
            connection.request("GET", path, headers={**headers, "User-Agent": "headwater-check"})
            answer = connection.getresponse()
            body = self._body(answer, limit + 1)
            said = {name.lower(): value for name, value in answer.getheaders()}
            packed = said.get("content-encoding", "identity").lower()
            if packed not in ("", "identity"):
                raise NotFetched(
                    f"{url[:200]} came packed as {packed[:20]}, and was asked for as it is"
                )
            return Fetched(url, answer.status, said, body[:limit], len(body) <= limit)
        finally:
            connection.close()

    def _body(self, answer: http.client.HTTPResponse, limit: int) -> bytes:
        read = bytearray()
        # Piece by piece: who sends a byte now and then does not keep us beyond the time for all.
        while len(read) < limit and (piece := answer.read1(min(_PIECE, limit - len(read)))):
            read += piece
            if time.monotonic() > self._until:
                raise NotFetched(f"it was not complete when {TOTAL_SECONDS:.0f} s were over")
        return bytes(read)

    def _connected(self, scheme: str, host: str, port: int, seconds: float) -> socket.socket:
        address = self._address(host, port)
        plain = socket.create_connection((address, port), timeout=seconds)
        if scheme == "http":
            return plain
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)

    def _address(self, host: str, port: int) -> str:
        found = [
            str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        ]
        if not self.allows_private and not all(map(_is_public, found)):
            raise NotFetched(
                f"{host} is {found[0]}, which is not public; only a page that is there itself may lead there"
            )
        return found[0]


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in _PORTS and bool(parts.hostname)
    except ValueError:
        return False


def is_private(url: str) -> bool:
    """Whether the address that a user gave is not public: his own machine, or network."""
    try:
        host = urlsplit(url).hostname or ""
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        return False
    return not all(_is_public(str(each[4][0])) for each in found)


def _is_public(address: str) -> bool:
    parsed = ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    return bool(mapped.is_global) and not mapped.is_multicast
