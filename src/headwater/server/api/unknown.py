"""API paths that nobody answers, of tools and of SDKs: a JSON 404, counted and logged, so that we learn
what is asked."""

from datetime import UTC, datetime
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from headwater.server.answer import answer
from headwater.server.cross_origin import HEADERS, preflight
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
        return [
            Otherwise("/api/0/{path:path}", self.refuse),
            Otherwise("/api/{path:path}", self.refuse_event),
            # Where SDKs send to whose DSN has a path before its project.
            Otherwise("/{before:path}/api/{project:int}/{path:path}", self.refuse_event),
        ]

    async def refuse(self, request: Request) -> Response:
        """404, with a sentence."""
        return answer({"detail": self._counted(request)}, 404)

    async def refuse_event(self, request: Request) -> Response:
        """The same to what is likely to be an SDK, in a browser too."""
        if request.method == "OPTIONS":
            return preflight(request)
        return answer({"detail": f"{self._counted(request)} {_SEE_DSN}"}, 404, HEADERS)

    def _counted(self, request: Request) -> str:
        """Count it and log it; the sentence."""
        path = sent_path(request)[:MAX_SHOWN]
        agent = request.headers.get("user-agent", "")[:MAX_SHOWN]
        self._outcomes.count(NO_PROJECT, "api", "unknown_path", datetime.now(UTC))
        structlog.get_logger().warning(
            "unknown API path", method=request.method, path=path, user_agent=agent
        )
        return f"Headwater has no {request.method} {path}."


_SEE_DSN: Final = (
    "SDKs send to /api/<project>/envelope/, which they make of their DSN: compare it with the one on"
    " the project's set-up page; it has no path but the project's number."
)
