"""Artifact bundles, the files in them, and the releases that they were uploaded for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.chunks import Sha1
from headwater.protocol.debug_id import DebugId
from headwater.storage.database import Database
from headwater.storage.home import Home, of_home, visible_to
from headwater.storage.insert import insert_if_new
from headwater.storage.releases import ensure_release
from headwater.storage.schema import artifact_bundles, artifact_files, bundle_releases


class BlobsMissing(Exception):
    """Files that a bundle is about to be stored with are gone from the blobs."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """One file of a bundle, its content durable already. `sha256` "": not kept, `fault` says why."""

    type: ArtifactType
    url: str
    debug_id: DebugId | None
    source_map_reference: str | None
    sha256: str
    size: int
    fault: str | None = None
    sha1: Sha1 | None = None
    """Of a file that was uploaded by itself, to a release."""


@dataclass(frozen=True, slots=True)
class NewBundle:
    """A bundle that is about to be stored. `size` in bytes, of the whole bundle."""

    home: Home
    checksum: Sha1
    bundle_id: DebugId | None
    size: int
    token_id: int | None
    files: tuple[NewFile, ...]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One stored file, as a look-up sees it."""

    id: int
    bundle: int
    uploaded_at: datetime
    type: ArtifactType
    url: str
    debug_id: DebugId | None
    source_map_reference: str | None
    sha256: str
    size: int
    fault: str | None
    sha1: Sha1 | None


@dataclass(frozen=True, slots=True)
class ReleaseName:
    """What a bundle is for. `dist` None: it was built without one."""

    version: str
    dist: str | None = None


class Artifacts:
    """Everything that was uploaded and can be found."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(
        self,
        bundle: NewBundle,
        release: ReleaseName | None,
        now: datetime,
        exists: Callable[[str], bool],
    ) -> int:
        """Make the whole bundle findable at once; its id. The same bundle again replaces itself.

        `exists` tells of a SHA-256 whether its blob is there. It is asked with the database
        locked, so that expiry can't take a blob between the question and the rows that name it.
        Raises BlobsMissing.
        """
        row = {
            "project_id": bundle.home,
            "checksum": bundle.checksum,
            "bundle_id": bundle.bundle_id,
            "size": bundle.size,
            "uploaded_at": now,
            "token_id": bundle.token_id,
        }
        with self._database.write() as connection:
            if any(file.sha256 and not exists(file.sha256) for file in bundle.files):
                raise BlobsMissing(f"files of the bundle {bundle.checksum} are gone")
            insert_if_new(connection, artifact_bundles, row)
            bundle_id: int = connection.execute(_id_of(bundle.home, bundle.checksum)).scalar_one()
            connection.execute(
                artifact_files.delete().where(artifact_files.c.artifact_bundle_id == bundle_id)
            )
            rows = [_file_row(bundle_id, file) for file in bundle.files]
            if rows:
                connection.execute(artifact_files.insert(), rows)
            _associate(connection, bundle.home, bundle_id, release, now)
        return bundle_id

    def associate(
        self, home: Home, bundle_id: int, release: ReleaseName | None, now: datetime
    ) -> None:
        """The bundle was uploaded again, perhaps for another release; it is the newest now."""
        with self._database.write() as connection:
            _associate(connection, home, bundle_id, release, now)

    def find(self, home: Home, checksum: Sha1) -> tuple[StoredFile, ...]:
        """The files of this very bundle; none if the home does not have it."""
        wanted = _FILES.where(
            of_home(artifact_bundles, home), artifact_bundles.c.checksum == checksum
        )
        return self._files(wanted)

    def with_debug_id(self, project_id: int, debug_id: DebugId) -> tuple[StoredFile, ...]:
        """Every file that claims the id and that the project may use, newest first."""
        wanted = _FILES.where(
            visible_to(artifact_bundles, project_id), artifact_files.c.debug_id == debug_id
        )
        return self._files(wanted)

    def at_urls(
        self, project_id: int, urls: Sequence[str], release: ReleaseName
    ) -> tuple[StoredFile, ...]:
        """Files of this release and dist at any of the addresses, newest first."""
        wanted = _FILES.where(
            visible_to(artifact_bundles, project_id),
            artifact_files.c.url.in_(urls),
            artifact_bundles.c.id.in_(_bundles_of(release)),
        )
        return self._files(wanted)

    def has_release(self, project_id: int, release: ReleaseName) -> bool:
        """Whether anything was uploaded for this release and dist that the project may use."""
        wanted = (
            select(artifact_bundles.c.id)
            .where(
                visible_to(artifact_bundles, project_id),
                artifact_bundles.c.id.in_(_bundles_of(release)),
            )
            .limit(1)
        )
        with self._database.read() as connection:
            return connection.execute(wanted).first() is not None

    def fault(self, file_id: int) -> str | None:
        """Why a stored file can't be used; None if it can."""
        with self._database.read() as connection:
            return connection.execute(
                select(artifact_files.c.fault).where(artifact_files.c.id == file_id)
            ).scalar_one_or_none()

    def drop_unnamed(self, sha256s: Sequence[str], delete: Callable[[str], None]) -> None:
        """Call `delete` for those blobs that no file names, with the database locked."""
        with self._database.write() as connection:
            for sha256 in sha256s:
                named = select(artifact_files.c.id).where(artifact_files.c.sha256 == sha256)
                if connection.execute(named.limit(1)).first() is None:
                    delete(sha256)

    def _files(self, wanted: Select[Any]) -> tuple[StoredFile, ...]:
        with self._database.read() as connection:
            return tuple(_file(row) for row in connection.execute(wanted))


