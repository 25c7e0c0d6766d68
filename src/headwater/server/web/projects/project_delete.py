"""A project is deleted, by who types its name after a look at what goes with it."""

from http import HTTPStatus
from typing import Final

import structlog
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.errors import NothingThere
from headwater.server.known_keys import REMEMBERED_SECONDS
from headwater.server.web.done import Deed, Done
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.projects.project_pages import existing
from headwater.server.web.visit import Visit
from headwater.storage.deleted_projects import DeletedProjects
from headwater.storage.projects import Project, Projects

_PLACE: Final = "/projects/{project}/delete"


class ProjectDelete:
    """`/projects/…/delete`."""

    def __init__(
        self, gate: Gate, look: Look, projects: Projects, deleted: DeletedProjects
    ) -> None:
        self._gate = gate
        self._look = look
        self._projects = projects
        self._deleted = deleted

    def routes(self) -> list[BaseRoute]:
        return [self._gate.get(_PLACE, self._confirm), self._gate.post(_PLACE, self._delete)]

    def _confirm(self, visit: Visit) -> Response:
        return self._page(visit, existing(self._projects, visit.path("project")), "")

    def _delete(self, visit: Visit) -> Response:
        project = existing(self._projects, visit.path("project"))
        if not project.is_called(visit.form.get("name", "")):
            wrong = "That is not the project's name, so nothing was deleted."
            return self._page(visit, project, wrong)
        if not self._deleted.delete(project.id, visit.now):
            raise NothingThere(f"There is no project '{project.slug}' on this server.")
        log = structlog.get_logger()
        log.info("project deleted", project=project.id, slug=project.slug, by=visit.signed_in.id)
        response = RedirectResponse("/issues", HTTPStatus.SEE_OTHER)
        Done(Deed.PROJECT).keep(response, visit)
        return response

    def _page(self, visit: Visit, project: Project, wrong: str) -> Response:
        return self._look.page(
            visit,
            "project_delete.html",
            status=422 if wrong else 200,
            project=project,
            going=self._deleted.contents(project.id),
            typed=visit.form.get("name", ""),
            wrong=wrong,
            seconds=int(REMEMBERED_SECONDS),
        )
