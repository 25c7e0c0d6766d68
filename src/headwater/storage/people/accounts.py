"""From rows to people and what they may, for the files that read them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, select

from headwater.storage.people.roles import Rights, Role
from headwater.storage.schema import project_roles, users


@dataclass(frozen=True, slots=True)
class User:
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


def people(connection: Connection, rows: Iterable[Row[Any]]) -> tuple[User, ...]:
    """Of rows that hold COLUMNS, in their order."""
    found = tuple(rows)
    ids = [row.id for row in found]
    roles: dict[int, dict[int, Role]] = {}
    wanted = select(project_roles)
    # One statement for one person or for all: servers have dozens, and no list is long.
    if len(ids) == 1:
        wanted = wanted.where(project_roles.c.user_id == ids[0])
    for each in connection.execute(wanted) if ids else ():
        roles.setdefault(each.user_id, {})[each.project_id] = Role(each.role)
    return tuple(_user(row, roles.get(row.id, {})) for row in found)


def person(connection: Connection, row: Row[Any] | None) -> User | None:
    """The same of one row, or none."""
    return None if row is None else people(connection, [row])[0]


def _user(row: Row[Any], in_projects: Mapping[int, Role]) -> User:
    rights = Rights(Role(row.role), bool(row.all_projects), in_projects)
    return User(id=row.id, email=row.email, rights=rights, created_at=row.created_at)
