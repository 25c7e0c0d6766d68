"""Uploads that arrive: known ones by their checksum, others with the contents that the archive has."""

from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Row, bindparam, select

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.chunks import Sha1
from headwater.protocol.debug_id import parse_debug_id
from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.exchange.archive import ArchiveReader, ArchiveRefused
from headwater.storage.exchange.records import CONTENTS, FileRecord, UploadRecord
from headwater.storage.files.blobs import Blobs, DigestMismatch
from headwater.storage.schema import artifact_bundles
from headwater.storage.uploads.artifact import NewBundle, NewFile, ReleaseName
from headwater.storage.uploads.artifact_changes import note_change
from headwater.storage.uploads.artifacts import Artifacts
from headwater.storage.uploads.releases import ensure_release
from headwater.storage.uploads.unnamed import BlobsMissing

NO_CONTENT: Final = "its content was not in the import"
"""The fault of a file whose content an archive does not have."""


class _Dates(Struct, frozen=True):
    """Of an upload, once all has arrived."""

    uploaded_at: datetime
    last_used_at: datetime | None


class ArrivingUploads:
    """Of one project: all of them are its own from now on.

    Until the events that need them are there they are as new as the import, or the hourly clean-up
    might take them.
    """

    def __init__(
        self, database: Database, blobs: Blobs, max_file: int, project_id: int, now: datetime
    ) -> None:
        """`max_file`: bytes of the largest content that is taken."""
        self._database = database
        self._artifacts = Artifacts(database)
        self._blobs = blobs
        self._max_file = max_file
        self._project_id = project_id
        self._now = now
        self._dates: dict[int, _Dates] = {}
        self.numbers: dict[int, int] = {}
        """What the archive calls them, and what they are called here."""
        self.made = 0

    def add(self, record: UploadRecord, archive: ArchiveReader) -> None:
        """Make it findable, once its contents are durable; all but that also if it is here already, as an
        import that was interrupted leaves it. Raises ArchiveRefused, BlobsMissing, OSError."""
        known = self._known(record)
        if known is None:
            bundle = self._bundle(record, archive)
            bundle_id = self._artifacts.save(bundle, None, self._now, self._blobs.exists)
            self.made += 1
        else:
            bundle_id = known.id
        self._name(bundle_id, record, known)
        self._dates[bundle_id] = _dates(record, known)
        self.numbers[record.number] = bundle_id

    def finish(self) -> None:
        """All has arrived: they are as old as they were. What was uploaded meanwhile stays new."""
        columns = artifact_bundles.c
        of_it = columns.id == bindparam("of_bundle"), columns.uploaded_at == self._now
        dated = artifact_bundles.update().where(*of_it).values(uploaded_at=bindparam("uploaded"))
        is_earlier = columns.last_used_at.is_(None) | (columns.last_used_at < bindparam("used"))
        this = columns.id == bindparam("of_bundle"), is_earlier
        used = artifact_bundles.update().where(*this).values(last_used_at=bindparam("used"))
        for some in batches(sorted(self._dates)):
            dates = [(number, self._dates[number]) for number in some]
            with self._database.write() as connection:
                connection.execute(
                    dated, [{"of_bundle": of, "uploaded": at.uploaded_at} for of, at in dates]
                )
                were_used = [
                    {"of_bundle": of, "used": at.last_used_at}
                    for of, at in dates
                    if at.last_used_at is not None
                ]
                if were_used:
                    connection.execute(used, were_used)
                # Of several that fit, the latest is taken.
                note_change(connection)

    def _known(self, record: UploadRecord) -> Row[Any] | None:
        columns = artifact_bundles.c
        wanted = select(artifact_bundles).where(
            columns.project_id == self._project_id, columns.checksum == record.checksum
        )
        with self._database.read() as connection:
            return connection.execute(wanted).first()

    def _name(self, bundle_id: int, record: UploadRecord, known: Row[Any] | None) -> None:
        """The releases that it is for, which are as old as their first upload."""
        who = (known.token_id, known.user_id) if known else (None, None)
        with self._database.write() as connection:
            for each in record.releases:
                ensure_release(connection, self._project_id, each.version, record.uploaded_at)
        named = [ReleaseName(each.version, each.dist or None) for each in record.releases]
        for release in named or (None,):
            if not self._artifacts.associate(self._project_id, bundle_id, release, self._now, *who):
                raise BlobsMissing("An upload was deleted while it arrived; please try again.")

    def _bundle(self, record: UploadRecord, archive: ArchiveReader) -> NewBundle:
        return NewBundle(
            self._project_id,
            Sha1(record.checksum),
            parse_debug_id(record.bundle_id),
            record.size,
            None,
            tuple(self._file(each, archive) for each in record.files),
        )

    def _file(self, record: FileRecord, archive: ArchiveReader) -> NewFile:
        if record.type not in set(ArtifactType):
            raise ArchiveRefused(f"its file {record.url!r} is of an unknown type {record.type!r}")
        size = self._content(record.sha256, archive) if record.sha256 else record.size
        is_there = size is not None
        return NewFile(
            type=ArtifactType(record.type),
            url=record.url,
            debug_id=parse_debug_id(record.debug_id),
            source_map_reference=record.source_map_reference,
            sha256=record.sha256 if is_there else "",
            size=record.size if size is None else size,
            fault=record.fault if is_there else NO_CONTENT,
            sha1=Sha1(record.sha1) if record.sha1 else None,
            built_as=record.built_as,
        )

    def _content(self, sha256: str, archive: ArchiveReader) -> int | None:
        """Bytes of it, once they are stored; None where nothing has them."""
        if self._blobs.exists(sha256):
            return self._blobs.size(sha256)
        if CONTENTS + sha256 not in archive.contents:
            return None
        size = archive.size(sha256)
        if size > self._max_file:
            raise ArchiveRefused(
                f"its {CONTENTS}{sha256} has {size:,} bytes; the limit is {self._max_file:,}"
                " (HEADWATER_MAX_MAP)"
            )
        try:
            _, stored = self._blobs.put(archive.content(sha256), expected=sha256)
        except DigestMismatch as error:
            raise ArchiveRefused(f"its {CONTENTS}{sha256} is damaged: {error}") from None
        return stored


def _dates(record: UploadRecord, known: Row[Any] | None) -> _Dates:
    """What nobody uploaded here came by an import, and is as old as it was there."""
    if known is None or (known.token_id is None and known.user_id is None):
        return _Dates(record.uploaded_at, record.last_used_at)
    return _Dates(known.uploaded_at, record.last_used_at)
