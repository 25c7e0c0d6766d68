"""`/metrics` for Prometheus: any web process answers for all processes of the installation.

What processes count they tell with their signs of life, so that it is up to 15 seconds old; each is a
series of its own, since counts begin anew with a process.
"""

import threading
import time
from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.server.auth import TokenGuard
from headwater.server.errors import Overloaded
from headwater.server.gauges import Gauges

CHECK_SECONDS: Final = 5.0
"""How long an answer serves for all who ask: nobody can keep the database busy by asking."""

WAIT_SECONDS: Final = 2.0
"""How long one waits for another's answer: a database that hangs takes no more than a few threads."""


class Metrics:
    """For whoever has a token of an administrator that is good for the whole instance."""

    def __init__(self, guard: TokenGuard, gauges: Gauges) -> None:
        self._guard = guard
        self._gauges = gauges
        self._lock = threading.Lock()
        self._text = b""
        self._asked_at = float("-inf")

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        return [Route("/metrics", self.show, methods=["GET"])]

    def show(self, request: Request) -> Response:
        """Prometheus' text format. Raises as `TokenGuard.require_instance`; Overloaded, DatabaseError,
        OSError."""
        self._guard.require_instance(request)
        # Loaded for those who ask: it takes 1 MB.
        from headwater.server.metric_families import CONTENT_TYPE, text_of  # noqa: PLC0415

        if not self._lock.acquire(timeout=WAIT_SECONDS):
            raise Overloaded("The server is still measuring for somebody else; please try again.")
        try:
            if time.monotonic() - self._asked_at >= CHECK_SECONDS:
                self._text = text_of(self._gauges, datetime.now(UTC))
                self._asked_at = time.monotonic()
            text = self._text
        finally:
            self._lock.release()
        return Response(text, media_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})
