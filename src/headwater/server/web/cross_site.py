"""Whether a form came from one of our own pages (the check against cross-site request forgery).

The session cookie is SameSite=Lax already; this also holds for signing in, where there is no cookie
yet, and for other programs on the same host.
"""

from urllib.parse import urlsplit

from starlette.requests import Request

_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_ours(request: Request, own_origins: tuple[str, ...]) -> bool:
    """`own_origins` are the addresses that this server goes by, such as `https://errors.example.com`.

    Browsers say where a request comes from in Sec-Fetch-Site (not over plain http, except to
    localhost) or in Origin (every non-GET). One that says nothing is refused: it is not a browser's
    form, and scripts have the API.
    """
    said = request.headers.get("sec-fetch-site")
    if said is not None:
        return said in ("same-origin", "none")
    origin = request.headers.get("origin", "")
    # Only host and port count: behind a TLS proxy that does not say so, we see http, the browser
    # says https, and a page on the same host and port is ours either way.
    return _host(origin) is not None and _host(origin) in {_host(own) for own in own_origins}


def _host(origin: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or parts.scheme not in _DEFAULT_PORTS:
        return None
    # https://host and http://host are both "no port": the scheme is what may be unknown to us.
    return parts.hostname, 0 if port in (None, *_DEFAULT_PORTS.values()) else int(port or 0)
