"""With which version of the resolver each project's events were resolved, or are being resolved again."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from headwater.storage.database import Database
from headwater.storage.insert import insert_if_new
from headwater.storage.schema import projects, resolver_versions


class ResolverVersions:
    """Of every project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def behind(self, version: int) -> Sequence[int]:
        """Projects with events that an older version resolved. New projects have none."""
        noted = projects.outerjoin(resolver_versions)
        of_another = or_(
            resolver_versions.c.version.is_(None), resolver_versions.c.version != version
        )
        wanted = select(projects.c.id, resolver_versions.c.version).select_from(noted)
        with self._database.read() as connection:
            rows = connection.execute(wanted.where(of_another).order_by(projects.c.id)).all()
        for row in rows:
            if row.version is None:
                self.note(row.id, version)
        return [row.id for row in rows if row.version is not None and row.version < version]

    def note(self, project_id: int, version: int) -> None:
        """From now on it is this one."""
        this = resolver_versions.c.project_id == project_id
        with self._database.write() as connection:
            row = {"project_id": project_id, "version": version}
            if not insert_if_new(connection, resolver_versions, row):
                connection.execute(resolver_versions.update().where(this).values(version=version))
