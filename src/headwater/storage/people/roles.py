"""Who may do how much: four roles, on the instance and in single projects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """From the least to the most; each may do what those before it may."""

    VIEWER = "viewer"
    """Reads."""
    MEMBER = "member"
    """Works: decides about issues, changes projects' settings, makes tokens."""
    ADMIN = "admin"
    """Everything, but with owners."""
    OWNER = "owner"
    """Everything."""

    def reaches(self, needed: "Role") -> bool:
        """Whether this role is enough where `needed` is asked for."""
        return _ORDER.index(self) >= _ORDER.index(needed)


_ORDER = tuple(Role)

IN_PROJECTS = (Role.VIEWER, Role.MEMBER, Role.ADMIN)
"""The roles that a person may have in a single project; owned is an instance."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may.

    In a project it is the role there, if there is one, which may be more or less than the instance's;
    of owners and administrators, the instance's.
    """

    role: Role
    all_projects: bool = True
    """False: only the projects of `in_projects` are seen."""
    in_projects: Mapping[int, Role] = field(default_factory=dict)
    """By the project's id."""

    @property
    def is_admin(self) -> bool:
        """Whether they may administer the instance."""
        return self.role.reaches(Role.ADMIN)

    @property
    def projects(self) -> frozenset[int] | None:
        """The projects that they see; None: all there are."""
        if self.is_admin or self.all_projects:
            return None
        return frozenset(self.in_projects)

    def role_in(self, project_id: int) -> Role | None:
        """Their role in a project; None: they don't see it."""
        if self.is_admin:
            return self.role
        return self.in_projects.get(project_id, self.role if self.all_projects else None)

    def may_see(self, project_id: int) -> bool:
        """Whether the project exists, as far as they can tell."""
        return self.role_in(project_id) is not None

    def reach_in(self, needed: Role, project_id: int) -> bool:
        """Whether their role in a project is enough."""
        role = self.role_in(project_id)
        return role is not None and role.reaches(needed)

    def reach_somewhere(self, needed: Role) -> bool:
        """Whether their role is enough in any project, or would be in one to come."""
        here = self.all_projects or self.is_admin
        return (here and self.role.reaches(needed)) or (
            any(role.reaches(needed) for role in self.in_projects.values())
        )

    def reach_everywhere(self, needed: Role) -> bool:
        """Whether their role is enough in every project, those to come included."""
        return self.is_admin or (
            self.all_projects
            and self.role.reaches(needed)
            and all(role.reaches(needed) for role in self.in_projects.values())
        )
