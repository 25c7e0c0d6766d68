"""Uploads that arrive: known ones by their checksum, others with the contents that the archive has."""

from typing import Final

from sqlalchemy import select

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.chunks import Sha1
from headwater.protocol.debug_id import parse_debug_id
from headwater.storage.database import Database
from headwater.storage.exchange.archive import ArchiveReader, ArchiveRefused
from headwater.storage.exchange.records import CONTENTS, FileRecord, UploadRecord
from headwater.storage.files.blobs import Blobs, DigestMismatch
from headwater.storage.schema import artifact_bundles
from headwater.storage.uploads.artifact import NewBundle, NewFile, ReleaseName
from headwater.storage.uploads.artifacts import Artifacts

NO_CONTENT: Final = "its content was not in the import"
"""The fault of a file whose content an archive does not have."""


class ArrivingUploads:
    """Of one project: all of them are its own from now on."""

    def __init__(self, database: Database, blobs: Blobs, max_file: int, project_id: int) -> None:
        """`max_file`: bytes of the largest content that is taken."""
        self._database = database
        self._artifacts = Artifacts(database)
        self._blobs = blobs
        self._max_file = max_file
        self._project_id = project_id
        self.numbers: dict[int, int] = {}
        """What the archive calls them, and what they are called here."""
        self.made = 0

    def add(self, record: UploadRecord, archive: ArchiveReader) -> None:
        """Make it findable, once its contents are durable. Raises ArchiveRefused, OSError."""
        columns = artifact_bundles.c
        wanted = select(columns.id).where(
            columns.project_id == self._project_id, columns.checksum == record.checksum
        )
        with self._database.read() as connection:
            known = connection.execute(wanted).scalar()
        if known is None:
            known = self._make(record, archive)
            self.made += 1
        self.numbers[record.number] = known

    def _make(self, record: UploadRecord, archive: ArchiveReader) -> int:
        bundle = NewBundle(
            self._project_id,
            Sha1(record.checksum),
            parse_debug_id(record.bundle_id),
            record.size,
            None,
            tuple(self._file(each, archive) for each in record.files),
        )
        named = [ReleaseName(each.version, each.dist or None) for each in record.releases]
        moment = record.uploaded_at
        first = named[0] if named else None
        bundle_id = self._artifacts.save(bundle, first, moment, self._blobs.exists)
        for release in named[1:]:
            self._artifacts.associate(self._project_id, bundle_id, release, moment)
        with self._database.write() as connection:
            this = artifact_bundles.update().where(artifact_bundles.c.id == bundle_id)
            connection.execute(this.values(last_used_at=record.last_used_at))
        return bundle_id

    def _file(self, record: FileRecord, archive: ArchiveReader) -> NewFile:
        if record.type not in set(ArtifactType):
            raise ArchiveRefused(f"its file {record.url!r} is of an unknown type {record.type!r}")
        is_there = not record.sha256 or self._content(record.sha256, archive)
        return NewFile(
            type=ArtifactType(record.type),
            url=record.url,
            debug_id=parse_debug_id(record.debug_id),
            source_map_reference=record.source_map_reference,
            sha256=record.sha256 if is_there else "",
            size=record.size,
            fault=record.fault if is_there else NO_CONTENT,
            sha1=Sha1(record.sha1) if record.sha1 else None,
            built_as=record.built_as,
        )

    def _content(self, sha256: str, archive: ArchiveReader) -> bool:
        if self._blobs.exists(sha256):
            return True
        if CONTENTS + sha256 not in archive.contents:
            return False
        size = archive.size(sha256)
        if size > self._max_file:
            raise ArchiveRefused(
                f"its {CONTENTS}{sha256} has {size:,} bytes; the limit is {self._max_file:,}"
                " (HEADWATER_MAX_MAP)"
            )
        try:
            self._blobs.put(archive.content(sha256), expected=sha256)
        except DigestMismatch as error:
            raise ArchiveRefused(f"its {CONTENTS}{sha256} is damaged: {error}") from None
        return True
