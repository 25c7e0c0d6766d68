"""Uploads that lie beside what was looked for: asked only when something is not found."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Row, Select, select

from headwater.protocol.debug_id import DebugId
from headwater.protocol.file_names import name_of
from headwater.storage.database import Database
from headwater.storage.hidden_projects import is_kept
from headwater.storage.schema import artifact_bundles, artifact_files, bundle_releases
from headwater.storage.uploads.home import visible_to

MAX_NAMED: Final = 40
"""Files of one name that are looked at, the latest; a person is told of one or two."""

MAX_SEEN: Final = 400
"""Rows that are read to find them; other projects' files are among these."""

MAX_DISTS: Final = 20
"""Dists of a release that are named."""


class NamedFile(Struct, frozen=True):
    """A file that is called like another, as far as a near miss tells of it."""

    url: str
    name: str
    """As the bundler called it; plugins upload it by its debug id."""
    debug_id: DebugId | None
    bundle: int
    uploaded_at: datetime
    release: str | None
    dist: str | None


class Elsewhere(Struct, frozen=True):
    """An upload that an event's project may not use."""

    project_id: int
    uploaded_at: datetime


class NearMisses:
    """Every question reads a bounded number of rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def named(
        self, project_id: int, stem: str, release: str | None = None
    ) -> tuple[NamedFile, ...]:
        """Files that are called alike and that the project may use, the latest first.

        With `release` only those of that release, whatever their dist. A file that is for several
        releases comes once for each.
        """
        if not stem:
            return ()
        some = (
            select(artifact_files.c.id)
            .where(artifact_files.c.stem == stem)
            .order_by(artifact_files.c.id.desc())
        )
        if release is not None:
            of_release = select(bundle_releases.c.artifact_bundle_id).where(
                bundle_releases.c.version == release
            )
            some = some.where(artifact_files.c.artifact_bundle_id.in_(of_release))
        wanted: Select[Any] = (
            select(
                artifact_files.c.url,
                artifact_files.c.built_as,
                artifact_files.c.debug_id,
                artifact_bundles.c.id,
                artifact_bundles.c.uploaded_at,
                bundle_releases.c.version,
                bundle_releases.c.dist,
            )
            .join(artifact_bundles, artifact_bundles.c.id == artifact_files.c.artifact_bundle_id)
            .outerjoin(
                bundle_releases, bundle_releases.c.artifact_bundle_id == artifact_bundles.c.id
            )
            .where(
                artifact_files.c.id.in_(some.limit(MAX_SEEN)),
                visible_to(artifact_bundles, project_id),
            )
            .order_by(artifact_bundles.c.uploaded_at.desc(), artifact_files.c.id)
            .limit(MAX_NAMED)
        )
        if release is not None:
            wanted = wanted.where(bundle_releases.c.version == release)
        with self._database.read() as connection:
            return tuple(_named(row) for row in connection.execute(wanted))

    def dists(self, project_id: int, release: str) -> Sequence[str | None]:
        """Which dists of a release something was uploaded for, MAX_DISTS at most; None: without one."""
        wanted = (
            select(bundle_releases.c.dist)
            .join(artifact_bundles, artifact_bundles.c.id == bundle_releases.c.artifact_bundle_id)
            .where(bundle_releases.c.version == release, visible_to(artifact_bundles, project_id))
            .distinct()
            .order_by(bundle_releases.c.dist)
            .limit(MAX_DISTS)
        )
        with self._database.read() as connection:
            return tuple(dist or None for dist in connection.execute(wanted).scalars())

    def elsewhere(self, project_id: int, debug_id: DebugId) -> Elsewhere | None:
        """Where another project's token uploaded this debug id last; an id is a random number of
        128 bits, which nobody can ask for without having it."""
        wanted = (
            select(artifact_bundles.c.project_id, artifact_bundles.c.uploaded_at)
            .join(artifact_files, artifact_files.c.artifact_bundle_id == artifact_bundles.c.id)
            .where(
                artifact_files.c.debug_id == debug_id,
                artifact_bundles.c.project_id.is_not(None),
                artifact_bundles.c.project_id != project_id,
                is_kept(artifact_bundles.c.project_id),
            )
            .order_by(artifact_bundles.c.uploaded_at.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else Elsewhere(row.project_id, row.uploaded_at)


def _named(row: Row[Any]) -> NamedFile:
    return NamedFile(
        url=row.url,
        name=name_of(row.built_as or row.url),
        debug_id=row.debug_id,
        bundle=row.id,
        uploaded_at=row.uploaded_at,
        release=row.version,
        dist=row.dist or None,
    )
