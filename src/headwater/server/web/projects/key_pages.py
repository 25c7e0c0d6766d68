"""A project's DSNs: one for each key. A new one is made, and the old one deleted once no app sends with it."""

from collections.abc import Callable
from typing import Final

import structlog
from msgspec.structs import replace
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.errors import NothingThere
from headwater.server.known_keys import REMEMBERED_SECONDS
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.projects.project_pages import existing
from headwater.server.web.projects.sdk_snippets import dsn
from headwater.server.web.visit import Visit
from headwater.storage.project_keys import LastKey, ProjectKey, ProjectKeys, TooManyKeys
from headwater.storage.projects import Project, Projects

_PLACE: Final = "/projects/{project}/keys"


class KeyPages:
    """`/projects/…/keys`."""

    def __init__(
        self,
        gate: Gate,
        look: Look,
        projects: Projects,
        keys: ProjectKeys,
        address: Callable[[Visit], str],
    ) -> None:
        self._gate = gate
        self._look = look
        self._projects = projects
        self._keys = keys
        self._address = address

    def routes(self) -> list[BaseRoute]:
        return [
            self._gate.get(_PLACE, self._list),
            self._gate.post(_PLACE, self._add),
            self._gate.get(_PLACE + "/{key}/delete", self._confirm),
            self._gate.post(_PLACE + "/{key}/delete", self._delete),
        ]

    def _list(self, visit: Visit) -> Response:
        return self._page(visit, existing(self._projects, visit.path("project")), "")

    def _add(self, visit: Visit) -> Response:
        project = existing(self._projects, visit.path("project"))
        try:
            self._keys.add(project.id, visit.now)
        except TooManyKeys as error:
            return self._page(visit, project, str(error))
        structlog.get_logger().info("key made", project=project.id, by=visit.signed_in.id)
        return RedirectResponse(f"/projects/{project.slug}/keys", 303)

    def _confirm(self, visit: Visit) -> Response:
        project, key = self._asked_for(visit)
        return self._look.page(
            visit,
            "project_key_delete.html",
            project=project,
            key=key,
            dsn=self._dsn(visit, project, key),
            seconds=int(REMEMBERED_SECONDS),
        )

    def _delete(self, visit: Visit) -> Response:
        project, key = self._asked_for(visit)
        try:
            self._keys.remove(project.id, key.id)
        except LastKey as error:
            return self._page(visit, project, str(error))
        structlog.get_logger().info("key deleted", project=project.id, by=visit.signed_in.id)
        return RedirectResponse(f"/projects/{project.slug}/keys", 303)

    def _page(self, visit: Visit, project: Project, wrong: str) -> Response:
        rows = [(each, self._dsn(visit, project, each)) for each in self._keys.of(project.id)]
        return self._look.page(
            visit,
            "project_keys.html",
            status=422 if wrong else 200,
            project=project,
            rows=rows,
            wrong=wrong,
        )

    def _asked_for(self, visit: Visit) -> tuple[Project, ProjectKey]:
        project = existing(self._projects, visit.path("project"))
        for key in self._keys.of(project.id):
            if str(key.id) == visit.path("key"):
                return project, key
        raise NothingThere("There is no such key, or it is deleted already.")

    def _dsn(self, visit: Visit, project: Project, key: ProjectKey) -> str:
        return dsn(replace(project, public_key=key.public_key), self._address(visit))
