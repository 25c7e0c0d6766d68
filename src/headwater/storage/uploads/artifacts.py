"""Artifact bundles, the files in them, and the releases that they were uploaded for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select, update

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.chunks import Sha1
from headwater.protocol.debug_id import DebugId
from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.many_rows import insert_if_new
from headwater.storage.schema import artifact_bundles, artifact_files, bundle_releases
from headwater.storage.uploads.artifact import (
    OVER_LIMIT,
    NewBundle,
    ReleaseName,
    StoredFile,
    UploadedMap,
    Uploader,
    file_row,
    stored_file,
)
from headwater.storage.uploads.artifact_changes import change_number, changes, note_change
from headwater.storage.uploads.bundle_reports import save_report
from headwater.storage.uploads.home import Home, of_home, visible_to
from headwater.storage.uploads.releases import ensure_release
from headwater.storage.uploads.unnamed import check_there, drop_unnamed
from headwater.storage.uploads.wants import note_arrival


class Artifacts:
    """Everything that was uploaded and can be found."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(
        self,
        bundle: NewBundle,
        release: ReleaseName | None,
        now: datetime,
        is_there: Callable[[str], bool],
    ) -> int:
        """Make the whole bundle findable at once; its id. The same bundle again replaces itself.

        `is_there` tells of a SHA-256 whether its blob, which was just stored, still is: see `unnamed`.
        Raises BlobsMissing.
        """
        row = {
            "project_id": bundle.home,
            "checksum": bundle.checksum,
            "bundle_id": bundle.bundle_id,
            "size": bundle.size,
            "uploaded_at": now,
            "token_id": bundle.token_id,
            "user_id": bundle.user_id,
        }
        with self._database.write() as connection:
            bundle_id = _held(connection, bundle, row)
            connection.execute(
                artifact_files.delete().where(artifact_files.c.artifact_bundle_id == bundle_id)
            )
            rows = [file_row(bundle_id, file) for file in bundle.files]
            if rows:
                connection.execute(artifact_files.insert(), rows)
            check_there((file.sha256 for file in bundle.files if file.sha256), is_there)
            save_report(connection, bundle_id, bundle.report)
            who = Uploader(bundle.token_id, bundle.user_id)
            _take(connection, bundle_id, now, who)
            _associate(connection, bundle.home, bundle_id, release, now)
        return bundle_id

    def associate(
        self,
        home: Home,
        bundle_id: int,
        release: ReleaseName | None,
        now: datetime,
        token_id: int | None = None,
        user_id: int | None = None,
    ) -> bool:
        """The bundle was uploaded again, perhaps for another release; it is the newest now. False if it
        was deleted meanwhile."""
        with self._database.write() as connection:
            is_there = _take(connection, bundle_id, now, Uploader(token_id, user_id))
            if is_there:
                _associate(connection, home, bundle_id, release, now)
        return is_there

    def find(self, home: Home, checksum: Sha1) -> tuple[StoredFile, ...]:
        """The files of this very bundle; none if the home does not have it."""
        wanted = _FILES.where(
            of_home(artifact_bundles, home), artifact_bundles.c.checksum == checksum
        )
        return self._files(wanted)

    def is_for(self, home: Home, checksum: Sha1, release: ReleaseName) -> bool:
        """Whether the home has this very bundle, uploaded for this release and dist."""
        wanted = _id_of(home, checksum).where(artifact_bundles.c.id.in_(_bundles_of(release)))
        with self._database.read() as connection:
            return connection.execute(wanted).first() is not None

    def with_debug_id(self, project_id: int, debug_id: DebugId) -> tuple[StoredFile, ...]:
        """Every file that claims the id and that the project may use, newest first."""
        wanted = _FILES.where(
            visible_to(artifact_bundles, project_id),
            artifact_files.c.debug_id == debug_id,
            _IS_FILE,
        )
        return self._files(wanted)

    def at_urls(
        self, project_id: int, urls: Sequence[str], release: ReleaseName
    ) -> tuple[StoredFile, ...]:
        """Files of this release and dist at any of the addresses, newest first."""
        wanted = _FILES.where(
            visible_to(artifact_bundles, project_id),
            artifact_files.c.url.in_(urls),
            _IS_FILE,
            artifact_bundles.c.id.in_(_bundles_of(release)),
        )
        return self._files(wanted)

    def in_bundle(
        self, project_id: int, bundle_id: int, urls: Sequence[str]
    ) -> tuple[StoredFile, ...]:
        """Files of one bundle that the project may use, at any of the addresses."""
        wanted = _FILES.where(
            visible_to(artifact_bundles, project_id),
            artifact_bundles.c.id == bundle_id,
            artifact_files.c.url.in_(urls),
            _IS_FILE,
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

    def has_source_map(
        self, home: Home, debug_id: DebugId | None, release: ReleaseName | None
    ) -> bool:
        """Whether a usable source map is there already for the debug id or the release."""
        claims = []
        if debug_id is not None:
            claims.append(artifact_files.c.debug_id == debug_id)
        if release is not None:
            claims.append(artifact_bundles.c.id.in_(_bundles_of(release)))
        if not claims:
            return False
        wanted = _FILES.where(
            visible_to(artifact_bundles, home),
            artifact_files.c.type == ArtifactType.SOURCE_MAP.value,
            artifact_files.c.fault.is_(None),
            or_(*claims),
        ).limit(1)
        with self._database.read() as connection:
            return connection.execute(wanted).first() is not None

    def other_maps(
        self, home: Home, checksum: Sha1, maps: Mapping[DebugId, str]
    ) -> Sequence[UploadedMap]:
        """Maps of other bundles that have one of the debug ids and not the SHA-256 given for it; the
        newest of each."""
        found: dict[DebugId, UploadedMap] = {}
        for ids in batches(sorted(maps)):
            wanted = (
                select(
                    artifact_files.c.debug_id,
                    artifact_files.c.sha256,
                    func.max(artifact_files.c.url),
                    func.max(artifact_bundles.c.uploaded_at),
                )
                .join(
                    artifact_bundles, artifact_bundles.c.id == artifact_files.c.artifact_bundle_id
                )
                .where(
                    visible_to(artifact_bundles, home),
                    artifact_bundles.c.checksum != checksum,
                    artifact_files.c.debug_id.in_(ids),
                    artifact_files.c.type == ArtifactType.SOURCE_MAP.value,
                    artifact_files.c.sha256 != "",
                )
                .group_by(artifact_files.c.debug_id, artifact_files.c.sha256)
                .order_by(func.max(artifact_bundles.c.uploaded_at))
            )
            with self._database.read() as connection:
                for debug_id, sha256, url, uploaded_at in connection.execute(wanted):
                    if sha256 != maps[debug_id]:
                        found[debug_id] = UploadedMap(debug_id, url, sha256, uploaded_at)
        return list(found.values())

    def script_of(self, sha256: str) -> str | None:
        """The minified file that was uploaded with a source map, both by SHA-256.

        By their debug id, else by their addresses; the newest bundle that has both.
        """
        script, source_map = artifact_files.alias(), artifact_files.alias()
        beside = script.c.url + ".map" == source_map.c.url
        wanted = (
            select(script.c.sha256)
            .join(source_map, source_map.c.artifact_bundle_id == script.c.artifact_bundle_id)
            .where(
                source_map.c.sha256 == sha256,
                script.c.type == ArtifactType.MINIFIED_SOURCE.value,
                script.c.fault.is_(None),
                or_(script.c.debug_id == source_map.c.debug_id, beside),
            )
            .order_by(script.c.artifact_bundle_id.desc(), beside.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            found: str | None = connection.execute(wanted).scalar_one_or_none()
        return found

    def changes(self) -> int:
        """How often what events may see has changed; what was found holds until the next change."""
        return changes(self._database)

    def fault(self, file_id: int) -> str | None:
        """Why a stored file can't be used; None if it can."""
        with self._database.read() as connection:
            return connection.execute(
                select(artifact_files.c.fault).where(artifact_files.c.id == file_id)
            ).scalar_one_or_none()

    def drop_unnamed(self, sha256s: Sequence[str], delete: Callable[[str, datetime], None]) -> None:
        """Call `delete` for those blobs that no file names, unless they were written since a moment."""
        drop_unnamed(self._database, artifact_files.c.sha256, sha256s, delete)

    def _files(self, wanted: Select[Any]) -> tuple[StoredFile, ...]:
        with self._database.read() as connection:
            return tuple(stored_file(row) for row in connection.execute(wanted))


_FILES: Select[Any] = (
    select(artifact_files, artifact_bundles.c.uploaded_at)
    .join(artifact_bundles, artifact_bundles.c.id == artifact_files.c.artifact_bundle_id)
    .order_by(
        artifact_bundles.c.uploaded_at.desc(), artifact_bundles.c.id.desc(), artifact_files.c.id
    )
)

# An entry of a manifest without content in the ZIP is remembered with its fault, but is no file.
_IS_FILE = or_(artifact_files.c.sha256 != "", artifact_files.c.fault.startswith(OVER_LIMIT))


def _id_of(home: Home, checksum: Sha1) -> Select[Any]:
    return select(artifact_bundles.c.id).where(
        of_home(artifact_bundles, home), artifact_bundles.c.checksum == checksum
    )


def _bundles_of(release: ReleaseName) -> Select[Any]:
    return select(bundle_releases.c.artifact_bundle_id).where(
        bundle_releases.c.version == release.version, bundle_releases.c.dist == (release.dist or "")
    )


def _held(connection: Connection, bundle: NewBundle, row: Mapping[str, Any]) -> int:
    """The bundle's number; nobody deletes it before this transaction ends. Before its files, as who
    deletes it has it, so that neither waits for the other in a ring."""
    wanted = _id_of(bundle.home, bundle.checksum).with_for_update(key_share=True)
    found: int | None = None
    while found is None:  # it may be deleted while this waits for it
        insert_if_new(connection, artifact_bundles, row)
        found = connection.execute(wanted).scalar()
    return found


def _take(connection: Connection, bundle_id: int, now: datetime, who: Uploader) -> bool:
    """It is the newest, and theirs; False if it is not there. Nobody deletes it before this transaction
    ends."""
    this = update(artifact_bundles).where(artifact_bundles.c.id == bundle_id)
    values = {"uploaded_at": now, "token_id": who.token_id, "user_id": who.user_id}
    return connection.execute(this.values(values)).rowcount == 1


def _associate(
    connection: Connection,
    home: Home,
    bundle_id: int,
    release: ReleaseName | None,
    now: datetime,
) -> None:
    note_change(connection)
    note_arrival(connection, bundle_id, change_number(connection))
    if release is None:
        return
    ensure_release(connection, home, release.version, now)
    row = {
        "artifact_bundle_id": bundle_id,
        "version": release.version,
        "dist": release.dist or "",
    }
    insert_if_new(connection, bundle_releases, row)
