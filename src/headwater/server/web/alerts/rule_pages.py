"""Rules: made, changed, deleted; those over all projects by administrators only."""

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.web.alerts.pages import base_of
from headwater.server.web.alerts.records import AlertRecords
from headwater.server.web.alerts.rule_form import draft_of, empty_form, filled_form
from headwater.server.web.alerts.words import KINDS
from headwater.server.web.form import Form
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.projects.project_pages import existing
from headwater.server.web.visit import Visit
from headwater.storage.alerts.rules import LEVELS, InvalidRule, Rule
from headwater.storage.projects import Project, Projects


class AlertRulePages:
    """`/alerts/rules/…`, and the same below a project."""

    def __init__(self, gate: Gate, look: Look, projects: Projects, alerts: AlertRecords) -> None:
        self._gate = gate
        self._look = look
        self._projects = projects
        self._alerts = alerts

    def routes(self) -> list[BaseRoute]:
        return [
            route
            for base in ("/alerts/rules", "/projects/{project}/alerts/rules")
            for route in (
                self._gate.get(base + "/new", self._new),
                self._gate.post(base + "/new", self._create),
                self._gate.get(base + "/{rule}", self._edit),
                self._gate.post(base + "/{rule}", self._change),
                self._gate.get(base + "/{rule}/delete", self._confirm),
                self._gate.post(base + "/{rule}/delete", self._delete),
            )
        ]

    def _new(self, visit: Visit) -> Response:
        project = self._home(visit)
        return self._form(visit, project, None, empty_form(self._alerts.channels.all()), "")

    def _create(self, visit: Visit) -> Response:
        project = self._home(visit)
        draft = draft_of(visit.form, project.id if project else None, self._alerts.channels.all())
        try:
            self._alerts.rules.create(draft, visit.now)
        except InvalidRule as error:
            return self._form(visit, project, None, visit.form, str(error))
        return RedirectResponse(f"{base_of(project)}?done=saved", 303)

    def _edit(self, visit: Visit) -> Response:
        project, rule = self._asked_for(visit)
        return self._form(visit, project, rule, filled_form(rule), "")

    def _change(self, visit: Visit) -> Response:
        project, rule = self._asked_for(visit)
        draft = draft_of(visit.form, rule.project_id, self._alerts.channels.all())
        try:
            self._alerts.rules.change(rule.id, draft)
        except InvalidRule as error:
            return self._form(visit, project, rule, visit.form, str(error))
        return RedirectResponse(f"{base_of(project)}?done=saved", 303)

    def _confirm(self, visit: Visit) -> Response:
        project, rule = self._asked_for(visit)
        return self._look.page(
            visit, "alert_rule_delete.html", project=project, rule=rule, base=base_of(project)
        )

    def _delete(self, visit: Visit) -> Response:
        project, rule = self._asked_for(visit)
        self._alerts.rules.delete(rule.id)
        return RedirectResponse(f"{base_of(project)}?done=rule-deleted", 303)

    def _form(
        self, visit: Visit, project: Project | None, rule: Rule | None, filled: Form, wrong: str
    ) -> Response:
        base = base_of(project)
        return self._look.page(
            visit,
            "alert_rule.html",
            status=422 if wrong else 200,
            project=project,
            rule=rule,
            filled=filled,
            wrong=wrong,
            channels=self._alerts.channels.all(),
            kinds=KINDS,
            levels=LEVELS,
            base=base,
            path=f"{base}/rules/{rule.id if rule else 'new'}",
        )

    def _asked_for(self, visit: Visit) -> tuple[Project | None, Rule]:
        project = self._home(visit)
        return project, self._alerts.rule(visit.path("rule"), project.id if project else None)

    def _home(self, visit: Visit) -> Project | None:
        """The project that the address is below; below none, it is about the whole server."""
        if "project" not in visit.request.path_params:
            return None
        return existing(self._projects, visit.path("project"))
