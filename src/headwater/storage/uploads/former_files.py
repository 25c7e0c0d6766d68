"""What was uploaded and is not there any more: when it went, and who or what removed it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, Row, String, and_, cast, func, literal, or_, select

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.debug_id import DebugId
from headwater.storage.database import Database
from headwater.storage.schema import (
    artifact_bundles,
    artifact_files,
    bundle_releases,
    former_files,
)
from headwater.storage.uploads.artifact import ReleaseName
from headwater.storage.uploads.home import Home, visible_to, visible_to_any

MAX_FORMER: Final = 100_000
"""Removed files that are remembered, the latest, of the whole instance: some 30 MB."""

PRUNED_AT_ONCE: Final = 5_000
"""Rows that one transaction removes."""

MAX_GONE: Final = 1_000
"""Removed files of one release that are looked at, the last: what a page says of each, and who removed
them."""

MAX_BY: Final = 200
"""Characters of who removed something: the column's width."""


class Reason(StrEnum):
    """Why a file was removed."""

    DELETED = "deleted"
    """Somebody asked for it."""
    EXPIRED = "expired"
    """It was older than the instance keeps uploads."""


class Removal(Struct, frozen=True):
    """When something goes, and at whose word: a token, a user, or the setting that says so."""

    at: datetime
    by: str
    reason: Reason = Reason.DELETED


class FormerFile(Struct, frozen=True):
    """A minified file or source map that was removed."""

    url: str
    removal: Removal


class GoneFile(Struct, frozen=True):
    """A file that was removed, and what it was for. `home` None: the instance's."""

    home: Home
    debug_id: DebugId | None
    version: str
    removal: Removal


class FormerFiles:
    """What is remembered of them; asked when something is not found."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def with_debug_id(self, project_id: int, debug_id: DebugId) -> FormerFile | None:
        """The last that claimed the id and that the project could use."""
        return self._last(project_id, former_files.c.debug_id == debug_id)

    def at_urls(
        self, project_id: int, urls: Sequence[str], release: ReleaseName
    ) -> FormerFile | None:
        """The last of this release and dist at any of the addresses."""
        return self._last(
            project_id,
            former_files.c.url.in_(urls),
            former_files.c.version == release.version,
            former_files.c.dist == (release.dist or ""),
        )

    def gone(
        self, homes: Collection[int], version: str, ids: Sequence[DebugId]
    ) -> Sequence[GoneFile]:
        """Those of a release, or with one of the ids, that any of the projects could use; MAX_GONE at
        most, the last first. `ids` are at most as many as one statement holds."""
        former = former_files.c
        wanted = (
            select(former_files)
            .where(
                visible_to_any(former_files, homes),
                or_(former.version == version, former.debug_id.in_(ids)),
            )
            .order_by(former.id.desc())
            .limit(MAX_GONE)
        )
        with self._database.read() as connection:
            return [
                GoneFile(row.project_id, row.debug_id, row.version, former_file(row).removal)
                for row in connection.execute(wanted)
            ]

    def prune(self) -> int:
        """Forget the oldest beyond MAX_FORMER, some at a time; how many."""
        newest = select(former_files.c.id).order_by(former_files.c.id.desc())
        with self._database.read() as connection:
            last = connection.execute(newest.offset(MAX_FORMER).limit(1)).scalar()
            if last is None:
                return 0
            old = select(former_files.c.id).where(former_files.c.id <= last)
            some = connection.execute(old.order_by(former_files.c.id).limit(PRUNED_AT_ONCE))
            upto = max(some.scalars())
        with self._database.write() as connection:
            return connection.execute(
                former_files.delete().where(former_files.c.id <= upto)
            ).rowcount

    def _last(self, project_id: int, *where: Any) -> FormerFile | None:
        wanted = (
            select(former_files)
            .where(visible_to(former_files, project_id), *where)
            .order_by(former_files.c.id.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else former_file(row)


def remember(
    connection: Connection, bundles: Sequence[int], removal: Removal, version: str | None = None
) -> None:
    """Note that these bundles' files go: as files of the release `version`, or of all of theirs."""
    of_release = bundle_releases.c.artifact_bundle_id == artifact_bundles.c.id
    if version is not None:
        of_release = and_(of_release, bundle_releases.c.version == version)
    going = (
        select(
            artifact_bundles.c.project_id,
            artifact_files.c.debug_id,
            artifact_files.c.url,
            func.coalesce(bundle_releases.c.version, ""),
            func.coalesce(bundle_releases.c.dist, ""),
            literal(removal.at, former_files.c.removed_at.type),
            cast(literal(removal.by[:MAX_BY]), String),
            cast(literal(removal.reason.value), String),
        )
        .join(artifact_bundles, artifact_bundles.c.id == artifact_files.c.artifact_bundle_id)
        .outerjoin(bundle_releases, of_release)
        .where(
            artifact_bundles.c.id.in_(bundles),
            artifact_files.c.type.in_([ArtifactType.MINIFIED_SOURCE, ArtifactType.SOURCE_MAP]),
        )
        .limit(MAX_FORMER)
    )
    connection.execute(former_files.insert().from_select(_COLUMNS, going))


_COLUMNS: Final = [
    "project_id",
    "debug_id",
    "url",
    "version",
    "dist",
    "removed_at",
    "removed_by",
    "reason",
]


def former_file(row: Row[Any]) -> FormerFile:
    """A row of `former_files`."""
    return FormerFile(row.url, Removal(row.removed_at, row.removed_by, Reason(row.reason)))
