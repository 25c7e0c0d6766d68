"""Whether something was uploaded: by debug id, by a file's name or address, or by release."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Row, Select, or_, select

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.debug_id import DebugId
from headwater.storage.database import Database
from headwater.storage.likeness import holds
from headwater.storage.page import Page, PageRequest
from headwater.storage.schema import (
    api_tokens,
    artifact_bundles,
    artifact_files,
    bundle_releases,
    former_files,
    last_part,
    releases,
    seen_debug_ids,
    seen_releases,
    users,
)
from headwater.storage.uploads.artifact import ReleaseName
from headwater.storage.uploads.bundle_pages import Scope, of_projects, seen_by
from headwater.storage.uploads.former_files import FormerFile, former_file
from headwater.storage.uploads.home import Home

MAX_LOOKED_AT: Final = 400
"""Files of one name that are looked at, the latest: a name like `index.js` is in every build."""

MAX_RELEASES: Final = 500
"""Releases that are named with what was found; a bundle may be for hundreds."""

FOUND: Final = PageRequest(0, 50)
"""Of each kind of answer; who wants more says more of what it is."""

FORMER: Final = PageRequest(0, 20)

ALIKE: Final = 10
"""Releases that are called alike, and that name what was asked for."""


class FoundFile(Struct, frozen=True):
    """An uploaded file, with all that tells whether it is the right one. `home` None: the instance's."""

    type: ArtifactType
    url: str
    built_as: str | None
    debug_id: DebugId | None
    fault: str | None
    bundle: int
    uploaded_at: datetime
    token_name: str | None
    user_email: str | None
    home: Home
    releases: tuple[ReleaseName, ...] = ()


class Removed(Struct, frozen=True):
    """A file that was there once. `release` None: it was uploaded for none."""

    home: Home
    debug_id: DebugId | None
    release: ReleaseName | None
    file: FormerFile


class Naming(Struct, frozen=True):
    """A release whose events name a debug id; `events` are all that it has."""

    project_id: int
    version: str
    code_file: str
    last_seen: datetime
    events: int


