"""The list of issues: what was found, how it went lately, and what can be done about several at once."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from msgspec import Struct
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.numbers import number_in
from headwater.server.release_findings import ReleaseRecords
from headwater.server.web.gate import Gate
from headwater.server.web.issues.asked import ORDERS, TABS, Asked
from headwater.server.web.issues.mutes import CHOICES
from headwater.server.web.issues.resolving import SHOWN, choices
from headwater.server.web.issues.shelves import MAX_BULK, Shelves, event_path, state_of
from headwater.server.web.issues.spark import PERIODS, Spark, spark
from headwater.server.web.look import Look
from headwater.server.web.projects.project_pages import existing
from headwater.server.web.projects.sdk_snippets import dsn, sdk_snippets
from headwater.server.web.visit import Visit
from headwater.storage.issues.figures import Figures
from headwater.storage.issues.issue import Issue
from headwater.storage.issues.issues import EVERY, MAX_COUNTED
from headwater.storage.issues.search import Criterion, MadeAfter, Search
from headwater.storage.page import PER_PAGE, Page, PageRequest
from headwater.storage.projects import Project


class Row(Struct, frozen=True):
    """An issue in the list. `home`: its project's name."""

    issue: Issue
    figures: Figures
    spark: Spark
    home: str
    assignee: str

    @property
    def state(self) -> str:
        """In the word of the pages."""
        return state_of(self.issue)


class IssueList:
    """`/issues`, `/projects/…/issues`."""

    def __init__(
        self,
        gate: Gate,
        look: Look,
        shelves: Shelves,
        releases: ReleaseRecords,
        address: Callable[[Visit], str],
    ) -> None:
        self._gate = gate
        self._look = look
        self._shelves = shelves
        self._releases = releases
        self._address = address

    def routes(self) -> list[BaseRoute]:
        return [
            self._gate.get("/issues", self._everywhere),
            self._gate.get("/issues/new", self._new),
            self._gate.get("/projects/{project}/issues", self._of_project),
        ]

    def _everywhere(self, visit: Visit) -> Response:
        return self._list(visit, None, self._look.seen(visit))

    def _of_project(self, visit: Visit) -> Response:
        seen, slug = self._look.seen(visit), visit.path("project")
        project = next((each for each in seen if each.slug == slug), None)
        return self._list(visit, project or existing(self._shelves.projects, slug), seen)

    def _list(self, visit: Visit, project: Project | None, seen: Collection[Project]) -> Response:
        shelves = self._shelves
        asked = Asked.of(visit, shelves.user_of)
        event = shelves.event_of(asked.query, visit.projects)
        if event is not None:
            return RedirectResponse(event_path(event), 303)
        projects = visit.projects if project is None else (project.id,)
        (found, total), people = self._found(asked, projects), shelves.people(visit.projects)
        is_new = not total and not shelves.issues.ids(projects, EVERY, 1)
        own_dsn = dsn(project, self._address(visit)) if project and is_new else ""
        return self._look.page(
            visit,
            "issues.html",
            project=project,
            projects=seen,
            asked=asked,
            tabs=TABS,
            orders=ORDERS,
            periods=PERIODS,
            mutes=CHOICES,
            resolving=choices(shelves.releases.newest(project.id, SHOWN) if project else ()),
            saved=shelves.saved.of_user(visit.user.id) if visit.user else (),
            people=people,
            rows=self._rows(found.items, asked, people, seen, visit.now),
            max_bulk=MAX_BULK,
            total=min(total, MAX_COUNTED),
            has_more=total > MAX_COUNTED,
            has_next=found.has_next,
            pages=-(-total // PER_PAGE),
            why_nothing=""
            if total or asked.wrong
            else shelves.why_nothing(asked.query, visit.projects),
            newest_issue=shelves.issues.newest(projects),
            is_new=is_new,
            newest=self._releases.newest(project.id) if project else None,
            sdks=sdk_snippets(own_dsn, project.platform) if project and is_new else (),
        )

    def _found(self, asked: Asked, projects: Collection[int] | None) -> tuple[Page[Issue], int]:
        request = PageRequest(number=asked.number - 1)
        if asked.wrong:
            return request.page(()), 0
        return self._shelves.issues.found(projects, asked.search, request)

    def _rows(
        self,
        issues: Collection[Issue],
        asked: Asked,
        people: Mapping[int, str],
        homes: Collection[Project],
        now: datetime,
    ) -> list[Row]:
        ids = [issue.id for issue in issues]
        figures = self._shelves.figures.of(ids, asked.period.since(now), asked.period.hours)
        names = {each.id: each.name for each in homes}
        return [
            Row(
                issue,
                figures[issue.id],
                spark(figures[issue.id].hours, asked.period, now),
                names.get(issue.project_id, ""),
                people.get(issue.assignee_id or 0, ""),
            )
            for issue in issues
        ]

    def _new(self, visit: Visit) -> Response:
        """How many issues that are searched for came after the one of that number."""
        asked = Asked.of(visit, self._shelves.user_of)
        after = Criterion(MadeAfter(number_in(visit.query("after", "0"))))
        named = visit.query("project")
        projects = visit.projects
        if named:
            project = self._shelves.projects.get(named)
            is_seen = project is not None and visit.may_see(project.id)
            projects = frozenset((project.id,) if project and is_seen else ())
        search = Search((*asked.search.criteria, after))
        return JSONResponse(
            {"count": 0 if asked.wrong else self._shelves.issues.count(projects, search)}
        )
