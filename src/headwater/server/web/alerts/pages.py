"""`/alerts` and `/projects/…/alerts`: what is told to whom, and what was."""

from collections import Counter

from starlette.responses import Response
from starlette.routing import BaseRoute

from headwater.server.web.alerts.records import AlertRecords
from headwater.server.web.alerts.words import KINDS, STATES, condition_of
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.projects.project_pages import existing
from headwater.server.web.visit import Visit
from headwater.storage.page import PageRequest
from headwater.storage.projects import Project, Projects


class AlertPages:
    """The lists."""

    def __init__(
        self,
        gate: Gate,
        look: Look,
        projects: Projects,
        alerts: AlertRecords,
        public_url: str,
    ) -> None:
        self._gate = gate
        self._look = look
        self._projects = projects
        self._alerts = alerts
        self._public_url = public_url

    def routes(self) -> list[BaseRoute]:
        return [
            self._gate.get("/alerts", self._everywhere),
            self._gate.get("/alerts/log", self._log),
            self._gate.get("/projects/{project}/alerts", self._of_project),
            self._gate.get("/projects/{project}/alerts/log", self._log_of_project),
        ]

    def _everywhere(self, visit: Visit) -> Response:
        return self._list(visit, None)

    def _of_project(self, visit: Visit) -> Response:
        return self._list(visit, existing(self._projects, visit.path("project")))

    def _list(self, visit: Visit, project: Project | None) -> Response:
        channels = self._alerts.channels.all()
        rules = self._alerts.rules.all(project.id if project else None)
        return self._look.page(
            visit,
            "alerts.html",
            project=project,
            rules=[(rule, condition_of(rule)) for rule in rules],
            homes={each.id: each for each in self._projects.all()},
            channels=channels,
            by_id={each.id: each for each in channels},
            used=Counter(each for rule in rules for each in rule.channel_ids),
            latest=self._alerts.deliveries.latest_of([each.id for each in channels]),
            kinds=KINDS,
            states=STATES,
            is_addressed=bool(self._public_url),
            base=base_of(project),
            said=_SAID.get(visit.query("done"), ""),
        )

    def _log(self, visit: Visit) -> Response:
        return self._logged(visit, None)

    def _log_of_project(self, visit: Visit) -> Response:
        return self._logged(visit, existing(self._projects, visit.path("project")))

    def _logged(self, visit: Visit, project: Project | None) -> Response:
        request = PageRequest(visit.page_number - 1)
        page = self._alerts.deliveries.log(project.id if project else None, request)
        return self._look.page(
            visit,
            "alert_log.html",
            project=project,
            rows=page.items,
            homes={each.id: each for each in self._projects.all()},
            states=STATES,
            number=visit.page_number,
            has_next=page.has_next,
            base=base_of(project),
        )


def base_of(project: Project | None) -> str:
    """Where the list of a project's alerts is, or that of all."""
    return f"/projects/{project.slug}/alerts" if project else "/alerts"


_SAID = {
    "saved": "Saved. It is in force within seconds.",
    "rule-deleted": "The rule is deleted. What it told stays in the log.",
    "channel-deleted": "The channel is deleted. What was sent to it stays in the log.",
}