_FILES: Select[Any] = (
    select(artifact_files, artifact_bundles.c.uploaded_at)
    .join(artifact_bundles, artifact_bundles.c.id == artifact_files.c.artifact_bundle_id)
    .order_by(
        artifact_bundles.c.uploaded_at.desc(), artifact_bundles.c.id.desc(), artifact_files.c.id
    )
)


def _id_of(home: Home, checksum: Sha1) -> Select[Any]:
    return select(artifact_bundles.c.id).where(
        of_home(artifact_bundles, home), artifact_bundles.c.checksum == checksum
    )


def _bundles_of(release: ReleaseName) -> Select[Any]:
    return select(bundle_releases.c.artifact_bundle_id).where(
        bundle_releases.c.version == release.version, bundle_releases.c.dist == (release.dist or "")
    )


def _associate(
    connection: Connection, home: Home, bundle_id: int, release: ReleaseName | None, now: datetime
) -> None:
    connection.execute(
        update(artifact_bundles).where(artifact_bundles.c.id == bundle_id).values(uploaded_at=now)
    )
    if release is None:
        return
    ensure_release(connection, home, release.version, now)
    row = {
        "artifact_bundle_id": bundle_id,
        "version": release.version,
        "dist": release.dist or "",
    }
    insert_if_new(connection, bundle_releases, row)


def _file_row(bundle_id: int, file: NewFile) -> dict[str, Any]:
    return {
        "artifact_bundle_id": bundle_id,
        "type": file.type.value,
        "url": file.url,
        "debug_id": file.debug_id,
        "source_map_reference": file.source_map_reference,
        "sha256": file.sha256,
        "size": file.size,
        "fault": file.fault,
        "sha1": file.sha1,
    }


def _file(row: Row[Any]) -> StoredFile:
    return StoredFile(
        id=row.id,
        bundle=row.artifact_bundle_id,
        uploaded_at=row.uploaded_at,
        type=ArtifactType(row.type),
        url=row.url,
        debug_id=row.debug_id,
        source_map_reference=row.source_map_reference,
        sha256=row.sha256,
        size=row.size,
        fault=row.fault,
        sha1=row.sha1,
    )
