"""Which proxy answered, and the line of its configuration that lets larger requests through."""

from collections.abc import Mapping
from typing import Final

_WANTED: Final = 32 * 1024**2
"""Bytes to allow: the largest that a client sends in one request, with room around it."""

_LINES: Final[Mapping[str, str]] = {
    "nginx": "nginx: `client_max_body_size 32m;` in its `server` block (ingress-nginx: the annotation"
    ' `nginx.ingress.kubernetes.io/proxy-body-size: "32m"`)',
    "traefik": "Traefik: `buffering: { maxRequestBodyBytes: "
    f"{_WANTED} }}` in the middleware of the route",
    "caddy": "Caddy: `request_body { max_size 32MB }` in the site's block",
    "apache": f"Apache: `LimitRequestBody {_WANTED}`",
    "cloudflare": "Cloudflare: the limit is the plan's (100 MB on Free and Pro); a smaller one is a WAF"
    " rule of yours, or the proxy behind it",
}

_BY_HEADER: Final[Mapping[str, str]] = {
    "nginx": "nginx",
    "openresty": "nginx",
    "traefik": "traefik",
    "caddy": "caddy",
    "apache": "apache",
    "cloudflare": "cloudflare",
}


def proxy_of(headers: Mapping[str, str]) -> str | None:
    """`nginx`, `caddy` …, as far as an answer's headers (in lower case) tell."""
    if "cf-ray" in headers:
        return "cloudflare"
    said = f"{headers.get('server', '')} {headers.get('via', '')}".lower()
    return next((name for mark, name in _BY_HEADER.items() if mark in said), None)


def larger_bodies(proxy: str | None) -> str:
    """What to change for larger requests; for every proxy that it may be."""
    lines = [_LINES[proxy]] if proxy else list(_LINES.values())
    return (
        f"Allow larger requests in the proxy. {'; '.join(lines)}. Or let clients send less at a time:"
        " HEADWATER_CHUNK_SIZE and HEADWATER_MAX_UPLOAD_REQUEST."
    )


FORWARDED: Final = (
    "Let the proxy say how it was reached: nginx `proxy_set_header Host $host; proxy_set_header"
    " X-Forwarded-Proto $scheme;`; Traefik and Caddy do it by themselves, Apache with `ProxyPreserveHost"
    ' On` and `RequestHeader set X-Forwarded-Proto "https"`. TRUSTED_PROXIES must name the proxy\'s'
    " address. Or set PUBLIC_URL to the address that clients use."
)
"""How the address of uploads comes out right."""
