"""Style sheets, scripts and pictures: served under the hash of their content, kept for ever."""

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from msgspec import Struct
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

_TYPES: Final[Mapping[str, str]] = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}

COMPRESSED: Final = (Middleware(GZipMiddleware, minimum_size=1024, compresslevel=5),)
"""For routes whose answers are text. No page holds a secret beside what its address says, so that
its compressed length tells nothing."""

_FOR_EVER: Final = "public, max-age=31536000, immutable"


class Asset(Struct, frozen=True):
    """One static file, in memory: all of them together are a few dozen kilobytes."""

    name: str
    digest: str
    content: bytes

    @property
    def path(self) -> str:
        """Its address on this server; another content has another address."""
        return f"/static/{self.digest}/{self.name}"


class Assets:
    """Every static file of the pages."""

    def __init__(self) -> None:
        folder = files("headwater.server.web") / "static"
        self._assets = {
            entry.name: _asset(entry.name, entry.read_bytes())
            for entry in folder.iterdir()
            if entry.name.rpartition(".")[2] in _TYPES
        }

    def path(self, name: str) -> str:
        """Where to find a file; for templates. Raises KeyError for one that is not there."""
        return self._assets[name].path

    def routes(self) -> list[BaseRoute]:
        """The door for browsers."""
        return [Route("/static/{digest}/{name}", self._serve, name="static", middleware=COMPRESSED)]

    async def _serve(self, request: Request) -> Response:
        asset = self._assets.get(request.path_params["name"])
        if asset is None or asset.digest != request.path_params["digest"]:
            # Not even another version under this address: it would be kept for ever.
            return Response("There is no such file.", 404, {"Cache-Control": "no-store"})
        headers = {
            "Cache-Control": _FOR_EVER,
            "Content-Type": _TYPES[asset.name.rpartition(".")[2]],
            "X-Content-Type-Options": "nosniff",
        }
        return Response(asset.content, headers=headers)


def _asset(name: str, content: bytes) -> Asset:
    return Asset(name, hashlib.sha256(content).hexdigest()[:16], content)
