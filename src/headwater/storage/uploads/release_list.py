"""All releases that were announced, uploaded for or seen in events, with what is counted of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, Select, case, func, select, union_all

from headwater.storage.database import Database
from headwater.storage.page import Page, PageRequest
from headwater.storage.schema import (
    api_tokens,
    artifact_bundles,
    artifact_files,
    bundle_releases,
    bundle_reports,
    releases,
    seen_releases,
)
from headwater.storage.uploads.bundle_pages import Scope, of_projects, seen_by
from headwater.storage.uploads.shares import FramesShare


class Uploaded(Struct, frozen=True):
    """What was uploaded for a release, of any dist, and what was found wrong with it."""

    bundles: int = 0
    files: int = 0
    uploaded_at: datetime | None = None
    """The newest."""
    token_name: str | None = None
    """Of the newest."""
    errors: int = 0
    warnings: int = 0
    last_used_at: datetime | None = None
    """When any of it resolved a frame last, to the hour; None: never."""


@dataclass(frozen=True, slots=True)
class SeenInEvents(FramesShare):
    """What events tell of a release. Frames are those of the project's own minified files."""

    events: int = 0
    resolved: int = 0
    failed: int = 0
    first_seen: datetime | None = None
    last_seen: datetime | None = None


class ListedRelease(Struct, frozen=True):
    """A release by its name: one that several projects share is one."""

    version: str
    uploaded: Uploaded
    seen: SeenInEvents


class ReleaseList:
    """Reads only. A page costs three statements."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, scope: Scope, page: PageRequest) -> Page[ListedRelease]:
        """Newest first: by when it was announced, uploaded for, or first seen."""
        wanted = _versions(scope)
        with self._database.read() as connection:
            rows = connection.execute(wanted.offset(page.offset).limit(page.fetch))
            versions = rows.scalars().all()
            return page.page(_listed(connection, scope, versions))

    def newest(self, scope: Scope, limit: int) -> Sequence[str]:
        """The versions alone, of the first so many of `page`."""
        with self._database.read() as connection:
            return connection.execute(_versions(scope).limit(limit)).scalars().all()

    def get(self, scope: Scope, version: str) -> ListedRelease | None:
        """One of them; None if nobody has heard of it."""
        if "\x00" in version:  # of an address: PostgreSQL refuses to be asked for it
            return None
        announced = select(releases.c.id).where(releases.c.version == version).limit(1)
        announced = announced.where(*seen_by(scope, releases))
        with self._database.read() as connection:
            (found,) = _listed(connection, scope, [version])
            is_known = found.seen.events or found.uploaded.bundles
            return found if is_known or connection.execute(announced).first() else None


def _versions(scope: Scope) -> Select[Any]:
    announced = select(releases.c.version, releases.c.created_at.label("at"))
    sighted = select(seen_releases.c.version, seen_releases.c.first_seen.label("at"))
    announced = announced.where(*seen_by(scope, releases))
    sighted = sighted.where(*of_projects(scope, seen_releases.c.project_id))
    every = union_all(announced, sighted).subquery()
    return (
        select(every.c.version)
        .group_by(every.c.version)
        .order_by(func.max(every.c.at).desc(), every.c.version)
    )


def _listed(connection: Connection, scope: Scope, versions: Sequence[str]) -> list[ListedRelease]:
    uploaded = {row.version: row for row in connection.execute(_uploads(scope, versions))}
    seen = {row.version: row for row in connection.execute(_sightings(scope, versions))}
    return [
        ListedRelease(each, _uploaded(uploaded.get(each)), _seen(seen.get(each)))
        for each in versions
    ]


def _uploads(scope: Scope, versions: Sequence[str]) -> Select[Any]:
    of_version = (
        select(bundle_releases.c.version, bundle_releases.c.artifact_bundle_id)
        .where(bundle_releases.c.version.in_(versions))
        .distinct()
        .subquery()
    )
    files = (
        select(func.count())
        .where(artifact_files.c.artifact_bundle_id == artifact_bundles.c.id)
        .scalar_subquery()
    )
    newest_first = (artifact_bundles.c.uploaded_at.desc(), artifact_bundles.c.id.desc())
    number = func.row_number().over(partition_by=of_version.c.version, order_by=newest_first)
    each = (
        select(
            of_version.c.version,
            files.label("files"),
            artifact_bundles.c.uploaded_at,
            artifact_bundles.c.last_used_at,
            api_tokens.c.name.label("token_name"),
            bundle_reports.c.errors,
            bundle_reports.c.warnings,
            number.label("number"),
        )
        .join(artifact_bundles, artifact_bundles.c.id == of_version.c.artifact_bundle_id)
        .outerjoin(api_tokens, api_tokens.c.id == artifact_bundles.c.token_id)
        .outerjoin(bundle_reports, bundle_reports.c.artifact_bundle_id == artifact_bundles.c.id)
        .where(*seen_by(scope))
        .subquery()
    )
    return select(
        each.c.version,
        func.count().label("bundles"),
        func.sum(each.c.files).label("files"),
        func.max(each.c.uploaded_at).label("uploaded_at"),
        func.max(case((each.c.number == 1, each.c.token_name))).label("token_name"),
        func.coalesce(func.sum(each.c.errors), 0).label("errors"),
        func.coalesce(func.sum(each.c.warnings), 0).label("warnings"),
        func.max(each.c.last_used_at).label("last_used_at"),
    ).group_by(each.c.version)


def _sightings(scope: Scope, versions: Sequence[str]) -> Select[Any]:
    ours = of_projects(scope, seen_releases.c.project_id)
    return (
        select(
            seen_releases.c.version,
            func.sum(seen_releases.c.events).label("events"),
            func.sum(seen_releases.c.resolved).label("resolved"),
            func.sum(seen_releases.c.failed).label("failed"),
            func.min(seen_releases.c.first_seen).label("first_seen"),
            func.max(seen_releases.c.last_seen).label("last_seen"),
        )
        .where(seen_releases.c.version.in_(versions), *ours)
        .group_by(seen_releases.c.version)
    )


def _uploaded(row: Row[Any] | None) -> Uploaded:
    if row is None:
        return Uploaded()
    # PostgreSQL's sums of integers are decimals.
    counts = (int(row.bundles), int(row.files))
    found = (int(row.errors), int(row.warnings))
    return Uploaded(*counts, row.uploaded_at, row.token_name, *found, row.last_used_at)


def _seen(row: Row[Any] | None) -> SeenInEvents:
    if row is None:
        return SeenInEvents()
    counts = (int(row.events), int(row.resolved), int(row.failed))
    return SeenInEvents(*counts, row.first_seen, row.last_seen)
