"""What would go if uploads were deleted: files, bytes that nobody else needs, and who names them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, Select, case, exists, func, select

from headwater.protocol.bundle import ArtifactType
from headwater.storage.batches import written_out
from headwater.storage.database import Database
from headwater.storage.hidden_projects import is_kept
from headwater.storage.schema import (
    artifact_bundles,
    artifact_files,
    bundle_releases,
    seen_debug_ids,
    seen_releases,
)
from headwater.storage.uploads.artifact import ReleaseName
from headwater.storage.uploads.home import Home
from headwater.storage.uploads.release_files import bundles_named

MAX_NAMED: Final = 50
"""Releases that are named."""


class NamedBy(Struct, frozen=True):
    """A release whose events name files of an upload, or that it was uploaded for; `events` are all
    that came of it."""

    project_id: int
    version: str
    events: int
    last_seen: datetime


class GoingUploads(Struct, frozen=True):
    """Some uploads, by what is lost with them. Bytes are those of the files as they came."""

    bundles: tuple[int, ...]
    kept: int
    """Bundles that stay, because they are for another release too."""
    files: int
    scripts: int
    maps: int
    size: int
    freed: int
    """Of files that no other upload names."""
    releases: tuple[ReleaseName, ...]
    named_by: tuple[NamedBy, ...]

    @property
    def events(self) -> int:
        """Of all releases that name them."""
        return sum(each.events for each in self.named_by)


class Going:
    """Reads only, in a few statements; none of them looks at events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def with_bundle(self, bundle_id: int) -> GoingUploads:
        """If one bundle is deleted."""
        only = select(artifact_bundles.c.id).where(artifact_bundles.c.id == bundle_id)
        with self._database.read() as connection:
            return _going(connection, only, 0)

    def with_release(self, home: Home, version: str) -> GoingUploads:
        """If everything is deleted that a home uploaded for a release, and for no other."""
        named = bundles_named(home, version)
        others = exists().where(
            bundle_releases.c.artifact_bundle_id == artifact_bundles.c.id,
            bundle_releases.c.version != version,
        )
        kept = select(func.count()).select_from(named.where(others).subquery())
        with self._database.read() as connection:
            return _going(connection, named.where(~others), connection.execute(kept).scalar_one())

    def freed(self, bundle_ids: Sequence[int]) -> int:
        """Bytes of files that only these bundles name, as they came."""
        only = select(artifact_bundles.c.id).where(
            artifact_bundles.c.id.in_(written_out(bundle_ids))
        )
        wanted = _sizes(only, artifact_files.c.artifact_bundle_id.in_(only))
        with self._database.read() as connection:
            return int(connection.execute(wanted).one().freed)

    def last_named(self, bundle_id: int) -> datetime | None:
        """When an event named one of a bundle's debug ids last, to the hour."""
        ids = select(artifact_files.c.debug_id).where(
            artifact_files.c.artifact_bundle_id == bundle_id,
            artifact_files.c.debug_id.is_not(None),
        )
        wanted = select(func.max(seen_debug_ids.c.last_seen)).where(
            seen_debug_ids.c.debug_id.in_(ids), is_kept(seen_debug_ids.c.project_id)
        )
        with self._database.read() as connection:
            found: datetime | None = connection.execute(wanted).scalar()
        return found


def _going(connection: Connection, bundles: Select[Any], kept: int) -> GoingUploads:
    of_them = artifact_files.c.artifact_bundle_id.in_(bundles)
    by_type = (
        select(artifact_files.c.type, func.count()).where(of_them).group_by(artifact_files.c.type)
    )
    counts = {row[0]: row[1] for row in connection.execute(by_type)}
    sizes = connection.execute(_sizes(bundles, of_them)).one()
    named = (
        select(bundle_releases.c.version, bundle_releases.c.dist)
        .where(bundle_releases.c.artifact_bundle_id.in_(bundles))
        .distinct()
        .order_by(bundle_releases.c.version, bundle_releases.c.dist)
        .limit(MAX_NAMED)
    )
    return GoingUploads(
        bundles=tuple(connection.execute(bundles).scalars()),
        kept=kept,
        files=sum(counts.values()),
        scripts=counts.get(ArtifactType.MINIFIED_SOURCE.value, 0),
        maps=counts.get(ArtifactType.SOURCE_MAP.value, 0),
        # PostgreSQL's sums of integers are decimals.
        size=int(sizes.size),
        freed=int(sizes.freed),
        releases=tuple(
            ReleaseName(row.version, row.dist or None) for row in connection.execute(named)
        ),
        named_by=_named_by(connection, bundles, of_them),
    )


def _sizes(bundles: Select[Any], of_them: ColumnElement[bool]) -> Select[Any]:
    """Each content counts once, however many files have it."""
    each = (
        select(artifact_files.c.sha256, func.max(artifact_files.c.size).label("size"))
        .where(of_them, artifact_files.c.sha256 != "")
        .group_by(artifact_files.c.sha256)
        .subquery()
    )
    other = artifact_files.alias()
    has_others = exists().where(
        other.c.sha256 == each.c.sha256, other.c.artifact_bundle_id.not_in(bundles)
    )
    return select(
        func.coalesce(func.sum(each.c.size), 0).label("size"),
        func.coalesce(func.sum(case((~has_others, each.c.size))), 0).label("freed"),
    )


def _named_by(
    connection: Connection, bundles: Select[Any], of_them: ColumnElement[bool]
) -> tuple[NamedBy, ...]:
    seen, named = seen_releases.c, seen_debug_ids.c
    ids = select(artifact_files.c.debug_id).where(of_them, artifact_files.c.debug_id.is_not(None))
    homes = set(
        connection.execute(
            select(artifact_bundles.c.project_id).where(artifact_bundles.c.id.in_(bundles))
        ).scalars()
    )
    by_id = select(named.project_id, named.version).where(named.debug_id.in_(ids)).distinct()
    versions = select(bundle_releases.c.version).where(
        bundle_releases.c.artifact_bundle_id.in_(bundles)
    )
    by_name = select(seen.project_id, seen.version).where(seen.version.in_(versions))
    pairs = by_id.union(by_name).subquery()
    wanted = (
        select(seen_releases)
        .join(pairs, (seen.project_id == pairs.c.project_id) & (seen.version == pairs.c.version))
        .order_by(seen.last_seen.desc())
        .limit(MAX_NAMED)
    )
    is_whole = None in homes
    wanted = wanted.where(is_kept(seen.project_id) if is_whole else seen.project_id.in_(homes))
    return tuple(_named(row) for row in connection.execute(wanted))


def _named(row: Row[Any]) -> NamedBy:
    return NamedBy(row.project_id, row.version, row.events, row.last_seen)
