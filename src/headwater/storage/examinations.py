"""Projects for a moment, in which `headwater doctor` tries everything out: nobody else's lists and
counts show them, and what was tried is gone with them."""

from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, Table, delete, exists, func, or_, select

from headwater.storage.database import Database
from headwater.storage.events.retention import remove_resolutions
from headwater.storage.people.tokens import Scope, Tokens
from headwater.storage.projects import Project, add_project
from headwater.storage.schema import (
    dead_letters,
    events,
    examinations,
    metadata,
    outcomes,
    projects,
)
from headwater.storage.uploads.artifact_changes import note_change

MAX_EXAMINATIONS: Final = 5
"""At a time: one for each of a few people and a monitor; each is a project with a token."""

LIFETIME: Final = timedelta(minutes=10)
"""After which an examination is ended for a doctor that was killed; a whole one takes seconds."""

KEPT_FOR: Final = timedelta(days=1)
"""How long the empty project stays: an event that was still waiting for the digest ends up in it, and is
taken away with it."""

NAME: Final = "Headwater doctor"


class TooManyExaminations(Exception):
    """There are as many under way as may be."""


class Examination(Struct, frozen=True):
    """One under way. `secret` is a token that may upload to its project and read it."""

    project: Project
    secret: str


class Examinations:
    """Begins and ends them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, now: datetime) -> Examination:
        """A new one. Raises TooManyExaminations."""
        self.tidy(now)
        with self._database.write() as connection:
            running = select(func.count()).where(examinations.c.ended_at.is_(None))
            if connection.execute(running).scalar_one() >= MAX_EXAMINATIONS:
                raise TooManyExaminations(
                    f"{MAX_EXAMINATIONS} examinations are under way, which is the most there may be at a"
                    f" time; each ends after {LIFETIME.total_seconds() / 60:.0f} minutes at the latest."
                )
            project = add_project(connection, NAME, None, now)
            connection.execute(examinations.insert().values(project_id=project.id, began_at=now))
        _, secret = Tokens(self._database).create(NAME, Scope.FULL, project.id, None, now)
        return Examination(project, secret)

    def end(self, project_id: int, now: datetime) -> bool:
        """Take everything of it away; False if it is no examination's project, or ended already."""
        ended = (
            examinations.update()
            .where(examinations.c.project_id == project_id, examinations.c.ended_at.is_(None))
            .values(ended_at=now)
        )
        with self._database.write() as connection:
            is_one = bool(connection.execute(ended).rowcount)
            if is_one:
                _empty(connection, project_id)
        return is_one

    def tidy(self, now: datetime) -> None:
        """End those whose doctor did not; take away what came late; forget those of yesterday."""
        with self._database.read() as connection:
            rows = connection.execute(select(examinations)).all()
            late = set(connection.execute(_WITH_SOMETHING).scalars())
        for row in rows:
            if row.ended_at is None:
                if row.began_at < now - LIFETIME:
                    self.end(row.project_id, now)
            elif row.ended_at < now - KEPT_FOR or row.project_id in late:
                self._take_away(row.project_id, is_old=row.ended_at < now - KEPT_FOR)

    def _take_away(self, project_id: int, *, is_old: bool) -> None:
        with self._database.write() as connection:
            _empty(connection, project_id)
            if is_old:
                connection.execute(delete(projects).where(projects.c.id == project_id))


_WITH_SOMETHING: Final = select(examinations.c.project_id).where(
    examinations.c.ended_at.is_not(None),
    or_(
        *(
            exists().where(table.c.project_id == examinations.c.project_id)
            for table in (events, dead_letters, outcomes)
        )
    ),
)
"""Those that an event reached after their end."""


def _empty(connection: Connection, project_id: int) -> None:
    # Files that no upload names any more are tidied away within a day, as always.
    digests = connection.execute(
        select(events.c.resolution_digest).where(
            events.c.project_id == project_id, events.c.resolution_digest.is_not(None)
        )
    ).scalars()
    found = set(digests)
    for table in reversed(metadata.sorted_tables):
        if "project_id" in table.c and table is not examinations:
            connection.execute(_of_project(table, project_id))
    remove_resolutions(connection, found)
    note_change(connection)


def _of_project(table: Table, project_id: int) -> Any:  # a delete
    return delete(table).where(table.c.project_id == project_id)
