"""A project's members: who sees it, and with which role."""

import structlog
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.numbers import number_in
from headwater.server.web.cookies import keep_session
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.people.accounts import Accounts
from headwater.server.web.people.chosen_rights import UnfitRights, role_in_project
from headwater.server.web.people.role_words import SAID
from headwater.server.web.projects.project_pages import existing
from headwater.server.web.visit import Visit
from headwater.storage.people.roles import IN_PROJECTS
from headwater.storage.people.users import User
from headwater.storage.projects import Project, Projects


class ProjectMembers:
    """`/projects/…/members`, for its administrators and the instance's."""

    def __init__(self, gate: Gate, look: Look, projects: Projects, accounts: Accounts) -> None:
        self._gate = gate
        self._look = look
        self._projects = projects
        self._accounts = accounts

    def routes(self) -> list[BaseRoute]:
        place = "/projects/{project}/members"
        return [self._gate.get(place, self._list), self._gate.post(place, self._save)]

    def _list(self, visit: Visit) -> Response:
        return self._page(visit, existing(self._projects, visit.path("project")), 200, "")

    def _page(self, visit: Visit, project: Project, status: int, wrong: str) -> Response:
        return self._look.page(
            visit,
            "project_members.html",
            project=project,
            status=status,
            wrong=wrong,
            is_saved=visit.query("saved") == "1" and not wrong,
            members=self._shown(visit, project),
            roles=[(role.value, SAID[role].title) for role in IN_PROJECTS],
            said=SAID,
        )

    def _shown(self, visit: Visit, project: Project) -> list[User]:
        """Those who see the project. The instance's administrators, who may add any, see all others."""
        everybody = self._accounts.users.all()
        seeing = [each for each in everybody if each.rights.may_see(project.id)]
        if not visit.rights.is_admin:
            return seeing
        return seeing + [each for each in everybody if not each.rights.may_see(project.id)]

    def _save(self, visit: Visit) -> Response:
        project = existing(self._projects, visit.path("project"))
        wanted = number_in(visit.form.get("member", ""))
        member = next((each for each in self._shown(visit, project) if each.id == wanted), None)
        if member is None or member.is_admin:
            return self._page(visit, project, 422, "Choose somebody of the list who is no admin.")
        try:
            role = role_in_project(visit.form.get("role", ""))
        except UnfitRights as error:
            return self._page(visit, project, 422, str(error))
        self._accounts.users.change_role_in(member.id, project.id, role)
        structlog.get_logger().info(
            "role in project changed",
            member=member.id,
            project=project.id,
            role=role.value if role else None,
            by=visit.signed_in.id,
        )
        if member.id == visit.signed_in.id:
            secret = self._accounts.sessions.renew(member.id, visit.now, visit.client)
            response = RedirectResponse("/issues", 303)  # this page may be theirs no more
            keep_session(response, visit, secret)
            return response
        self._accounts.sessions.end_all(member.id)
        return RedirectResponse(f"/projects/{project.slug}/members?saved=1", 303)
