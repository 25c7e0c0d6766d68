"""What each role is called on pages, and what it may."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from headwater.storage.people.roles import Role


class RoleWords(Struct, frozen=True):
    """A role, for people."""

    title: str
    may: str


SAID: Final[Mapping[Role, RoleWords]] = {
    Role.VIEWER: RoleWords("Viewer", "Reads everything, changes nothing."),
    Role.MEMBER: RoleWords(
        "Member", "Decides about issues, sets projects up, changes their settings, makes tokens."
    ),
    Role.ADMIN: RoleWords("Admin", "Everything, but with owners; sees all projects."),
    Role.OWNER: RoleWords("Owner", "Everything; there always is one."),
}

ROLES: Final[Sequence[tuple[Role, str]]] = [(role, said.title) for role, said in SAID.items()]
