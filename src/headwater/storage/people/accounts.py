"""From rows to people and what they may, for the files that read them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, Select, select

from headwater.storage.people.roles import Rights, Role
from headwater.storage.schema import project_roles, users


class User(Struct, frozen=True):
    """One person. The password's hash never leaves `storage.people.users`."""

    id: int
    email: str
    rights: Rights
    created_at: datetime

    @property
    def role(self) -> Role:
        """Their role on the instance."""
        return self.rights.role

    @property
    def is_admin(self) -> bool:
        """Whether they may administer the instance."""
        return self.rights.is_admin


COLUMNS: Final[Sequence[ColumnElement[Any]]] = (
    users.c.id,
    users.c.email,
    users.c.role,
    users.c.all_projects,
    users.c.created_at,
)
"""What a User is made of."""


PEOPLE: Final[Select[Any]] = select(
    *COLUMNS, project_roles.c.project_id, project_roles.c.role.label("role_there")
).outerjoin_from(users, project_roles, project_roles.c.user_id == users.c.id)
"""A row for each role that somebody has in a project, and one for who has none: what `people` reads."""


def people(rows: Iterable[Row[Any]]) -> tuple[User, ...]:
    """Of rows of PEOPLE, in the order of each one's first."""
    first: dict[int, Row[Any]] = {}
    roles: dict[int, dict[int, Role]] = {}
    for row in rows:
        first.setdefault(row.id, row)
        if row.project_id is not None:
            roles.setdefault(row.id, {})[row.project_id] = Role(row.role_there)
    return tuple(_user(row, roles.get(id_, {})) for id_, row in first.items())


def person(rows: Iterable[Row[Any]]) -> User | None:
    """The one that they are of; None of no rows."""
    return next(iter(people(rows)), None)


def _user(row: Row[Any], in_projects: Mapping[int, Role]) -> User:
    rights = Rights(Role(row.role), bool(row.all_projects), in_projects)
    return User(id=row.id, email=row.email, rights=rights, created_at=row.created_at)
