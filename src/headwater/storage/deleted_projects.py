"""Projects that a person deleted: nobody sees them from then on, and what is left of them goes by and by.

What is decided at once is a handful of rows. Everything else, however much it is, goes in steps of one short
transaction each, so that it can be stopped or killed anywhere, and any number of processes may do it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Select, Table, exists, func, literal, or_, select

from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.events.retention import STORED
from headwater.storage.hidden_projects import NOT_DELETED
from headwater.storage.issues.deletions import Deletions
from headwater.storage.issues.forgotten import MAX_FORGOTTEN
from headwater.storage.issues.search import IS_THERE, Status
from headwater.storage.people.tokens import revoke_all
from headwater.storage.schema import (
    alert_rules,
    api_tokens,
    artifact_bundles,
    dead_letters,
    events,
    examinations,
    invitation_projects,
    invitations,
    issue_hashes,
    issues,
    metadata,
    outcomes,
    project_keys,
    project_roles,
    projects,
    queue,
    releases,
    removed_events,
    user_reports,
)
from headwater.storage.sums import whole_sum
from headwater.storage.uploads.artifact_changes import note_change

KEPT_FOR: Final = timedelta(days=1)
"""How long the empty row stays at least: what an upload or a process of an older version still had at hand
ends up in it, and goes too."""

_ELSEWHERE: Final = {
    issues,  # with all that hangs on them, as issues that a person deleted
    events,
    issue_hashes,
    artifact_bundles,  # with the files that nobody else needs: artifacts.keeping
    api_tokens,  # with the row: revoked they are, and the bundles name them
    queue,  # the digest counts what it discards
    outcomes,  # counts of the whole server, without a name; they go by their age
    examinations,
}
ROWS: Final[Sequence[Table]] = tuple(
    table
    for table in reversed(metadata.sorted_tables)
    if "project_id" in table.c and table not in _ELSEWHERE
)
"""Whose rows of a project go as they are; what refers to others first."""

_ALIVE: Final = tuple(each.value for each in Status if each is not Status.DELETED)
"""Named one by one: so the index leads past what is deleted, which may be hundreds of thousands."""

_LAST: Final = (*ROWS, issues, events, artifact_bundles)
"""What has to be empty before the project's own row goes."""


class Contents(Struct, frozen=True):
    """What a project holds, by its numbers; `size` in bytes, of bundles as they were uploaded."""

    issues: int
    events: int
    reports: int
    dead_letters: int
    bundles: int
    size: int
    releases: int
    keys: int
    tokens: int
    rules: int
    members: int
    """People with a role of their own in it."""

    @property
    def counted(self) -> Sequence[str]:
        """What there is any of, in words."""
        numbers = (
            (self.issues, "issue", "issues"),
            (self.events, "stored event", "stored events"),
            (self.reports, "user's report", "users' reports"),
            (self.dead_letters, "dead letter", "dead letters"),
            (self.bundles, "uploaded bundle", "uploaded bundles"),
            (self.releases, "release", "releases"),
            (self.keys, "DSN", "DSNs"),
            (self.tokens, "API token", "API tokens"),
            (self.rules, "alert rule", "alert rules"),
            (self.members, "role of a member in it", "roles of members in it"),
        )
        return [f"{count:,} {one if count == 1 else more}" for count, one, more in numbers if count]


