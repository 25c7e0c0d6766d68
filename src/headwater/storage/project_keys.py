"""The keys of a project: each makes a DSN of its own, and an app is shut out by deleting its key."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, select

from headwater.storage.database import Database
from headwater.storage.projects import new_public_key
from headwater.storage.schema import project_keys, projects

MAX_KEYS: Final = 50
"""Of a project: one for each app that sends to it, and a few that are on their way out."""


class TooManyKeys(Exception):
    """The project has as many as it may."""


class LastKey(Exception):
    """Without a key nothing could be sent to the project."""


class ProjectKey(Struct, frozen=True):
    """`public_key`: 32 hexadecimal digits, not a secret."""

    id: int
    public_key: str
    created_at: datetime


class ProjectKeys:
    """Of every project. What changes is in force within `known_keys.REMEMBERED_SECONDS`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, project_id: int) -> Sequence[ProjectKey]:
        """The newest first, which is the one that DSNs are shown with."""
        with self._database.read() as connection:
            return _of(connection, project_id)

    def add(self, project_id: int, now: datetime) -> None:
        """A new one. Raises TooManyKeys."""
        with self._database.write() as connection:
            _lock(connection, project_id)
            if len(_of(connection, project_id)) >= MAX_KEYS:
                raise TooManyKeys(
                    f"A project has at most {MAX_KEYS} keys. Delete one that no app sends with."
                )
            row = {"project_id": project_id, "public_key": new_public_key(), "created_at": now}
            connection.execute(project_keys.insert().values(row))

    def remove(self, project_id: int, key_id: int) -> None:
        """What is sent with it is refused from then on; what came with it stays. Raises LastKey."""
        with self._database.write() as connection:
            _lock(connection, project_id)
            if [each.id for each in _of(connection, project_id)] == [key_id]:
                raise LastKey("This is the project's only key. Make a new one first.")
            this = project_keys.c.id == key_id, project_keys.c.project_id == project_id
            connection.execute(project_keys.delete().where(*this))


def _of(connection: Connection, project_id: int) -> Sequence[ProjectKey]:
    columns = project_keys.c.id, project_keys.c.public_key, project_keys.c.created_at
    wanted = select(*columns).where(project_keys.c.project_id == project_id)
    rows = connection.execute(wanted.order_by(project_keys.c.id.desc()))
    return [ProjectKey(*row) for row in rows]


def _lock(connection: Connection, project_id: int) -> None:
    # On PostgreSQL two who delete at the same time would each leave the other's key.
    wanted = select(projects.c.id).where(projects.c.id == project_id)
    connection.execute(wanted.with_for_update(key_share=True))
