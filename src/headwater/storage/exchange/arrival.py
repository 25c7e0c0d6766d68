"""An archive becomes a project, record by record. Done twice, or gone on with after a crash, it doubles
nothing: what is there already is recognized by its DSN's key, checksum, hash or event id."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import Table, select

from headwater.storage.database import Database
from headwater.storage.exchange import records
from headwater.storage.exchange.archive import ArchiveReader, ArchiveRefused, opened
from headwater.storage.exchange.events import ArrivingEvents, Reading
from headwater.storage.exchange.issues import ArrivingIssues
from headwater.storage.exchange.projects import arriving_project
from headwater.storage.exchange.uploads import ArrivingUploads
from headwater.storage.files.blobs import Blobs
from headwater.storage.many_rows import insert_all_new
from headwater.storage.projects import Project
from headwater.storage.schema import project_hours, seen_releases, user_reports

AT_ONCE: Final = 500
"""Counts that are stored in one transaction."""


class Arrived(Struct, frozen=True):
    """How much of it was new here. `unread`: events that are none, or of no issue here."""

    project: Project
    issues: int
    events: int
    uploads: int
    unread: int


class Arrival(Struct, frozen=True):
    """Into one database and one storage of files. `groupings`: the versions that there are; `max_file`:
    bytes."""

    database: Database
    blobs: Blobs
    read: Reading
    groupings: Collection[str]
    max_file: int

    def take_in(self, path: Path, now: datetime) -> Arrived:
        """Raises ArchiveRefused, in the middle as well: what is in until then stays, and the same archive,
        mended, goes on from there; BlobsMissing, OSError, DatabaseError."""
        with opened(path) as archive:
            about = archive.record(records.ABOUT, records.AboutRecord)
            if (about.format, about.version) != (records.FORMAT, records.VERSION):
                raise ArchiveRefused(
                    f"it is of the format {about.format!r}, version {about.version}; what can be read is"
                    f" {records.FORMAT!r}, version {records.VERSION}"
                )
            project = arriving_project(self.database, about.project, self.groupings, now)
            uploads = ArrivingUploads(self.database, self.blobs, self.max_file, project.id, now)
            for upload in archive.lines(records.UPLOADS, records.UploadRecord):
                uploads.add(upload, archive)
            issues = ArrivingIssues(self.database, project.id)
            for issue in archive.lines(records.ISSUES, records.IssueRecord):
                issues.add(issue)
            events = ArrivingEvents(self.database, project.id, issues, uploads.numbers, self.read)
            events.add_all(archive.lines(records.EVENTS, records.EventRecord), now)
            uploads.finish()
            self._add_reports(archive, project.id)
            self._add_counts(archive, project.id)
        return Arrived(project, issues.made, events.made, uploads.made, events.unread)

    def _add_reports(self, archive: ArchiveReader, project_id: int) -> None:
        for record in archive.lines(records.REPORTS, records.ReportRecord):
            row = msgspec.structs.asdict(record) | {"project_id": project_id}
            same = select(user_reports.c.id).where(
                *(user_reports.c[name] == value for name, value in row.items())
            )
            with self.database.write() as connection:
                if connection.execute(same).first() is None:
                    connection.execute(user_reports.insert().values(row))

    def _add_counts(self, archive: ArchiveReader, project_id: int) -> None:
        """Of releases and hours; what is counted here already stays as it is."""
        self._insert(seen_releases, archive, project_id, records.RELEASES, records.ReleaseRecord)
        self._insert(project_hours, archive, project_id, records.HOURS, records.ProjectHourRecord)

    def _insert(
        self,
        table: Table,
        archive: ArchiveReader,
        project_id: int,
        name: str,
        kind: type[records.ReleaseRecord] | type[records.ProjectHourRecord],
    ) -> None:
        rows: list[dict[str, object]] = []
        for record in archive.lines(name, kind):
            rows.append(msgspec.structs.asdict(record) | {"project_id": project_id})
            if len(rows) == AT_ONCE:
                self._write(table, rows)
                rows = []
        self._write(table, rows)

    def _write(self, table: Table, rows: list[dict[str, object]]) -> None:
        with self.database.write() as connection:
            insert_all_new(connection, table, rows)
