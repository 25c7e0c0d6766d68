"""What an administrator chose for somebody, from a form: a role, and which projects."""

from collections.abc import Sequence

from headwater.server.web.form import Form
from headwater.storage.people.roles import IN_PROJECTS, Rights, Role
from headwater.storage.people.users import User
from headwater.storage.projects import Project


class UnfitRights(Exception):
    """The form gives nobody rights; the message says why."""


def chosen_role(form: Form, by: User) -> Role:
    """The role on the instance. Raises UnfitRights, also for more than whoever gives it has."""
    if form.get("role", "") not in list(Role):
        raise UnfitRights("Choose a role: viewer, member, admin or owner.")
    role = Role(form["role"])
    if not by.role.reaches(role):
        raise UnfitRights("Only an owner can make somebody an owner.")
    return role


def chosen_rights(form: Form, by: User, projects: Sequence[Project]) -> Rights:
    """The role, and the roles in single projects (`role-7`). Raises UnfitRights."""
    role = chosen_role(form, by)
    if role.reaches(Role.ADMIN):
        return Rights(role)
    in_projects = {
        project.id: given
        for project in projects
        if (given := role_in_project(form.get(f"role-{project.id}", ""))) is not None
    }
    return Rights(role, form.get("sees", "all") != "some", in_projects)


def chosen_projects(form: Form, role: Role, projects: Sequence[Project]) -> frozenset[int] | None:
    """The projects that somebody is invited to (`project-7`); None: all. Raises UnfitRights."""
    if form.get("sees", "all") != "some":
        return None
    if role.reaches(Role.ADMIN):
        raise UnfitRights("Owners and admins see all projects.")
    chosen = frozenset(each.id for each in projects if form.get(f"project-{each.id}") == "on")
    if not chosen:
        raise UnfitRights("Choose at least one project, or all of them.")
    return chosen


def role_in_project(text: str) -> Role | None:
    """The role in a single project; None: none of its own. Raises UnfitRights."""
    if not text:
        return None
    if text not in list(IN_PROJECTS):
        raise UnfitRights("In a project somebody is viewer, member or admin.")
    return Role(text)
