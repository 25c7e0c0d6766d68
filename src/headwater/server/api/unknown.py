"""API paths that nobody answers: a JSON 404, counted and logged, so that we learn what is asked."""

from datetime import UTC, datetime
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from headwater.server.answer import answer
from headwater.server.otherwise import Otherwise
from headwater.server.paths import sent_path
from headwater.storage.queue.outcomes import NO_PROJECT, Outcomes

MAX_SHOWN: Final = 200
"""Characters of a client's own words that go to the log."""


class UnknownPaths:
    """Answers what no other door does, wherever in the list of routes it stands."""

    def __init__(self, outcomes: Outcomes) -> None:
        self._outcomes = outcomes

    def routes(self) -> list[BaseRoute]:
        """For the app; behind the other doors, so that a wrong method is told as such."""
        return [Otherwise("/api/0/{path:path}", self.refuse)]

    async def refuse(self, request: Request) -> Response:
        """404, with a sentence."""
        path = sent_path(request)[:MAX_SHOWN]
        agent = request.headers.get("user-agent", "")[:MAX_SHOWN]
        self._outcomes.count(NO_PROJECT, "api", "unknown_path", datetime.now(UTC))
        structlog.get_logger().warning(
            "unknown API path", method=request.method, path=path, user_agent=agent
        )
        return answer({"detail": f"Headwater has no {request.method} {path}."}, 404)
