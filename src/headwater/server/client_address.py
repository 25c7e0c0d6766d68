"""Who is really asking, behind proxies: for counting wrong passwords and for showing where sessions and
tokens are used, not for letting anyone in."""

from ipaddress import ip_address

from starlette.requests import Request

from headwater.server.origin import TrustedProxies


def client_address(request: Request, trusted: TrustedProxies) -> str:
    """The nearest address in X-Forwarded-For that is not a proxy of ours; empty on a Unix socket.

    Each proxy adds whom it saw at the right; what is further left may be made up by the client.
    """
    peer = request.client.host if request.client else ""
    if not trusted.trust(request):
        return peer
    hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",")]
    named = [hop for hop in reversed(hops) if hop]
    return next((hop for hop in named if trusted.anyone or not _is_ours(hop, trusted)), peer)


def _is_ours(hop: str, trusted: TrustedProxies) -> bool:
    try:
        address = ip_address(hop)
    except ValueError:
        return False
    return any(address in network for network in trusted.networks)
