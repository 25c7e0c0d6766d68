"""What is known of releases by their events: read for pages and the API, written by `sightings`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, exists, func, or_, select

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.debug_id import DebugId
from headwater.storage.database import Database
from headwater.storage.schema import (
    artifact_bundles,
    artifact_files,
    bundle_releases,
    seen_debug_ids,
    seen_releases,
)
from headwater.storage.uploads.bundle_pages import Scope, of_projects
from headwater.storage.uploads.shares import FramesShare


@dataclass(frozen=True, slots=True)
class SeenRelease(FramesShare):
    """A release that events of a project came from. Moments are those of receiving."""

    project_id: int
    version: str
    first_seen: datetime
    last_seen: datetime
    events: int
    resolved: int
    """Frames of the project's own minified files that are shown as they were written."""
    failed: int
    """Those that should be and are not."""


class SeenFile(Struct, frozen=True):
    """A debug id that events of a release named, and the file that it was of."""

    debug_id: DebugId
    code_file: str
    first_seen: datetime
    last_seen: datetime
    """To the hour."""


class SeenReleases:
    """Everything that `Sightings` wrote."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, project_id: int, version: str) -> SeenRelease | None:
        """One release."""
        wanted = select(seen_releases).where(
            seen_releases.c.project_id == project_id, seen_releases.c.version == version
        )
        with self._database.read() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else _release(row)

    def newest(self, project_id: int, limit: int) -> Sequence[SeenRelease]:
        """Those whose first event came last."""
        wanted = select(seen_releases).where(seen_releases.c.project_id == project_id)
        wanted = wanted.order_by(seen_releases.c.first_seen.desc()).limit(limit)
        with self._database.read() as connection:
            return [_release(row) for row in connection.execute(wanted)]

    def before(self, release: SeenRelease, limit: int) -> Sequence[SeenRelease]:
        """Those whose first event came before this one's, the newest first."""
        every = self.before_each((release.project_id,), release.version, limit)
        return every.get(release.project_id, [])

    def of_version(self, version: str) -> Sequence[SeenRelease]:
        """The release in each project whose events name it."""
        named = seen_releases.c.version == version, *of_projects(None, seen_releases.c.project_id)
        wanted = select(seen_releases).where(*named)
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(seen_releases.c.project_id))
            return [_release(row) for row in rows]

    def files(self, project_id: int, version: str) -> Sequence[SeenFile]:
        """Debug ids of a release, in the order of their first event."""
        return self.files_in((project_id,), version).get(project_id, [])

    def files_in(self, projects: Collection[int], version: str) -> Mapping[int, Sequence[SeenFile]]:
        """The same of a release in several projects."""
        named = seen_debug_ids.c
        wanted = (
            select(seen_debug_ids)
            .where(named.project_id.in_(projects), named.version == version)
            .order_by(named.first_seen, named.code_file)
        )
        found: dict[int, list[SeenFile]] = {}
        with self._database.read() as connection:
            for row in connection.execute(wanted):
                file = SeenFile(row.debug_id, row.code_file, row.first_seen, row.last_seen)
                found.setdefault(row.project_id, []).append(file)
        return found

    def before_each(
        self, projects: Collection[int], version: str, limit: int
    ) -> Mapping[int, Sequence[SeenRelease]]:
        """`before` of a release in several projects."""
        this, earlier = seen_releases.alias(), seen_releases.c
        newest = earlier.first_seen.desc()
        place = func.row_number().over(partition_by=earlier.project_id, order_by=newest)
        numbered = (
            select(seen_releases, place.label("place"))
            .join(this, this.c.project_id == earlier.project_id)
            .where(
                this.c.version == version,
                this.c.project_id.in_(projects),
                earlier.first_seen < this.c.first_seen,
            )
            .subquery()
        )
        wanted = select(numbered).where(numbered.c.place <= limit).order_by(numbered.c.place)
        found: dict[int, list[SeenRelease]] = {}
        with self._database.read() as connection:
            for row in connection.execute(wanted):
                found.setdefault(row.project_id, []).append(_release(row))
        return found

    def strangers(self, scope: Scope, versions: Sequence[str], events: int) -> Collection[str]:
        """Those of the versions that, in a project with so many events of it, files were uploaded for,
        and none that the events name."""
        named, home, files = seen_debug_ids.c, seen_releases.c, artifact_files.c
        of_events = (named.project_id == home.project_id) & (named.version == home.version)
        is_visible = (files.artifact_bundle_id == artifact_bundles.c.id) & or_(
            artifact_bundles.c.project_id.is_(None),
            artifact_bundles.c.project_id == home.project_id,
        )
        are_named = exists().where(of_events)
        are_known = exists().where(
            of_events, files.debug_id == named.debug_id, files.sha256 != "", is_visible
        )
        others = exists().where(
            bundle_releases.c.version == home.version,
            bundle_releases.c.artifact_bundle_id == files.artifact_bundle_id,
            files.type == ArtifactType.MINIFIED_SOURCE.value,
            files.debug_id.is_not(None),
            is_visible,
        )
        wanted = select(home.version).where(
            home.version.in_(versions), home.events >= events, are_named, ~are_known, others
        )
        wanted = wanted.where(*of_projects(scope, home.project_id))
        with self._database.read() as connection:
            return set(connection.execute(wanted).scalars())


def _release(row: Row[Any]) -> SeenRelease:
    return SeenRelease(
        row.project_id,
        row.version,
        row.first_seen,
        row.last_seen,
        row.events,
        row.resolved,
        row.failed,
    )
