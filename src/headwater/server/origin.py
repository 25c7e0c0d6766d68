"""The origin that a client used to reach us: `https://errors.example.com`.

Upload clients refuse an address on another origin than the one they were given, down to the scheme
and port. So it is taken from the request, and from a setting only where that can't be wrong.
"""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct
from starlette.requests import Request

_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}

_HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
"""A name or address, and a port. Anything else in its place is passed over."""


class UnreadableProxies(ValueError):
    """The list of trusted proxies can't be understood; the message names the entry."""


class TrustedProxies(Struct, frozen=True):
    """Whose X-Forwarded headers are believed."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    anyone: bool = False

    @classmethod
    def parse(cls, text: str) -> "TrustedProxies":
        """From `127.0.0.1, 10.0.0.0/8`, or `*` for anyone. Raises UnreadableProxies."""
        entries = [entry.strip() for entry in text.split(",") if entry.strip()]
        if "*" in entries:
            return cls(anyone=True)
        try:
            return cls(tuple(ip_network(entry, strict=False) for entry in entries))
        except ValueError as error:
            raise UnreadableProxies(
                f"TRUSTED_PROXIES takes addresses, networks or '*', separated by commas: {error}"
            ) from None

    def trust(self, request: Request) -> bool:
        """Whether the connection comes from one of them."""
        if self.anyone:
            return True
        if request.client is None:  # a Unix socket has no address
            return False
        try:
            address = ip_address(request.client.host)
        except ValueError:
            return False
        # A socket for both families shows IPv4 clients as ::ffff:10.0.0.1.
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in self.networks)


class Origins(Struct, frozen=True):
    """Tells the origin of each request, by this server's settings."""

    public_url: str = ""
    trusted: TrustedProxies = TrustedProxies()

    def of(self, request: Request) -> str:
        """`scheme://host[:port]`, without a slash at the end."""
        return origin(request, self.public_url, self.trusted)


def origin(request: Request, public_url: str, trusted: TrustedProxies) -> str:
    """`scheme://host[:port]`, without a slash at the end.

    `public_url` decides the scheme when it names the very host that the client used: behind a TLS
    proxy that does not say so, the request alone would look like plain http.
    """
    scheme: str = request.scope["scheme"]
    host = request.headers.get("host", "")
    if trusted.trust(request):
        proto = _first(request.headers.get("x-forwarded-proto", "")).lower()
        scheme = proto if proto in _DEFAULT_PORTS else scheme
        forwarded = _first(request.headers.get("x-forwarded-host", ""))
        host = forwarded if _HOST.fullmatch(forwarded) else host
    public = urlsplit(public_url)
    if not _HOST.fullmatch(host):
        return f"{public.scheme}://{public.netloc}" if public.netloc else _server(request)
    if public.netloc and _same_host(public.netloc, host, public.scheme):
        scheme = public.scheme
    return f"{scheme.lower()}://{host}"


def _first(header: str) -> str:
    # Proxies in a row append: the first entry is the one that the client talked to.
    return header.partition(",")[0].strip()


def _same_host(one: str, other: str, scheme: str) -> bool:
    port = _DEFAULT_PORTS.get(scheme, "")
    return one.lower().removesuffix(port) == other.lower().removesuffix(port)


def _server(request: Request) -> str:
    host, port = request.scope.get("server") or ("localhost", None)
    return f"{request.scope['scheme']}://{host}" + (f":{port}" if port else "")
