"""To which addresses messages may be sent: decided on the address that is connected to, not on the name."""

import ipaddress
import socket
from typing import Any, Final

from msgspec import Struct

CONNECT_SECONDS: Final = 5.0
"""Until a receiver has to take a connection."""

MAX_ADDRESSES: Final = 4
"""Of those that a name has, so many are tried."""


class AddressRefused(Exception):
    """An address that must not be connected to; the message says which and why."""


class AddressGuard(Struct, frozen=True):
    """`allows_private`: whether receivers may be on this machine or in its network."""

    allows_private: bool

    def connect(self, host: str, port: int, timeout: float = CONNECT_SECONDS) -> socket.socket:
        """A connection to one of the host's addresses. Raises AddressRefused, OSError."""
        error: OSError | None = None
        for address in self.addresses(host, port)[:MAX_ADDRESSES]:
            try:
                # To the address that was judged: a name may answer otherwise the next time.
                return socket.create_connection(address, timeout)
            except OSError as refused:
                error = refused
        raise error or OSError("the name has no address")

    def addresses(self, host: str, port: int) -> list[tuple[str, int]]:
        """What the name leads to. Raises AddressRefused if any of it is refused, OSError."""
        found: list[Any] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        ips = list(dict.fromkeys(str(each[4][0]) for each in found))
        for ip in ips:
            self.check(ip)
        return [(ip, port) for ip in ips]

    def check(self, ip: str) -> None:
        """Raises AddressRefused."""
        address = _unwrapped(ipaddress.ip_address(ip.partition("%")[0]))
        if address.is_link_local or address.is_multicast or address.is_unspecified:
            # Link-local is where clouds tell every process their machine's credentials.
            raise AddressRefused("link-local and multicast addresses are never sent to")
        if not self.allows_private and not address.is_global:
            raise AddressRefused(
                "the address is a private one, and HEADWATER_ALERT_PRIVATE_ADDRESSES is off"
            )


def _unwrapped(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or _translated(address)
        return inner or address
    return address


def _translated(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
