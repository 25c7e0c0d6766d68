"""What users say about errors: in a crash dialog, or through a form of the app's own."""

from importlib.resources import files
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.server.answer import answer
from headwater.server.api.page import Page
from headwater.server.api.visible import project_of
from headwater.server.auth import TokenGuard
from headwater.server.bodies import MAX_FORM, Door, read_form, read_user_report
from headwater.server.cross_origin import HEADERS
from headwater.server.errors import NothingThere
from headwater.server.ingest import Ingest
from headwater.storage.events.user_reports import UserReport, UserReports
from headwater.storage.page import PageRequest
from headwater.storage.people.tokens import Scope
from headwater.storage.projects import Project, Projects

_FEEDBACK: Final = "/api/0/projects/{org}/{project}/user-feedback/"
_DIALOG: Final = "/api/embed/error-page"

DIALOG_SECONDS: Final = 600
"""How long a browser may keep the dialog's script: as long as an old one may do after an update."""


class UserFeedbackDoor:
    """`…/user-feedback/`, with a DSN or a token, and the crash dialog of `showReportDialog()`."""

    def __init__(
        self, guard: TokenGuard, projects: Projects, reports: UserReports, ingest: Ingest
    ) -> None:
        self._guard = guard
        self._projects = projects
        self._reports = reports
        self._ingest = ingest
        self._json = Door(read_user_report, MAX_FORM, "MAX_FORM")
        self._form = Door(read_form, MAX_FORM, "MAX_FORM")
        self._script = (files("headwater.server") / "crash_dialog.js").read_bytes()

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        return [
            Route(_FEEDBACK, self.list, methods=["GET"]),
            Route(_FEEDBACK, self.receive, methods=["POST", "OPTIONS"]),
            *(Route(_DIALOG + slash, self.show_dialog, methods=["GET"]) for slash in ("/", "")),
            *(
                Route(_DIALOG + slash, self.receive_form, methods=["POST", "OPTIONS"])
                for slash in ("/", "")
            ),
        ]

    def list(self, request: Request) -> Response:
        """A project's, newest first; also those about events that never came."""
        project = self._of_token(request)
        page = Page.of(request)
        wanted = PageRequest(page.offset // page.size, page.size)
        found = self._reports.of_project(project.id, wanted)
        shown = [_shape(report) for report in found.items]
        return answer(shown, headers=page.headers(request, len(shown) + found.has_next))

    async def receive(self, request: Request) -> Response:
        """`{"event_id", "name", "email", "comments"}`; the event may come later."""
        project = None
        scheme = request.headers.get("authorization", "").strip().partition(" ")[0]
        if scheme.lower() in ("bearer", "token"):
            project = await run_in_threadpool(self._of_token, request)
        return await self._ingest.receive(request, self._json, project)

    async def receive_form(self, request: Request) -> Response:
        """The dialog's `name`, `email` and `comments`; `?eventId=` and `?dsn=` in the address."""
        return await self._ingest.receive(request, self._form)

    async def show_dialog(self, _request: Request) -> Response:
        """The dialog's script: one for everybody, it reads its own address."""
        headers = {
            **HEADERS,
            "Cache-Control": f"public, max-age={DIALOG_SECONDS}",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(self._script, headers=headers, media_type="text/javascript")

    def _of_token(self, request: Request) -> Project:
        token = self._guard.require(request, Scope.FULL)
        project = self._projects.get(str(project_of(request, token, self._projects)))
        if project is None:
            raise NothingThere("The project was deleted just now.")
        return project


def _shape(report: UserReport) -> dict[str, Any]:
    return {
        "eventID": report.event_id,
        "name": report.name,
        "email": report.email,
        "comments": report.comments,
        "dateCreated": report.received_at,
    }