class DeletedProjects:
    """Deletes them, and takes away what is left."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._deletions = Deletions(database)

    def contents(self, project_id: int) -> Contents:
        """What would go."""
        stored = select(whole_sum(STORED)).select_from(issues.outerjoin(removed_events))
        alive = issues.c.project_id == project_id, issues.c.merged_into.is_(None)
        size = select(whole_sum(artifact_bundles.c.size))
        wanted = select(
            _count(issues, issues.c.project_id == project_id, IS_THERE).label("issues"),
            _or_none(stored.where(*alive)).label("events"),
            _count_of(user_reports, project_id).label("reports"),
            _count_of(dead_letters, project_id).label("dead_letters"),
            _count_of(artifact_bundles, project_id).label("bundles"),
            _or_none(size.where(artifact_bundles.c.project_id == project_id)).label("size"),
            _count_of(releases, project_id).label("releases"),
            _count_of(project_keys, project_id).label("keys"),
            _count(
                api_tokens, api_tokens.c.project_id == project_id, api_tokens.c.revoked_at.is_(None)
            ).label("tokens"),
            _count_of(alert_rules, project_id).label("rules"),
            _count_of(project_roles, project_id).label("members"),
        )
        with self._database.read() as connection:
            return Contents(**connection.execute(wanted).mappings().one())

    def delete(self, project_id: int, now: datetime) -> bool:
        """From now on it is nowhere to be seen, and nothing comes into it; another may have its name and
        its slug. False if somebody did so before, or it is the doctor's."""
        this = projects.c.id == project_id, NOT_DELETED
        is_examined = projects.c.id.in_(select(examinations.c.project_id))
        with self._database.write() as connection:
            # The slug comes after it: on PostgreSQL that waits for whoever stores an event.
            marked = projects.update().where(*this, ~is_examined).values(deleted_at=now)
            if not connection.execute(marked).rowcount:
                return False
            # In this order, as who removes a person: see decision 19.
            revoke_all(connection, api_tokens.c.project_id == project_id, now)
            for table in (project_keys, project_roles, alert_rules):
                connection.execute(table.delete().where(table.c.project_id == project_id))
            _take_back_invitations(connection, project_id)
            note_change(connection)  # no event is told any more of what was uploaded to it
        self.free_slug(project_id)
        return True

    def pending(self) -> Sequence[int]:
        """Those of which something is left, if only their row."""
        deleted = select(projects.c.id).where(projects.c.deleted_at.is_not(None))
        with self._database.read() as connection:
            return connection.execute(deleted.order_by(projects.c.id)).scalars().all()

    def free_slug(self, project_id: int) -> None:
        """Another project may have it; this one has one that no name makes."""
        mine = f"~{project_id}"
        this = projects.c.id == project_id, projects.c.deleted_at.is_not(None)
        with self._database.read() as connection:
            has_another = select(projects.c.id).where(*this, projects.c.slug != mine)
            if connection.execute(has_another).first() is None:
                return
        with self._database.write() as connection:
            connection.execute(projects.update().where(*this).values(slug=mine))

    def delete_issues(self, project_id: int) -> int:
        """Some of its issues become deleted ones, which go with all that hangs on them; how many."""
        alive = issues.c.project_id == project_id, issues.c.status.in_(_ALIVE)
        with self._database.read() as connection:
            some = connection.execute(select(issues.c.id).where(*alive).limit(MAX_FORGOTTEN))
            ids = some.scalars().all()
        if ids:
            self._deletions.delete(ids)
        return len(ids)

    def forget(self, project_id: int, before: datetime) -> bool:
        """Its row, if it was deleted before and nothing is left that names it."""
        this = projects.c.id == project_id, projects.c.deleted_at < before
        with self._database.write() as connection:
            # Locked first: on PostgreSQL nobody adds to it then.
            locked = select(projects.c.id).where(*this).with_for_update()
            if connection.execute(locked).first() is None or _has_rows(connection, project_id):
                return False
            connection.execute(projects.delete().where(*this))
        return True


def _take_back_invitations(connection: Connection, project_id: int) -> None:
    """Those to nothing else would make an account that sees nothing."""
    of_it = invitation_projects.c.project_id == project_id
    invited = select(invitation_projects.c.invitation_id).where(of_it)
    # First: who deletes another project of theirs in this moment waits, and sees what is left.
    locked = (
        select(invitations.c.id).where(invitations.c.id.in_(invited)).order_by(invitations.c.id)
    )
    ids = connection.execute(locked.with_for_update()).scalars().all()
    connection.execute(invitation_projects.delete().where(of_it))
    is_left = exists().where(invitation_projects.c.invitation_id == invitations.c.id)
    for some in batches(ids):
        these = invitations.c.id.in_(some), ~invitations.c.all_projects, ~is_left
        connection.execute(invitations.delete().where(*these))


def _has_rows(connection: Connection, project_id: int) -> bool:
    some = (exists().where(table.c.project_id == project_id) for table in _LAST)
    return connection.execute(select(literal(1)).where(or_(*some))).first() is not None


def _or_none(total: Select[Any]) -> ColumnElement[int]:
    return func.coalesce(total.scalar_subquery(), 0)


def _count_of(table: Table, project_id: int) -> ColumnElement[int]:
    return _count(table, table.c.project_id == project_id)


def _count(table: Table, *where: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).select_from(table).where(*where).scalar_subquery()