class UploadSearch:
    """Reads only. Every question reads a bounded number of rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def with_debug_id(self, scope: Scope, debug_id: DebugId) -> Page[FoundFile]:
        """Files that claim the id, newest first."""
        return self._files(scope, artifact_files.c.debug_id == debug_id)

    def called(self, scope: Scope, urls: Sequence[str], stem: str) -> Sequence[FoundFile]:
        """Files at one of the addresses, or that are called alike but for a hash; newest first."""
        is_it: ColumnElement[bool] = artifact_files.c.url.in_(urls)
        if stem:
            is_it = or_(is_it, artifact_files.c.stem == stem)
        some = (
            select(artifact_files.c.id)
            .where(is_it)
            .order_by(artifact_files.c.id.desc())
            .limit(MAX_LOOKED_AT)
        )
        with self._database.read() as connection:
            wanted = _FILES.where(*seen_by(scope), artifact_files.c.id.in_(some))
            return _with_releases(connection, [_found(row) for row in connection.execute(wanted)])

    def removed_with_id(self, scope: Scope, debug_id: DebugId) -> Page[Removed]:
        """Files with the id that are not there any more, the last first."""
        return self._removed(scope, former_files.c.debug_id == debug_id)

    def removed_at(self, scope: Scope, urls: Sequence[str], name: str) -> Page[Removed]:
        """Those at one of the addresses, or of this very name."""
        of_name = last_part(former_files.c.url) == name
        return self._removed(scope, or_(former_files.c.url.in_(urls), of_name))

    def removed_of(self, scope: Scope, version: str) -> Page[Removed]:
        """Those of a release."""
        return self._removed(scope, former_files.c.version == version)

    def naming(self, scope: Scope, debug_id: DebugId) -> Sequence[Naming]:
        """Releases whose events name the id, the last seen first."""
        seen, named = seen_releases.c, seen_debug_ids.c
        wanted = (
            select(named.project_id, named.version, named.code_file, named.last_seen, seen.events)
            .join(
                seen_releases,
                (seen.project_id == named.project_id) & (seen.version == named.version),
            )
            .where(named.debug_id == debug_id)
            .order_by(named.last_seen.desc())
            .limit(ALIKE)
        )
        wanted = wanted.where(*of_projects(scope, named.project_id))
        with self._database.read() as connection:
            return [Naming(**row) for row in connection.execute(wanted).mappings()]

    def releases_like(self, scope: Scope, text: str) -> Sequence[str]:
        """Releases whose version holds the text, some of each that were announced and seen."""
        announced = select(releases.c.version).where(holds(releases.c.version, text))
        seen = select(seen_releases.c.version).where(holds(seen_releases.c.version, text))
        announced = announced.where(*seen_by(scope, releases))
        seen = seen.where(*of_projects(scope, seen_releases.c.project_id))
        announced = announced.order_by(releases.c.id.desc()).limit(ALIKE)
        seen = seen.order_by(seen_releases.c.last_seen.desc()).limit(ALIKE)
        with self._database.read() as connection:
            found = [
                *connection.execute(announced).scalars(),
                *connection.execute(seen).scalars(),
            ]
        return [each for each in dict.fromkeys(found) if each != text][:ALIKE]

    def _files(self, scope: Scope, is_it: ColumnElement[bool]) -> Page[FoundFile]:
        with self._database.read() as connection:
            rows = connection.execute(_FILES.where(*seen_by(scope), is_it).limit(FOUND.fetch))
            return FOUND.page(_with_releases(connection, [_found(row) for row in rows]))

    def _removed(self, scope: Scope, is_it: ColumnElement[bool]) -> Page[Removed]:
        wanted = select(former_files).where(is_it).order_by(former_files.c.id.desc())
        wanted = wanted.where(*seen_by(scope, former_files))
        with self._database.read() as connection:
            rows = connection.execute(wanted.limit(FORMER.fetch))
            return FORMER.page([_removed(row) for row in rows])


_FILES: Select[Any] = (
    select(
        artifact_files,
        artifact_bundles.c.uploaded_at,
        artifact_bundles.c.project_id,
        api_tokens.c.name.label("token_name"),
        users.c.email.label("user_email"),
    )
    .join(artifact_bundles, artifact_bundles.c.id == artifact_files.c.artifact_bundle_id)
    .outerjoin(api_tokens, api_tokens.c.id == artifact_bundles.c.token_id)
    .outerjoin(users, users.c.id == artifact_bundles.c.user_id)
    .order_by(artifact_bundles.c.uploaded_at.desc(), artifact_files.c.id)
)


def _with_releases(connection: Connection, files: Sequence[FoundFile]) -> list[FoundFile]:
    wanted = (
        select(bundle_releases)
        .where(bundle_releases.c.artifact_bundle_id.in_({each.bundle for each in files}))
        .order_by(bundle_releases.c.id.desc())
        .limit(MAX_RELEASES)
    )
    named: dict[int, list[ReleaseName]] = {}
    for row in connection.execute(wanted):
        name = ReleaseName(row.version, row.dist or None)
        named.setdefault(row.artifact_bundle_id, []).append(name)
    return [replace(each, releases=tuple(named.get(each.bundle, ()))) for each in files]


def _found(row: Row[Any]) -> FoundFile:
    return FoundFile(
        type=ArtifactType(row.type),
        url=row.url,
        built_as=row.built_as,
        debug_id=row.debug_id,
        fault=row.fault,
        bundle=row.artifact_bundle_id,
        uploaded_at=row.uploaded_at,
        token_name=row.token_name,
        user_email=row.user_email,
        home=row.project_id,
    )


def _removed(row: Row[Any]) -> Removed:
    release = ReleaseName(row.version, row.dist or None) if row.version else None
    return Removed(row.project_id, row.debug_id, release, former_file(row))
