"""Uploaded bundles as people look at them: lists, one bundle, its files, what was found wrong with it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import zstandard
from msgspec import Struct
from sqlalchemy import ColumnElement, Row, Select, Table, func, select

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.chunks import Sha1
from headwater.protocol.debug_id import DebugId
from headwater.storage.database import Database
from headwater.storage.hidden_projects import has_kept_home, is_kept
from headwater.storage.page import MAX_PER_PAGE, Page, PageRequest
from headwater.storage.schema import (
    api_tokens,
    artifact_bundles,
    artifact_files,
    bundle_releases,
    bundle_reports,
    users,
)
from headwater.storage.uploads.artifact import ReleaseName
from headwater.storage.uploads.home import Home, visible_to, visible_to_any


class ShownBundle(Struct, frozen=True):
    """A bundle with what is counted of it. `size` in bytes, as uploaded; `home` None: the instance's."""

    id: int
    home: Home
    checksum: Sha1
    size: int
    uploaded_at: datetime
    token_name: str | None
    user_email: str | None
    """Of who uploaded it by hand."""
    files: int
    errors: int | None
    """None: it was not looked through, as of files that were uploaded one by one."""
    warnings: int | None
    notes: int | None
    last_used_at: datetime | None
    """When it resolved a frame last, to the hour; None: never."""


class ShownFile(Struct, frozen=True):
    """A file of a bundle. `size` in bytes."""

    id: int
    type: ArtifactType
    url: str
    built_as: str | None
    debug_id: DebugId | None
    size: int
    fault: str | None
    sha256: str
    """Of its content; "": that was not kept."""


class IdHolder(Struct, frozen=True):
    """A debug id that was uploaded: in which bundle, when, and of which minified file."""

    debug_id: DebugId
    bundle: int
    uploaded_at: datetime
    url: str
    built_as: str | None
    home: Home = None


class AddressHolder(Struct, frozen=True):
    """An address that was uploaded for a release: in which bundle, and when."""

    url: str
    bundle: int
    uploaded_at: datetime


Scope: TypeAlias = int | frozenset[int] | None
"""A project, which sees its own uploads and the instance's; several, which see theirs and the
instance's; None: everything on the server."""


