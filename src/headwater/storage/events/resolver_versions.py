"""With which version of the resolver each project's events were resolved, or are being resolved again."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from headwater.storage.database import Database
from headwater.storage.hidden_projects import NOT_DELETED
from headwater.storage.many_rows import upsert_all
from headwater.storage.schema import projects, resolver_versions


class ResolverVersions:
    """Of every project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def behind(self, version: int) -> Sequence[int]:
        """Projects with events that an older version resolved, or that may have: of new ones none is
        noted before `note_new`."""
        noted = projects.outerjoin(resolver_versions)
        older = or_(resolver_versions.c.version.is_(None), resolver_versions.c.version < version)
        wanted = select(projects.c.id).select_from(noted).where(older, NOT_DELETED)
        with self._database.read() as connection:
            return connection.execute(wanted.order_by(projects.c.id)).scalars().all()

    def note_new(self, version: int) -> None:
        """Of projects that were made since this version began to run: it resolves all of theirs."""
        noted = select(resolver_versions.c.project_id)
        new = select(projects.c.id).where(projects.c.id.not_in(noted), NOT_DELETED)
        with self._database.read() as connection:
            found = connection.execute(new).scalars().all()
        for project_id in found:
            self.note(project_id, version)

    def note(self, project_id: int, version: int) -> None:
        """From now on it is this one."""
        with self._database.write() as connection:
            row = {"project_id": project_id, "version": version}
            upsert_all(connection, resolver_versions, [row], ["project_id"])
