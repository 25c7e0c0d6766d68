"""Releases: the versions that clients announce, and where they were deployed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, select, update

from headwater.storage.database import Database
from headwater.storage.likeness import holds
from headwater.storage.many_rows import insert_if_new
from headwater.storage.schema import releases
from headwater.storage.uploads.home import Home, of_home, visible_to


class Release(Struct, frozen=True):
    """One release of one home. `commits` is JSON, as the client sent it."""

    id: int
    project_id: Home
    version: str
    url: str | None
    created_at: datetime
    released_at: datetime | None
    commits: str | None
    status: str
    """`open` or `archived`."""


class Releases:
    """Every release."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, home: Home, version: str, now: datetime) -> tuple[Release, bool]:
        """The release of this version, and whether it is new."""
        with self._database.write() as connection:
            is_new = ensure_release(connection, home, version, now)
            return _release(connection.execute(_of(home, version)).one()), is_new

    def get(self, home: Home, version: str) -> Release | None:
        """The release of this version, if it was ever announced or uploaded for."""
        with self._database.read() as connection:
            row = connection.execute(_of(home, version)).first()
        return None if row is None else _release(row)

    def visible(self, project_id: int, version: str) -> Sequence[Release]:
        """Those of this version that a project sees: its own, and then the instance's."""
        wanted = select(releases).where(
            visible_to(releases, project_id), releases.c.version == version
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(releases.c.project_id.is_(None))).all()
        return [_release(row) for row in rows]

    def change(self, release_id: int, changes: Mapping[str, Any]) -> Release:
        """Set `url`, `released_at`, `commits` or `status`; the release as it is then."""
        with self._database.write() as connection:
            if changes:
                connection.execute(
                    update(releases).where(releases.c.id == release_id).values(dict(changes))
                )
            row = connection.execute(select(releases).where(releases.c.id == release_id)).one()
        return _release(row)

    def page(self, home: Home, query: str, offset: int, limit: int) -> tuple[Release, ...]:
        """Releases whose version contains `query`, newest first."""
        wanted = select(releases).where(of_home(releases, home))
        if query:
            wanted = wanted.where(holds(releases.c.version, query))
        wanted = wanted.order_by(releases.c.created_at.desc(), releases.c.id.desc())
        with self._database.read() as connection:
            rows = connection.execute(wanted.offset(offset).limit(limit))
            return tuple(_release(row) for row in rows)

    def before(self, release: Release) -> Release | None:
        """The latest older release of the same home that has commits."""
        with self._database.read() as connection:
            row = connection.execute(
                select(releases)
                .where(
                    of_home(releases, release.project_id),
                    releases.c.commits.is_not(None),
                    releases.c.id < release.id,
                )
                .order_by(releases.c.id.desc())
                .limit(1)
            ).first()
        return None if row is None else _release(row)

    def delete(self, release_id: int) -> None:
        """Forget the release and its deploys; what was uploaded for it stays."""
        with self._database.write() as connection:
            connection.execute(releases.delete().where(releases.c.id == release_id))


def ensure_release(connection: Connection, home: Home, version: str, now: datetime) -> bool:
    """See to it that the release exists; whether it is new. Uploading for one announces it."""
    row = {"project_id": home, "version": version, "created_at": now}
    return insert_if_new(connection, releases, row)


def _of(home: Home, version: str) -> Any:  # a select
    return select(releases).where(of_home(releases, home), releases.c.version == version)


def _release(row: Row[Any]) -> Release:
    return Release(
        id=row.id,
        project_id=row.project_id,
        version=row.version,
        url=row.url,
        created_at=row.created_at,
        released_at=row.released_at,
        commits=row.commits,
        status=row.status,
    )
