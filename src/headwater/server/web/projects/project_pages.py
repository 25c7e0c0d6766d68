"""Projects: making one, and setting it up."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.errors import NothingThere
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.projects.build_snippets import build_snippets
from headwater.server.web.projects.first_steps import Steps
from headwater.server.web.projects.sdk_snippets import dsn, sdk_snippets
from headwater.server.web.visit import Visit
from headwater.storage.projects import InvalidProject, Project, Projects
from headwater.storage.uploads.refusals import Refusals

PLATFORMS = (
    ("javascript", "Browser"),
    ("node", "Node.js"),
    ("javascript-nextjs", "Next.js"),
    ("python", "Python"),
    ("other", "Something else"),
)

REFUSALS_SHOWN: Final = 5
"""The newest; Settings has more of them."""

REFUSALS_SINCE: Final = timedelta(days=7)
"""What was refused longer ago was a build that nobody waits for any more."""


class ProjectPages:
    """`/projects/…`."""

    def __init__(
        self,
        gate: Gate,
        look: Look,
        projects: Projects,
        steps: Steps,
        refusals: Refusals,
        address: Callable[[Visit], str],
    ) -> None:
        self._gate = gate
        self._look = look
        self._projects = projects
        self._steps = steps
        self._refusals = refusals
        self._address = address

    def routes(self) -> list[BaseRoute]:
        return [
            self._gate.get("/projects/new", self._form),
            self._gate.post("/projects/new", self._create),
            self._gate.get("/projects/{project}/set-up", self._set_up),
        ]

    def _form(self, visit: Visit) -> Response:
        return self._again(visit, 200, "")

    def _create(self, visit: Visit) -> Response:
        known = {value for value, _ in PLATFORMS}
        platform = visit.form.get("platform", "")
        try:
            project = self._projects.create(
                visit.form.get("name", ""), platform if platform in known else None, visit.now
            )
        except InvalidProject as error:
            return self._again(visit, 422, str(error))
        return RedirectResponse(f"/projects/{project.slug}/set-up", 303)

    def _again(self, visit: Visit, status: int, wrong: str) -> Response:
        return self._look.page(
            visit,
            "project_new.html",
            status=status,
            wrong=wrong,
            name=visit.form.get("name", ""),
            platform=visit.form.get("platform", PLATFORMS[0][0]),
            platforms=PLATFORMS,
        )

    def _set_up(self, visit: Visit) -> Response:
        project = existing(self._projects, visit.path("project"))
        address = self._address(visit)
        own_dsn = dsn(project, address)
        return self._look.page(
            visit,
            "set_up.html",
            project=project,
            dsn=own_dsn,
            address=address,
            sdks=sdk_snippets(own_dsn, project.platform),
            # Python runs as it was written: there is nothing to upload.
            builds=()
            if project.platform == "python"
            else build_snippets(address, project.slug, None, project.platform),
            steps=self._steps.of(project.id),
            refused=self._refusals.concerning(
                project.id, visit.now - REFUSALS_SINCE, REFUSALS_SHOWN, visit.projects
            ),
        )


def existing(projects: Projects, slug: str) -> Project:
    """The project of an address. Raises NothingThere."""
    project = projects.get(slug)
    if project is None:
        raise NothingThere(f"There is no project '{slug}' on this server.")
    return project
