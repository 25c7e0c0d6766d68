"""What `headwater doctor` asks of a server: its own view, a body taken and forgotten, and a project for
a moment."""

from datetime import UTC, datetime
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.server.answer import answer
from headwater.server.auth import TokenGuard
from headwater.server.body import pieces
from headwater.server.doctor.check import worst
from headwater.server.doctor.inside import Inside
from headwater.server.errors import NothingThere, Overloaded
from headwater.server.numbers import number_in
from headwater.server.paths import segment
from headwater.storage.examinations import Examinations, TooManyExaminations
from headwater.storage.people.tokens import Scope

MAX_PROBE: Final = 10 * 1024**2
"""Bytes of a body that is taken and forgotten: the doctor's largest has 8 MiB."""

PROBE_SECONDS: Final = 60
"""For a whole one: 8 MiB at 1.2 Mbit/s."""

_HOME: Final = "/api/0/organizations/{org}/doctor/"


class DoctorDoor:
    """`{org}` may be any value."""

    def __init__(self, guard: TokenGuard, inside: Inside, examinations: Examinations) -> None:
        self._guard = guard
        self._inside = inside
        self._examinations = examinations

    def routes(self) -> list[BaseRoute]:
        """For the app."""
        return [
            Route(_HOME, self.show, methods=["GET"]),
            Route(_HOME + "body/", self.take, methods=["POST"]),
            Route(_HOME + "examinations/", self.begin, methods=["POST"]),
            Route(_HOME + "examinations/{project}/", self.end, methods=["DELETE"]),
        ]

    def show(self, request: Request) -> Response:
        """What the server knows of itself; for tokens of the whole instance only."""
        self._guard.require_instance(request)
        checks = self._inside.checks()
        return answer({"outcome": worst(checks), "checks": checks})

    async def take(self, request: Request) -> Response:
        """How many bytes came in."""
        await run_in_threadpool(self._guard.require, request, Scope.UPLOAD)
        size = 0
        async for piece in pieces(request, MAX_PROBE, PROBE_SECONDS):
            size += len(piece)
        return answer({"bytes": size})

    def begin(self, request: Request) -> Response:
        """A project that is in no list, with a token for it."""
        self._guard.require(request, Scope.UPLOAD)
        now = datetime.now(UTC)
        try:
            examination = self._examinations.begin(now)
        except TooManyExaminations as error:
            raise Overloaded(str(error)) from None
        project = examination.project
        made = {
            "id": str(project.id),
            "slug": project.slug,
            "publicKey": project.public_key,
            "token": examination.secret,
            "now": now,
        }
        return answer(made, 201)

    def end(self, request: Request) -> Response:
        """Everything of it is gone; asked with its own token."""
        token = self._guard.require(request, Scope.FULL)
        project_id = number_in(segment(request, "project"))
        if token.project_id != project_id or not self._examinations.end(
            project_id, datetime.now(UTC)
        ):
            raise NothingThere("There is no examination of this number and token.")
        return Response(status_code=204)