class BundlePages:
    """Reads only; `storage.uploads.artifacts` writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, bundle_id: int) -> ShownBundle | None:
        """One bundle."""
        with self._database.read() as connection:
            this = artifact_bundles.c.id == bundle_id, *seen_by(None)
            row = connection.execute(_BUNDLES.where(*this)).first()
        return None if row is None else _bundle(row)

    def newest(self, scope: Scope, page: PageRequest) -> Page[ShownBundle]:
        """All of them."""
        return self._page(_BUNDLES.where(*seen_by(scope)), page)

    def of_release(self, scope: Scope, version: str, page: PageRequest) -> Page[ShownBundle]:
        """Those for any dist of a release, newest first."""
        ours = select(bundle_releases.c.artifact_bundle_id).where(
            bundle_releases.c.version == version
        )
        return self._page(_BUNDLES.where(*seen_by(scope), artifact_bundles.c.id.in_(ours)), page)

    def releases(self, bundle_id: int) -> Page[ReleaseName]:
        """What a bundle was uploaded for, the last first; one page of the largest size."""
        page = PageRequest(0, MAX_PER_PAGE)
        wanted = (
            select(bundle_releases.c.version, bundle_releases.c.dist)
            .where(bundle_releases.c.artifact_bundle_id == bundle_id)
            .order_by(bundle_releases.c.id.desc())
            .limit(page.fetch)
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted)
            return page.page([ReleaseName(row.version, row.dist or None) for row in rows])

    def files(self, bundle_id: int, page: PageRequest) -> Page[ShownFile]:
        """In the order of the manifest."""
        wanted = (
            select(artifact_files)
            .where(artifact_files.c.artifact_bundle_id == bundle_id)
            .order_by(artifact_files.c.id)
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted.offset(page.offset).limit(page.fetch))
            return page.page([_file(row) for row in rows])

    def file(self, bundle_id: int, file_id: int) -> ShownFile | None:
        """One file of a bundle."""
        wanted = select(artifact_files).where(
            artifact_files.c.artifact_bundle_id == bundle_id, artifact_files.c.id == file_id
        )
        with self._database.read() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else _file(row)

    def report(self, bundle_id: int) -> bytes | None:
        """What was found wrong, as JSON; None if it was not looked through."""
        wanted = select(bundle_reports.c.content).where(
            bundle_reports.c.artifact_bundle_id == bundle_id
        )
        with self._database.read() as connection:
            found: bytes | None = connection.execute(wanted).scalar_one_or_none()
        return None if found is None else zstandard.decompress(found)

    def holders(self, scope: Scope, ids: Sequence[DebugId]) -> dict[DebugId, IdHolder]:
        """Which of these debug ids were uploaded; the newest file of each, minified files first.

        `ids` are at most as many as one statement holds.
        """
        return {each.debug_id: each for each in self.every_holder(scope, ids)}

    def every_holder(self, scope: Scope, ids: Sequence[DebugId]) -> Sequence[IdHolder]:
        """All files with one of the ids; of an id, the last is the one that `holders` names."""
        columns = artifact_bundles.c.uploaded_at, artifact_bundles.c.project_id
        wanted = (
            select(artifact_files, *columns)
            .join(artifact_bundles, artifact_bundles.c.id == artifact_files.c.artifact_bundle_id)
            .where(
                *seen_by(scope), artifact_files.c.debug_id.in_(ids), artifact_files.c.sha256 != ""
            )
            .order_by(artifact_files.c.type.desc(), artifact_bundles.c.uploaded_at)
        )
        with self._database.read() as connection:
            return [_holder(row) for row in connection.execute(wanted)]

    def at_addresses(
        self, scope: Scope, version: str, urls: Collection[str]
    ) -> dict[str, AddressHolder]:
        """Which of these addresses a file was uploaded at for a release, of any dist; the newest of each.

        `urls` are at most as many as one statement holds.
        """
        wanted = (
            select(artifact_files.c.url, artifact_bundles.c.id, artifact_bundles.c.uploaded_at)
            .join(artifact_bundles, artifact_bundles.c.id == artifact_files.c.artifact_bundle_id)
            .join(bundle_releases, bundle_releases.c.artifact_bundle_id == artifact_bundles.c.id)
            .where(
                *seen_by(scope),
                bundle_releases.c.version == version,
                artifact_files.c.url.in_(urls),
                artifact_files.c.sha256 != "",
            )
            .order_by(artifact_bundles.c.uploaded_at)
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted)
            return {row.url: AddressHolder(row.url, row.id, row.uploaded_at) for row in rows}

    def homes_of_release(self, version: str) -> Collection[Home]:
        """Where something was uploaded for a release."""
        wanted = (
            select(artifact_bundles.c.project_id)
            .join(bundle_releases, bundle_releases.c.artifact_bundle_id == artifact_bundles.c.id)
            .where(bundle_releases.c.version == version, *seen_by(None))
            .distinct()
        )
        with self._database.read() as connection:
            return set(connection.execute(wanted).scalars())

    def ids_of_release(self, scope: Scope, version: str, limit: int) -> Sequence[IdHolder]:
        """Debug ids that were uploaded for a release, one file of each in each home; the newest bundle's
        first."""
        wanted = (
            select(artifact_files, artifact_bundles.c.uploaded_at, artifact_bundles.c.project_id)
            .join(artifact_bundles, artifact_bundles.c.id == artifact_files.c.artifact_bundle_id)
            .join(bundle_releases, bundle_releases.c.artifact_bundle_id == artifact_bundles.c.id)
            .where(
                *seen_by(scope),
                bundle_releases.c.version == version,
                artifact_files.c.type == ArtifactType.MINIFIED_SOURCE.value,
                artifact_files.c.debug_id.is_not(None),
            )
            .order_by(artifact_bundles.c.uploaded_at.desc(), artifact_files.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            found = [_holder(row) for row in connection.execute(wanted)]
        by_home = {(each.home, each.debug_id): each for each in reversed(found)}
        return list(by_home.values())[::-1]

    def _page(self, wanted: Select[Any], page: PageRequest) -> Page[ShownBundle]:
        newest = wanted.order_by(
            artifact_bundles.c.uploaded_at.desc(), artifact_bundles.c.id.desc()
        )
        with self._database.read() as connection:
            rows = connection.execute(newest.offset(page.offset).limit(page.fetch))
            return page.page([_bundle(row) for row in rows])


_BUNDLES: Select[Any] = (
    select(
        artifact_bundles,
        api_tokens.c.name.label("token_name"),
        users.c.email.label("user_email"),
        select(func.count())
        .where(artifact_files.c.artifact_bundle_id == artifact_bundles.c.id)
        .scalar_subquery()
        .label("files"),
        bundle_reports.c.errors,
        bundle_reports.c.warnings,
        bundle_reports.c.notes,
    )
    .outerjoin(api_tokens, api_tokens.c.id == artifact_bundles.c.token_id)
    .outerjoin(users, users.c.id == artifact_bundles.c.user_id)
    .outerjoin(bundle_reports, bundle_reports.c.artifact_bundle_id == artifact_bundles.c.id)
)


def seen_by(scope: Scope, table: Table = artifact_bundles) -> tuple[ColumnElement[bool], ...]:
    """Which bundles, or other rows that have a home, a scope sees."""
    if scope is None:
        return (has_kept_home(table.c.project_id),)
    if isinstance(scope, frozenset):
        return (visible_to_any(table, scope),)
    return (visible_to(table, scope),)


def of_projects(scope: Scope, column: ColumnElement[Any]) -> tuple[ColumnElement[bool], ...]:
    """Which rows that belong to a project a scope sees."""
    if scope is None:
        return (is_kept(column),)
    return (column.in_(sorted(scope)) if isinstance(scope, frozenset) else column == scope,)


def _bundle(row: Row[Any]) -> ShownBundle:
    return ShownBundle(
        id=row.id,
        home=row.project_id,
        checksum=row.checksum,
        size=row.size,
        uploaded_at=row.uploaded_at,
        token_name=row.token_name,
        user_email=row.user_email,
        files=row.files,
        errors=row.errors,
        warnings=row.warnings,
        notes=row.notes,
        last_used_at=row.last_used_at,
    )


def _file(row: Row[Any]) -> ShownFile:
    return ShownFile(
        id=row.id,
        type=ArtifactType(row.type),
        url=row.url,
        built_as=row.built_as,
        debug_id=row.debug_id,
        size=row.size,
        fault=row.fault,
        sha256=row.sha256,
    )


def _holder(row: Row[Any]) -> IdHolder:
    return IdHolder(
        row.debug_id,
        row.artifact_bundle_id,
        row.uploaded_at,
        row.url,
        row.built_as,
        row.project_id,
    )
