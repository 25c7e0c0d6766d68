"""What was received, and what became of it: of a project, and of the whole server."""

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from headwater.server.received import Span, received
from headwater.server.web.chart import Chart, Column, Series, chart
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.projects.project_pages import existing
from headwater.server.web.visit import Visit
from headwater.storage.projects import Project, Projects
from headwater.storage.queue.dead_letters import DeadLetters
from headwater.storage.queue.outcomes import NO_PROJECT, Outcomes

OF_NO_PROJECT: Final = "no-project"
"""In the address: what came with an unknown key, or to an unknown path."""

SERIES: Final = (
    Series("accepted", "Accepted"),
    Series("duplicates", "Duplicates"),
    Series("refused", "Not accepted"),
)


class ReceivedPages:
    """`/projects/…/received`, and `/received` for administrators."""

    def __init__(
        self,
        gate: Gate,
        look: Look,
        projects: Projects,
        outcomes: Outcomes,
        dead_letters: DeadLetters,
    ) -> None:
        self._gate = gate
        self._look = look
        self._projects = projects
        self._outcomes = outcomes
        self._dead_letters = dead_letters

    def routes(self) -> list[BaseRoute]:
        return [
            self._gate.get("/projects/{project}/received", self._of_project),
            self._gate.get("/received", self._everywhere),
        ]

    def _of_project(self, visit: Visit) -> Response:
        project = existing(self._projects, visit.path("project"))
        return self._page(visit, project, project.id)

    def _everywhere(self, visit: Visit) -> Response:
        of_none = visit.query("of") == OF_NO_PROJECT
        return self._page(visit, None, NO_PROJECT if of_none else None)

    def _page(self, visit: Visit, project: Project | None, project_id: int | None) -> Response:
        account = received(self._outcomes, project_id, visit.now)
        return self._look.page(
            visit,
            "received.html",
            project=project,
            account=account,
            of_none=project_id == NO_PROJECT,
            hours=_chart(account.hours),
            days=_chart(account.days),
            dead=self._dead_letters.count(project_id),
        )


def _chart(spans: Sequence[Span]) -> Chart:
    columns = [
        Column(each.begins, each.ends, (each.accepted, each.duplicates, each.refused))
        for each in spans
    ]
    return chart(SERIES, columns)
