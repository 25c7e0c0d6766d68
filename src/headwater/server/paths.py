"""What holds for every address under /api/0/: a value is one segment, the last slash is optional, and
none holds the character 0, which PostgreSQL can't be asked for.

Release versions contain slashes, which clients send as `%2F`. Servers decode a path before it is
routed, so `releases/app%2F1.0/` would become two segments. Here the slash inside of a segment is
kept apart until `segment` gives it back.
"""

from typing import Final
from urllib.parse import quote, unquote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX: Final = "/api/0/"

_SLASH: Final = "\ufdd0"
"""Stands for a slash inside of a segment: a code point that never stands for a character."""

_ZERO: Final = "\ufdd1"
"""Stands for the character 0: another such code point, which no name has either."""

_ENCODED_ZERO: Final = quote(_ZERO).encode()


class ApiPaths:
    """ASGI middleware, to be put around the router."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Route `/api/0/…` by its segments, and keep clients from caching the answers.

        The TypeScript client caches any GET for five minutes that does not forbid it, the upload
        options too.
        """
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return

        async def send_uncached(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Cache-Control"] = "no-store"
            await send(message)

        query = scope["query_string"].replace(b"%00", _ENCODED_ZERO)
        asked = {**scope, "path": _path(scope), "query_string": query}
        await self._app(asked, receive, send_uncached)


def segment(request: Request, name: str) -> str:
    """The decoded value of a path parameter, with its slashes."""
    value: str = request.path_params[name]
    return value.replace(_SLASH, "/")


def sent_path(request: Request) -> str:
    """The path as the client wrote it, percent-encoded, without the query."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    return raw.partition(b"?")[0].decode("latin-1")


def _path(scope: Scope) -> str:
    raw = scope.get("raw_path")
    if raw is None:
        path: str = scope["path"]
    else:
        # Some servers hand in the query with it.
        encoded = raw.partition(b"?")[0].decode("latin-1")
        path = "/".join(unquote(part).replace("/", _SLASH) for part in encoded.split("/"))
    path = path.replace("\x00", _ZERO)
    return path if path.endswith("/") else path + "/"
