"""How much was uploaded for a release, and which minified files."""

from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, func, select

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.debug_id import DebugId
from headwater.storage.database import Database
from headwater.storage.schema import artifact_bundles, artifact_files, bundle_releases
from headwater.storage.uploads.artifact import ReleaseName
from headwater.storage.uploads.home import visible_to


class ReleaseSummary(Struct, frozen=True):
    """Of one release and dist, as one project sees it. `scripts`: address and debug id of minified
    files, each once, the newest uploads first, as many as were asked for; `distinct`: how many
    there are."""

    bundles: int
    minified_files: int
    source_maps: int
    scripts: tuple[tuple[str, DebugId | None], ...]
    distinct: int


def summary_of(
    database: Database, project_id: int, release: ReleaseName, limit: int
) -> ReleaseSummary:
    """What the project may use of what was uploaded for it; `limit` scripts."""
    of_release = _uploaded_for(project_id, release)
    files = artifact_files.join(artifact_bundles)
    counts = (
        select(artifact_files.c.type, func.count())
        .select_from(files)
        .where(of_release)
        .group_by(artifact_files.c.type)
    )
    newest = func.max(artifact_bundles.c.uploaded_at)
    every = (
        select(artifact_files.c.url, artifact_files.c.debug_id)
        .select_from(files)
        .where(of_release, artifact_files.c.type == ArtifactType.MINIFIED_SOURCE.value)
        .group_by(artifact_files.c.url, artifact_files.c.debug_id)
    )
    distinct = select(func.count()).select_from(every.subquery())
    scripts = every.order_by(newest.desc(), artifact_files.c.url).limit(limit)
    bundles = select(func.count()).select_from(artifact_bundles).where(of_release)
    with database.read() as connection:
        by_type = {row[0]: row[1] for row in connection.execute(counts)}
        return ReleaseSummary(
            bundles=connection.execute(bundles).scalar_one(),
            minified_files=by_type.get(ArtifactType.MINIFIED_SOURCE.value, 0),
            source_maps=by_type.get(ArtifactType.SOURCE_MAP.value, 0),
            scripts=tuple((row.url, row.debug_id) for row in connection.execute(scripts)),
            distinct=connection.execute(distinct).scalar_one(),
        )


def _uploaded_for(project_id: int, release: ReleaseName) -> ColumnElement[bool]:
    named: Any = select(bundle_releases.c.artifact_bundle_id).where(
        bundle_releases.c.version == release.version,
        bundle_releases.c.dist == (release.dist or ""),
    )
    return visible_to(artifact_bundles, project_id) & artifact_bundles.c.id.in_(named)
