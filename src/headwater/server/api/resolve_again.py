"""Stored events that are to be resolved again: asked for, and how far it is."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.protocol.event_id import parse_event_id
from headwater.server.answer import answer
from headwater.server.api.visible import project_of
from headwater.server.auth import TokenGuard
from headwater.server.errors import NothingThere
from headwater.server.numbers import number_in
from headwater.server.paths import segment
from headwater.storage.events.events import Events
from headwater.storage.events.healings import MAX_SUBJECT, Healing, Healings, Kind
from headwater.storage.issues.issues import Issues
from headwater.storage.people.tokens import Scope
from headwater.storage.projects import Projects

_PROJECT = "/api/0/projects/{org}/{project}/"

_Which = tuple[int, Kind, str]
"""Project, kind and subject of a healing."""


class ResolveAgainDoor:
    """A POST asks for it, a GET says how far it is. `{org}` may be any value."""

    def __init__(
        self,
        guard: TokenGuard,
        projects: Projects,
        issues: Issues,
        events: Events,
        healings: Healings,
    ) -> None:
        self._guard = guard
        self._projects = projects
        self._issues = issues
        self._events = events
        self._healings = healings

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        found: dict[str, Callable[[Request], _Which]] = {
            "/api/0/issues/{issue}/": self._issue,
            "/api/0/organizations/{org}/issues/{issue}/": self._issue,
            _PROJECT + "events/{event_id}/": self._event,
            _PROJECT + "releases/{version}/": self._release,
            _PROJECT: self._project,
        }
        return [
            route
            for path, which in found.items()
            for route in (
                Route(path + "resolve-again/", self._asking(which), methods=["POST"]),
                Route(path + "resolve-again/", self._telling(which), methods=["GET"]),
            )
        ]

    def _asking(self, which: Callable[[Request], _Which]) -> Callable[[Request], Response]:
        def ask(request: Request) -> Response:
            project_id, kind, subject = which(request)
            self._healings.ask(project_id, kind, subject, datetime.now(UTC))
            return answer(self._shape(project_id, kind, subject), 202)

        return ask

    def _telling(self, which: Callable[[Request], _Which]) -> Callable[[Request], Response]:
        def tell(request: Request) -> Response:
            return answer(self._shape(*which(request)))

        return tell

    def _issue(self, request: Request) -> _Which:
        token = self._guard.require(request, Scope.FULL)
        named = segment(request, "issue")
        issue = self._issues.get(number_in(named))
        if issue is None or token.project_id not in (None, issue.project_id):
            raise NothingThere(f"There is no issue {named[:40]!r} here.")
        return issue.project_id, Kind.ISSUE, str(issue.id)

    def _event(self, request: Request) -> _Which:
        project_id, _, _ = self._project(request)
        event_id = parse_event_id(segment(request, "event_id"))
        if event_id is None or self._events.get(project_id, event_id) is None:
            raise NothingThere("There is no such event in this project.")
        return project_id, Kind.EVENT, event_id

    def _release(self, request: Request) -> _Which:
        project_id, _, _ = self._project(request)
        return project_id, Kind.RELEASE, segment(request, "version")[:MAX_SUBJECT]

    def _project(self, request: Request) -> _Which:
        token = self._guard.require(request, Scope.FULL)
        return project_of(request, token, self._projects), Kind.PROJECT, ""

    def _shape(self, project_id: int, kind: Kind, subject: str) -> Mapping[str, object]:
        healing = self._healings.of(project_id, kind, subject)
        if healing is None:
            raise NothingThere("Nobody asked for that within a day; a POST does.")
        return shape(healing)


def shape(healing: Healing) -> Mapping[str, object]:
    """How far it is."""
    return {
        "what": healing.kind.value,
        "which": healing.subject,
        "total": healing.at_least,
        "done": healing.done,
        "changed": healing.changed,
        "dateAsked": healing.asked_at,
        "dateFinished": healing.finished_at,
    }
