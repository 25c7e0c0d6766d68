"""'Was this uploaded?': one box, and a page with what is known."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from headwater.server.upload_answer import upload_answer
from headwater.server.upload_question import upload_question
from headwater.server.web.projects.project_pages import existing
from headwater.server.web.uploads.release_pages import base_of, search_of
from headwater.server.web.uploads.upload_pages import UploadPages
from headwater.server.web.visit import Visit
from headwater.storage.projects import Project


class UploadSearchPage(UploadPages):
    """`/uploads?q=…`, of a project and of all."""

    def routes(self) -> list[BaseRoute]:
        """For the app."""
        return [
            self._gate.get("/uploads", self._of_all),
            self._gate.get("/projects/{project}/uploads", self._of_project),
        ]

    def _of_all(self, visit: Visit) -> Response:
        return self._page(visit, None)

    def _of_project(self, visit: Visit) -> Response:
        return self._page(visit, existing(self._projects, visit.path("project")))

    def _page(self, visit: Visit, project: Project | None) -> Response:
        question = upload_question(visit.query("q"))
        scope = project.id if project else visit.projects
        answer = upload_answer(self._releases, scope, question) if question.text else None
        return self._look.page(
            visit,
            "uploads.html",
            project=project,
            text=question.text,
            answer=answer,
            homes={each.id: each for each in self._projects.all() if visit.may_see(each.id)},
            base=base_of(project),
            search=search_of(project),
        )
