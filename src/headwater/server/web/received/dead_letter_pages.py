"""Dead letters: listed, looked into, put back on the queue, deleted."""

from msgspec import Struct
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.errors import NothingThere
from headwater.server.numbers import number_in
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.projects.project_pages import existing
from headwater.server.web.received.envelope_text import envelope_text
from headwater.server.web.visit import Visit
from headwater.storage.page import PageRequest
from headwater.storage.projects import Project, Projects
from headwater.storage.queue.dead_letters import DeadLetter, DeadLetters, DeadLetterSummary
from headwater.storage.queue.retry import Retried, Retry


class _Row(Struct, frozen=True):
    letter: DeadLetterSummary
    home: Project | None


class DeadLetterPages:
    """`/projects/…/dead-letters`, `/dead-letters/…`, and `/dead-letters` for administrators."""

    def __init__(
        self, gate: Gate, look: Look, projects: Projects, letters: DeadLetters, retry: Retry
    ) -> None:
        self._gate = gate
        self._look = look
        self._projects = projects
        self._letters = letters
        self._retry = retry

    def routes(self) -> list[BaseRoute]:
        of_project, one = "/projects/{project}/dead-letters", "/dead-letters/{letter}"
        return [
            self._gate.get("/dead-letters", self._everywhere),
            self._gate.get(of_project, self._of_project),
            self._gate.post(of_project + "/retry", self._retry_all),
            self._gate.get(of_project + "/delete", self._confirm),
            self._gate.post(of_project + "/delete", self._delete_all),
            self._gate.get(one, self._one),
            self._gate.get(one + "/envelope", self._envelope),
            self._gate.post(one + "/retry", self._retry_one),
            self._gate.post(one + "/delete", self._delete),
        ]

    def _everywhere(self, visit: Visit) -> Response:
        return self._list(visit, None)

    def _of_project(self, visit: Visit) -> Response:
        return self._list(visit, existing(self._projects, visit.path("project")))

    def _list(
        self, visit: Visit, project: Project | None, retried: Retried | None = None
    ) -> Response:
        number = visit.page_number
        project_id = project.id if project else None
        page = self._letters.list(project_id, PageRequest(number - 1))
        homes = {each.id: each for each in self._projects.all()}
        return self._look.page(
            visit,
            "dead_letters.html",
            status=503 if retried and retried.fault else 200,
            project=project,
            rows=[_Row(letter, homes.get(letter.project_id)) for letter in page.items],
            count=self._letters.count(project_id),
            number=number,
            has_next=page.has_next,
            retried=retried or _told(visit),
            deleted=number_in(visit.query("deleted")),
        )

    def _one(self, visit: Visit) -> Response:
        letter = self._asked_for(visit)
        return self._look.page(
            visit,
            "dead_letter.html",
            project=self._home(letter),
            letter=letter,
            envelope=envelope_text(letter),
        )

    def _envelope(self, visit: Visit) -> Response:
        letter = self._asked_for(visit)
        name = f"dead-letter-{letter.id}.envelope"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(letter.envelope, media_type="application/octet-stream", headers=headers)

    def _retry_one(self, visit: Visit) -> Response:
        letter = self._asked_for(visit)
        return self._retried(visit, self._home(letter), self._retry.one(letter.id))

    def _retry_all(self, visit: Visit) -> Response:
        project = existing(self._projects, visit.path("project"))
        return self._retried(visit, project, self._retry.all(project.id))

    def _retried(self, visit: Visit, project: Project | None, retried: Retried) -> Response:
        if retried.fault:
            return self._list(visit, project, retried)
        return RedirectResponse(f"{_list_of(project)}?put_back={retried.put_back}", 303)

    def _confirm(self, visit: Visit) -> Response:
        project = existing(self._projects, visit.path("project"))
        count = self._letters.count(project.id)
        if not count:
            return RedirectResponse(_list_of(project), 303)
        return self._look.page(visit, "dead_letters_delete.html", project=project, count=count)

    def _delete_all(self, visit: Visit) -> Response:
        project = existing(self._projects, visit.path("project"))
        deleted = self._letters.delete_all(project.id)
        return RedirectResponse(f"{_list_of(project)}?deleted={deleted}", 303)

    def _delete(self, visit: Visit) -> Response:
        letter = self._asked_for(visit)
        self._letters.delete(letter.id)
        return RedirectResponse(f"{_list_of(self._home(letter))}?deleted=1", 303)

    def _asked_for(self, visit: Visit) -> DeadLetter:
        letter = self._letters.get(number_in(visit.path("letter")))
        if letter is None:
            raise NothingThere("There is no such dead letter any more: it was retried or deleted.")
        return letter

    def _home(self, letter: DeadLetterSummary) -> Project | None:
        return self._projects.get(str(letter.project_id))


def _told(visit: Visit) -> Retried | None:
    put_back = number_in(visit.query("put_back"))
    return Retried(put_back) if put_back else None


def _list_of(project: Project | None) -> str:
    return f"/projects/{project.slug}/dead-letters" if project else "/dead-letters"
