"""Issues, for scripts and for `sentry-cli issues list`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.server.answer import answer
from headwater.server.api.event_shape import summary_shape
from headwater.server.api.page import KeyPage, Page
from headwater.server.api.shapes import ProjectShape
from headwater.server.api.visible import project_of
from headwater.server.auth import TokenGuard
from headwater.server.errors import NothingThere
from headwater.server.issue_query import Asker, read_query
from headwater.server.numbers import number_in
from headwater.server.origin import Origins
from headwater.server.paths import segment
from headwater.storage.events.events import Events
from headwater.storage.issues.announcements import Announcements
from headwater.storage.issues.issue import Issue
from headwater.storage.issues.issues import Issues
from headwater.storage.issues.resolved import NEXT_RELEASE
from headwater.storage.page import PageRequest
from headwater.storage.people.tokens import Scope, Token
from headwater.storage.people.users import Users
from headwater.storage.projects import Project, Projects


class IssuesDoor:
    """`{org}` may be any value; a project's token sees its project only."""

    def __init__(
        self,
        guard: TokenGuard,
        projects: Projects,
        issues: Issues,
        events: Events,
        announcements: Announcements,
        users: Users,
        origins: Origins,
    ) -> None:
        self._guard = guard
        self._projects = projects
        self._issues = issues
        self._events = events
        self._announcements = announcements
        self._users = users
        self._origins = origins

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        of_org, of_project = "/api/0/organizations/{org}/", "/api/0/projects/{org}/{project}/"
        return [
            Route(of_project + "issues/", self.list_of_project, methods=["GET"]),
            Route(of_org + "issues/", self.list, methods=["GET"]),
            Route(of_org + "issues/{issue}/", self.show, methods=["GET"]),
            Route(of_org + "issues/{issue}/events/", self.list_events, methods=["GET"]),
            Route("/api/0/issues/{issue}/", self.show, methods=["GET"]),
            Route("/api/0/issues/{issue}/events/", self.list_events, methods=["GET"]),
        ]

    def list_of_project(self, request: Request) -> Response:
        """A project's issues, last seen first."""
        token = self._guard.require(request, Scope.FULL)
        return self._list(request, project_of(request, token, self._projects))

    def list(self, request: Request) -> Response:
        """Issues of every project that the token may see, or of `?project=<id>`."""
        token = self._guard.require(request, Scope.FULL)
        return self._list(request, self._chosen(request, token))

    def show(self, request: Request) -> Response:
        """One issue; that of a merged one's number is the one it was merged into. `announcement`:
        what is still to be told of it, and from when on."""
        issue = self._issue(request)
        told = self._announcements.of_issue(issue.id)
        waiting = {"reason": told.reason.value, "dueAt": told.due_at} if told else None
        homes = self._projects.several({issue.project_id})
        return answer(self._shape(request, issue, homes) | {"announcement": waiting})

    def list_events(self, request: Request) -> Response:
        """An issue's events, last stored first."""
        issue = self._issue(request)
        page = KeyPage.of(request)
        found = self._events.of_issue(issue.id, page.part)
        shown = [summary_shape(event) for event in found.items]
        keys = [event.id for event in found.items]
        return answer(shown, headers=page.headers(request, keys, has_more=found.has_next))

    def _list(self, request: Request, project_id: int | None) -> Response:
        page = Page.of(request)
        asker = Asker(datetime.now(UTC), None, self._user_of)
        search = read_query(request.query_params.get("query", ""), asker).search()
        projects = None if project_id is None else (project_id,)
        wanted = PageRequest(page.offset // page.size, page.size)
        found = self._issues.list(projects, search, wanted)
        homes = self._projects.several({issue.project_id for issue in found.items})
        shown = [self._shape(request, issue, homes) for issue in found.items]
        return answer(shown, headers=page.headers(request, len(shown) + found.has_next))

    def _user_of(self, email: str) -> int | None:
        user = self._users.by_email(email)
        return user.id if user else None

    def _chosen(self, request: Request, token: Token) -> int | None:
        named = request.query_params.get("project", "")
        if token.project_id is not None or named in ("", "-1"):  # Sentry's "all of them"
            return token.project_id
        project = self._projects.get(named)
        if project is None:
            raise NothingThere(f"There is no project {named!r} here; give its slug or its id.")
        return project.id

    def _issue(self, request: Request) -> Issue:
        token = self._guard.require(request, Scope.FULL)
        named = segment(request, "issue")
        issue = self._issues.get(number_in(named))
        if issue is None or token.project_id not in (None, issue.project_id):
            raise NothingThere(f"There is no issue {named[:40]!r} here.")
        return issue

    def _shape(
        self, request: Request, issue: Issue, homes: Mapping[int, Project]
    ) -> dict[str, Any]:
        project = homes.get(issue.project_id)
        kind, _, value = issue.title.partition(": ")
        return {
            "id": str(issue.id),
            "shortId": f"{project.slug if project else issue.project_id}-{issue.id}".upper(),
            "title": issue.title,
            "culprit": issue.culprit,
            "permalink": f"{self._origins.of(request)}/issues/{issue.id}",
            "level": issue.level,
            "status": issue.status,
            "statusDetails": _details(issue),
            "substatus": None,
            "platform": issue.platform,
            "project": ProjectShape.of(project) if project else None,
            "type": "error",
            "metadata": {"type": kind, "value": value} if value else {"title": issue.title},
            "count": str(issue.event_count),
            "userCount": 0,
            "firstSeen": issue.first_seen,
            "lastSeen": issue.last_seen,
            "latestEventId": issue.latest_event_id,
            "isPublic": False,
            "isBookmarked": False,
            "isSubscribed": False,
            "hasSeen": True,
            "assignedTo": None,
            "annotations": [],
            "logger": None,
            "numComments": 0,
            "shareId": None,
        }


def _details(issue: Issue) -> dict[str, Any]:
    """In which release it is resolved."""
    if issue.resolved_in is None:
        return {}
    is_next = issue.resolved_in == NEXT_RELEASE
    return {"inNextRelease": True} if is_next else {"inRelease": issue.resolved_in}
