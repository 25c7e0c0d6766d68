"""Who am I: what `sentry-cli info` and the plugins ask first."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.server.answer import answer
from headwater.server.auth import TokenGuard
from headwater.server.errors import NothingThere
from headwater.storage.people.tokens import Scope

_SCOPES: Final = {
    Scope.UPLOAD: ("org:ci", "org:read", "project:read", "project:releases"),
    Scope.FULL: ("event:read", "org:ci", "org:read", "project:read", "project:releases"),
}
"""What our scopes are called in Sentry's."""


class RootDoor:
    """The API's root."""

    def __init__(self, guard: TokenGuard) -> None:
        self._guard = guard

    def routes(self) -> list[BaseRoute]:
        """For the app."""
        return [
            Route("/api/0/", self.root, methods=["GET"]),
            Route("/api/0/auth/", self.auth, methods=["GET"]),
            Route("/api/0/users/me/regions/", self.regions, methods=["GET"]),
        ]

    def root(self, request: Request) -> Response:
        """What the token may do; without a token, that there is none."""
        if not self._guard.carries_token(request):
            return answer({"version": "0", "auth": None, "user": None})
        token = self._guard.require(request, Scope.UPLOAD)
        return answer({"version": "0", "auth": {"scopes": _SCOPES[token.scope]}, "user": None})

    def auth(self, request: Request) -> Response:
        """The token's name, where Sentry has the user's."""
        token = self._guard.require(request, Scope.UPLOAD)
        return answer({"id": str(token.id), "name": token.name, "username": token.name})

    def regions(self, request: Request) -> Response:
        """sentry-cli goes on without regions."""
        self._guard.require(request, Scope.UPLOAD)
        raise NothingThere("This server has no regions.")
