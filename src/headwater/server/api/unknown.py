"""API paths that nobody answers: a JSON 404, counted and logged, so that we learn what is asked."""

from datetime import UTC, datetime
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from headwater.server.answer import answer
from headwater.server.paths import sent_path
from headwater.storage.outcomes import NO_PROJECT, Outcomes

MAX_SHOWN: Final = 200
"""Characters of a client's own words that go to the log."""


class UnknownPaths:
    """Answers what no other door does, wherever in the list of routes it stands."""

    def __init__(self, outcomes: Outcomes) -> None:
        self._outcomes = outcomes

    def routes(self) -> list[BaseRoute]:
        """For the app; behind the other doors, so that a wrong method is told as such."""
        return [_Otherwise("/api/0/{path:path}", self.refuse)]

    async def refuse(self, request: Request) -> Response:
        """404, with a sentence."""
        path = sent_path(request)[:MAX_SHOWN]
        agent = request.headers.get("user-agent", "")[:MAX_SHOWN]
        self._outcomes.count(NO_PROJECT, "api", "unknown_path", datetime.now(UTC))
        structlog.get_logger().warning(
            "unknown API path", method=request.method, path=path, user_agent=agent
        )
        return answer({"detail": f"Headwater has no {request.method} {path}."}, 404)


class _Otherwise(Route):
    """Matches like a known path with a wrong method, that is, only if no route matches wholly."""

    def __init__(self, path: str, endpoint: object) -> None:
        super().__init__(path, endpoint)  # type: ignore[arg-type]
        self.methods = None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child = super().matches(scope)
        return (Match.NONE if match is Match.NONE else Match.PARTIAL), child
