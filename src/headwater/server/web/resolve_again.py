"""The buttons that have stored events resolved again. Nobody waits for it: pages say how far it is."""

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.errors import NothingThere
from headwater.server.web.gate import Gate
from headwater.server.web.issues.shelves import existing_issue
from headwater.server.web.next_page import safe_next
from headwater.server.web.projects.project_pages import existing
from headwater.server.web.visit import Visit
from headwater.storage.events.events import Events
from headwater.storage.events.healings import MAX_SUBJECT, Healings, Kind
from headwater.storage.issues.issues import Issues
from headwater.storage.projects import Projects


class ResolveAgain:
    """Posted to from an event's, an issue's or a release's page."""

    def __init__(
        self, gate: Gate, projects: Projects, issues: Issues, events: Events, healings: Healings
    ) -> None:
        self._gate = gate
        self._projects = projects
        self._issues = issues
        self._events = events
        self._healings = healings

    def routes(self) -> list[BaseRoute]:
        return [
            self._gate.post("/issues/{issue}/resolve-again", self._issue),
            self._gate.post("/issues/{issue}/events/{event}/resolve-again", self._event),
            self._gate.post("/projects/{project}/resolve-again", self._project),
        ]

    def _issue(self, visit: Visit) -> Response:
        issue = existing_issue(self._issues, visit.path("issue"))
        return self._ask(visit, issue.project_id, Kind.ISSUE, str(issue.id))

    def _event(self, visit: Visit) -> Response:
        issue = existing_issue(self._issues, visit.path("issue"))
        stored = self._events.get(issue.project_id, visit.path("event").lower())
        if stored is None:
            raise NothingThere(f"There is no event {visit.path('event')} in this project.")
        return self._ask(visit, issue.project_id, Kind.EVENT, stored.event_id)

    def _project(self, visit: Visit) -> Response:
        project = existing(self._projects, visit.path("project"))
        release = visit.form.get("release", "")[:MAX_SUBJECT]
        kind = Kind.RELEASE if release else Kind.PROJECT
        return self._ask(visit, project.id, kind, release)

    def _ask(self, visit: Visit, project_id: int, kind: Kind, subject: str) -> Response:
        self._healings.ask(project_id, kind, subject, visit.now)
        return RedirectResponse(safe_next(visit.form.get("back", "")), 303)
