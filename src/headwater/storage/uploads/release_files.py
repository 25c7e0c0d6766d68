"""Files that were uploaded one by one to a release, and everything uploaded for one, as lists."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, Row, Select, func, or_, select

from headwater.protocol.chunks import Sha1
from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.likeness import holds
from headwater.storage.schema import artifact_bundles, artifact_files, bundle_releases
from headwater.storage.uploads.artifact import StoredFile, stored_file
from headwater.storage.uploads.artifact_changes import note_change
from headwater.storage.uploads.former_files import Removal, remember
from headwater.storage.uploads.home import Home, of_home
from headwater.storage.uploads.needed import are_needed

MAX_DELETED: Final = 50
"""Bundles beyond a limit that go in one transaction, with all of their files."""


class ReleaseFile(Struct, frozen=True):
    """One file of a release, uploaded by itself."""

    file: StoredFile
    dist: str | None


class UploadedBundle(Struct, frozen=True):
    """One upload in a list. `name`: its release, else the bundle's own id or checksum."""

    id: int
    name: str
    uploaded_at: datetime
    files: int


class ReleaseFiles:
    """What the older calls list and delete."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, home: Home, version: str, checksums: Collection[Sha1], offset: int, limit: int
    ) -> tuple[ReleaseFile, ...]:
        """Files of the release, by name; with `checksums` only those of these SHA-1s."""
        wanted = _of_release(home, version)
        if checksums:
            wanted = wanted.where(artifact_files.c.sha1.in_(checksums))
        with self._database.read() as connection:
            rows = connection.execute(wanted.offset(offset).limit(limit))
            return tuple(_release_file(row) for row in rows)

    def get(self, home: Home, version: str, file_id: int) -> ReleaseFile | None:
        """One file of the release."""
        wanted = _of_release(home, version).where(artifact_files.c.id == file_id)
        with self._database.read() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else _release_file(row)

    def delete_bundle(self, bundle_id: int, removal: Removal) -> tuple[str, ...]:
        """Forget a bundle; the SHA-256 of the files that it named."""
        with self._database.write() as connection:
            remember(connection, [bundle_id], removal)
            return _delete(connection, [bundle_id])

    def delete_surplus(
        self, bundles: Sequence[int], before: datetime, removal: Removal
    ) -> tuple[str, ...]:
        """Forget those of these that were not uploaded anew since `before`, and that no stored event
        needs; MAX_DELETED at most. The SHA-256 of their files."""
        still = select(artifact_bundles.c.id).where(
            artifact_bundles.c.id.in_(bundles[:MAX_DELETED]),
            artifact_bundles.c.uploaded_at < before,
        )
        with self._database.write() as connection:
            held = _held(connection, still)
            # Another statement: who waited for an upload sees in the same one what was there before.
            spare = still.where(artifact_bundles.c.id.in_(held), ~are_needed())
            named = connection.execute(spare).scalars().all()
            remember(connection, named, removal)
            return _delete(connection, named)

    def some_of(self, project_id: int, limit: int = MAX_DELETED) -> Sequence[int]:
        """So many bundles of a project."""
        wanted = select(artifact_bundles.c.id).where(artifact_bundles.c.project_id == project_id)
        with self._database.read() as connection:
            return connection.execute(wanted.limit(limit)).scalars().all()

    def delete_for_good(self, bundles: Sequence[int]) -> tuple[str, ...]:
        """Forget them, and that they were ever there: their project is gone, too. The SHA-256 of their
        files."""
        with self._database.write() as connection:
            return _delete(connection, bundles)

    def delete_release(self, home: Home, name: str, removal: Removal) -> tuple[str, ...]:
        """Forget what was uploaded for the release of this name, or the bundle of this name.

        A bundle that is for another release as well stays for that. The SHA-256 of the files of
        what is gone.
        """
        with self._database.write() as connection:
            named = _held(connection, bundles_named(home, name))
            for some in batches(named):
                remember(connection, some, removal, name)
            kept = {bundle for some in batches(named) for bundle in _rest(connection, some, name)}
            return _delete(connection, [bundle for bundle in named if bundle not in kept])

    def bundles(
        self, home: Home, query: str, offset: int, limit: int
    ) -> tuple[UploadedBundle, ...]:
        """Everything that the home uploaded, newest first; `query` is a part of the name."""
        wanted = _BUNDLES.where(of_home(artifact_bundles, home))
        if query:
            wanted = wanted.where(holds(_NAME, query))
        with self._database.read() as connection:
            rows = connection.execute(wanted.offset(offset).limit(limit))
            return tuple(
                UploadedBundle(row.id, row.name, row.uploaded_at, row.files) for row in rows
            )


_RELEASE = (
    select(func.max(bundle_releases.c.version))
    .where(bundle_releases.c.artifact_bundle_id == artifact_bundles.c.id)
    .scalar_subquery()
)
_COUNT = (
    select(func.count())
    .where(artifact_files.c.artifact_bundle_id == artifact_bundles.c.id)
    .scalar_subquery()
)
_NAME = func.coalesce(_RELEASE, artifact_bundles.c.bundle_id, artifact_bundles.c.checksum)
_BUNDLES: Select[Any] = select(
    artifact_bundles.c.id,
    artifact_bundles.c.uploaded_at,
    _NAME.label("name"),
    _COUNT.label("files"),
).order_by(artifact_bundles.c.uploaded_at.desc(), artifact_bundles.c.id.desc())


def _of_release(home: Home, version: str) -> Select[Any]:
    return (
        select(artifact_files, artifact_bundles.c.uploaded_at, bundle_releases.c.dist)
        .join(artifact_bundles, artifact_bundles.c.id == artifact_files.c.artifact_bundle_id)
        .join(bundle_releases, bundle_releases.c.artifact_bundle_id == artifact_bundles.c.id)
        .where(
            of_home(artifact_bundles, home),
            bundle_releases.c.version == version,
            artifact_files.c.sha1.is_not(None),
        )
        .order_by(artifact_files.c.url, bundle_releases.c.dist, artifact_files.c.id)
    )


def bundles_named(home: Home, name: str) -> Select[Any]:
    """The numbers of what a home uploaded for a release, or of the bundle of this name."""
    for_release = select(bundle_releases.c.artifact_bundle_id).where(
        bundle_releases.c.version == name
    )
    return select(artifact_bundles.c.id).where(
        of_home(artifact_bundles, home),
        or_(
            artifact_bundles.c.id.in_(for_release),
            artifact_bundles.c.bundle_id == name,
            artifact_bundles.c.checksum == name,
        ),
    )


def _held(connection: Connection, wanted: Select[Any]) -> Sequence[int]:
    """Those of the bundles that are so still, once nobody writes to them before this transaction ends.
    Before all that belongs to them, as uploads have it."""
    ordered = wanted.order_by(artifact_bundles.c.id)
    return connection.execute(ordered.with_for_update()).scalars().all()


def _rest(connection: Connection, bundles: Sequence[int], name: str) -> Iterator[int]:
    """Take the release's name from the bundles; those that are for another release as well."""
    of_these = bundle_releases.c.artifact_bundle_id.in_(bundles)
    connection.execute(bundle_releases.delete().where(of_these, bundle_releases.c.version == name))
    yield from connection.execute(
        select(bundle_releases.c.artifact_bundle_id).where(of_these)
    ).scalars()


def _delete(connection: Connection, bundles: Sequence[int]) -> tuple[str, ...]:
    files: list[str] = []
    for some in batches(bundles):
        of_these = artifact_files.c.artifact_bundle_id.in_(some)
        named = select(artifact_files.c.sha256).where(of_these, artifact_files.c.sha256 != "")
        files += connection.execute(named).scalars()
        connection.execute(artifact_bundles.delete().where(artifact_bundles.c.id.in_(some)))
    note_change(connection)
    return tuple(files)


def _release_file(row: Row[Any]) -> ReleaseFile:
    return ReleaseFile(stored_file(row), row.dist or None)
