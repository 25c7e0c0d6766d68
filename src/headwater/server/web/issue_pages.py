"""The list of issues, and what a person decides about one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.errors import MalformedRequest, NothingThere
from headwater.server.numbers import number_in
from headwater.server.release_findings import ReleaseRecords
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.next_page import safe_next
from headwater.server.web.project_pages import existing
from headwater.server.web.sdk_snippets import dsn, sdk_snippets
from headwater.server.web.visit import Visit
from headwater.storage.issues import Issue, Issues, Status
from headwater.storage.page import PageRequest
from headwater.storage.projects import Project, Projects

STATES: Final = (
    ("unresolved", "Unresolved", Status.UNRESOLVED),
    ("resolved", "Resolved", Status.RESOLVED),
    ("muted", "Muted", Status.IGNORED),
    ("all", "All", None),
)
"""Word in addresses and forms, word for people, and what it is in the database."""

MAX_QUERY: Final = 200
"""Characters that are searched for; a title has hardly more."""


@dataclass(frozen=True, slots=True)
class _Row:
    issue: Issue
    state: str
    home: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks the list for."""

    path: str
    state: str
    query: str
    number: int

    def link(self, **changes: object) -> str:
        """The same list with something changed; what is as by default is left out."""
        fields = {"state": self.state, "q": self.query, "page": self.number} | changes
        defaults = {"state": "unresolved", "q": "", "page": 1}
        said = {name: value for name, value in fields.items() if value != defaults[name]}
        return f"{self.path}?{urlencode(said)}" if said else self.path


class IssuePages:
    """`/issues`, `/projects/…/issues`."""

    def __init__(
        self,
        gate: Gate,
        look: Look,
        projects: Projects,
        issues: Issues,
        releases: ReleaseRecords,
        address: Callable[[Visit], str],
    ) -> None:
        self._gate = gate
        self._look = look
        self._projects = projects
        self._issues = issues
        self._releases = releases
        self._address = address

    def routes(self) -> list[BaseRoute]:
        return [
            self._gate.get("/issues", self._everywhere),
            self._gate.get("/projects/{project}/issues", self._of_project),
            self._gate.post("/issues/{issue}/status", self._decide),
        ]

    def _everywhere(self, visit: Visit) -> Response:
        return self._list(visit, None)

    def _of_project(self, visit: Visit) -> Response:
        return self._list(visit, existing(self._projects, visit.path("project")))

    def _list(self, visit: Visit, project: Project | None) -> Response:
        asked = _asked(visit)
        status = next(status for word, _, status in STATES if word == asked.state)
        project_id = project.id if project else None
        page = self._issues.list(
            project_id, status, asked.query, PageRequest(number=asked.number - 1)
        )
        names = {each.id: each.name for each in self._projects.all()}
        own_dsn = dsn(project, self._address(visit)) if project else ""
        return self._look.page(
            visit,
            "issues.html",
            project=project,
            asked=asked,
            states=STATES,
            rows=[
                _Row(issue, state_of(issue), names.get(issue.project_id, ""))
                for issue in page.items
            ],
            has_next=page.has_next,
            is_new=not page.items and not self._issues.list(project_id).items,
            newest=self._releases.newest(project.id) if project else None,
            sdks=sdk_snippets(own_dsn, project.platform) if project else (),
        )

    def _decide(self, visit: Visit) -> Response:
        issue = existing_issue(self._issues, visit.path("issue"))
        wanted = visit.form.get("state", "")
        status = next((status for word, _, status in STATES if word == wanted), None)
        if status is None:
            raise MalformedRequest("An issue can be resolved, muted or unresolved.")
        self._issues.set_status(issue.id, status, datetime.now(UTC))
        return RedirectResponse(safe_next(visit.form.get("back", "")), 303)


def state_of(issue: Issue) -> str:
    """The issue's state in the word of the pages."""
    return next(word for word, _, status in STATES if status is issue.status)


def existing_issue(issues: Issues, number: str) -> Issue:
    """The issue of an address, or the one that it was merged into. Raises NothingThere."""
    issue = issues.get(number_in(number))
    if issue is None:
        raise NothingThere(f"There is no issue {number} on this server.")
    return issue


def _asked(visit: Visit) -> _Asked:
    state = visit.query("state", "unresolved")
    return _Asked(
        path=visit.request.url.path,
        state=state if state in {word for word, _, _ in STATES} else "unresolved",
        query=visit.query("q").strip()[:MAX_QUERY],
        number=visit.page_number,
    )
