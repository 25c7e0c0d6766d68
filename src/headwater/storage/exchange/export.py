"""A project into an archive, while the server runs: all of it as it is at one moment."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog
import zstandard
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection, Row, Select, Table, or_, select

from headwater.storage.database import Database
from headwater.storage.events.payloads import Payloads
from headwater.storage.exchange import records
from headwater.storage.exchange.archive import ArchiveWriter, written
from headwater.storage.exchange.contents import write_contents
from headwater.storage.files.blobs import Blobs
from headwater.storage.issues.search import IS_THERE, Status
from headwater.storage.moment import at_one_moment
from headwater.storage.projects import Project
from headwater.storage.schema import (
    artifact_bundles,
    artifact_files,
    bundle_releases,
    events,
    issue_activity,
    issue_hashes,
    issue_hours,
    issue_tags,
    issues,
    project_hours,
    project_keys,
    resolution_bundles,
    resolutions,
    seen_releases,
    user_reports,
    users,
)

AT_ONCE: Final = 500
"""Rows that are read at a time; of events with their JSON."""


class Exported(Struct, frozen=True):
    """How much of it there is. `lost`: uploaded files that the server has lost or that are damaged;
    `left`: those beyond MAX_CONTENTS; `unread`: events that are damaged."""

    issues: int
    events: int
    uploads: int
    files: int
    lost: int
    left: int
    unread: int


class Export:
    """Of one project."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs
        self._payloads = Payloads(database, learns=False)
        self._unread = 0
        self._log = structlog.get_logger()

    def write(self, project: Project, path: Path, made_by: str, now: datetime) -> Exported:
        """Raises OSError, DatabaseError."""
        with at_one_moment(self._database) as connection, written(path) as archive:
            about = records.AboutRecord(
                records.FORMAT,
                records.VERSION,
                made_by,
                now,
                _project(connection, project),
            )
            archive.record(records.ABOUT, about)
            return self._all(connection, project.id, archive)

    def _all(self, connection: Connection, project_id: int, archive: ArchiveWriter) -> Exported:
        bundles = _bundles(project_id)
        uploads = archive.lines(records.UPLOADS, _uploads(connection, bundles))
        files = write_contents(connection, bundles, self._blobs, archive)
        count = archive.lines(records.ISSUES, _issues(connection, project_id))
        stored = archive.lines(records.EVENTS, self._events(connection, project_id))
        for name, kind, table in (
            (records.REPORTS, records.ReportRecord, user_reports),
            (records.RELEASES, records.ReleaseRecord, seen_releases),
            (records.HOURS, records.ProjectHourRecord, project_hours),
        ):
            archive.lines(name, _plain(connection, kind, table, project_id))
        return Exported(count, stored, uploads, files.written, files.lost, files.left, self._unread)

    def _events(self, connection: Connection, project_id: int) -> Iterator[records.EventRecord]:
        """Those that are on their way to another issue are of that one."""
        wanted = (
            select(events, resolutions.c.content, issues.c.merged_into)
            .outerjoin(resolutions, resolutions.c.digest == events.c.resolution_digest)
            .join(issues, issues.c.id == events.c.issue_id)
            .where(events.c.project_id == project_id, _IS_NOT_DELETED)
        )
        self._unread = 0
        for row in _in_portions(connection, wanted, events.c.id):
            payload = self._unpacked(row.payload, row.event_id)
            if payload is None:
                self._unread += 1
                continue
            resolution = self._unpacked(row.content or row.resolution, row.event_id)
            yield records.EventRecord(
                issue=row.merged_into or row.issue_id,
                payload=payload,
                # Whoever takes it in resolves it again.
                resolution=resolution or msgspec.Raw(b"null"),
                **_told(row, _EVENT),
            )

    def _unpacked(self, packed: bytes | None, event_id: str) -> msgspec.Raw | None:
        """JSON on one line; None where there is none, or it is damaged."""
        if not packed:
            return None
        try:
            text = self._payloads.unpack(packed)
            # A line that is no JSON would be the end of the whole archive.
            msgspec.json.decode(text, type=msgspec.Raw)
        except (zstandard.ZstdError, ValueError) as error:
            self._log.warning("an event is damaged", event_id=event_id, why=str(error))
            return None
        return msgspec.Raw(_on_one_line(text))


_EVENT: Final = tuple(
    set(records.EventRecord.__struct_fields__) - {"issue", "payload", "resolution"}
)
_IS_NOT_DELETED: Final = issues.c.status != Status.DELETED.value

_BREAKS: Final = re.compile(rb"[\r\n]")


def _on_one_line(payload: bytes) -> bytes:
    """The same JSON: a line break is only ever between its words."""
    return _BREAKS.sub(b" ", payload)


def _project(connection: Connection, project: Project) -> records.ProjectRecord:
    keys = (
        select(project_keys.c.public_key)
        .where(project_keys.c.project_id == project.id)
        .order_by(project_keys.c.id)
    )
    return records.ProjectRecord(
        project.name,
        project.slug,
        project.platform,
        tuple(connection.execute(keys).scalars()),
        records.ChoicesRecord(**asdict(project.choices)),
    )


def _bundles(project_id: int) -> Select[Any]:
    """Its own uploads, and those of the whole instance that its events were resolved with."""
    of_events = (
        select(resolution_bundles.c.artifact_bundle_id)
        .join(events, events.c.resolution_digest == resolution_bundles.c.resolution_digest)
        .where(events.c.project_id == project_id)
    )
    columns = artifact_bundles.c
    shared = columns.project_id.is_(None) & columns.id.in_(of_events)
    return select(columns.id).where(or_(columns.project_id == project_id, shared))


def _uploads(connection: Connection, bundles: Select[Any]) -> Iterator[records.UploadRecord]:
    wanted = select(artifact_bundles).where(artifact_bundles.c.id.in_(bundles))
    for row in _in_portions(connection, wanted, artifact_bundles.c.id):
        own = bundle_releases.c.artifact_bundle_id == row.id
        named = connection.execute(select(bundle_releases).where(own)).all()
        of_it = artifact_files.c.artifact_bundle_id == row.id
        files = connection.execute(
            select(artifact_files).where(of_it).order_by(artifact_files.c.id)
        )
        yield records.UploadRecord(
            number=row.id,
            checksum=row.checksum,
            bundle_id=row.bundle_id,
            size=row.size,
            uploaded_at=row.uploaded_at,
            last_used_at=row.last_used_at,
            releases=tuple(records.ReleaseName(each.version, each.dist) for each in named),
            files=tuple(_record(records.FileRecord, each) for each in files),
        )


def _issues(connection: Connection, project_id: int) -> Iterator[records.IssueRecord]:
    wanted = (
        select(issues, users.c.email.label("assignee"))
        .outerjoin(users, users.c.id == issues.c.assignee_id)
        .where(issues.c.project_id == project_id, IS_THERE)
    )
    for row in _in_portions(connection, wanted, issues.c.id):

        def of_it(
            table: Table, kind: Callable[..., Any], issue_id: int = row.id
        ) -> tuple[Any, ...]:
            rows = connection.execute(select(table).where(table.c.issue_id == issue_id))
            return tuple(_record(kind, each) for each in rows)

        yield records.IssueRecord(
            number=row.id,
            hashes=of_it(issue_hashes, records.HashRecord),
            hours=of_it(issue_hours, records.HourRecord),
            tags=of_it(issue_tags, records.TagRecord),
            activity=_activity(connection, row.id),
            **_told(row, _ISSUE),
        )


_OF_ISSUE: Final = {"number", "hashes", "hours", "tags", "activity"}
_ISSUE: Final = tuple(set(records.IssueRecord.__struct_fields__) - _OF_ISSUE)


def _activity(connection: Connection, issue_id: int) -> tuple[records.ActivityRecord, ...]:
    """Also what was said of the issues that were merged into it."""
    merged = select(issues.c.id).where(issues.c.merged_into == issue_id)
    wanted = (
        select(issue_activity, users.c.email.label("by"))
        .outerjoin(users, users.c.id == issue_activity.c.user_id)
        .where(or_(issue_activity.c.issue_id == issue_id, issue_activity.c.issue_id.in_(merged)))
        .order_by(issue_activity.c.id)
    )
    return tuple(_record(records.ActivityRecord, row) for row in connection.execute(wanted))


def _plain(
    connection: Connection, kind: Callable[..., Any], table: Table, project_id: int
) -> Iterator[Any]:
    wanted = select(table).where(table.c.project_id == project_id)
    rows = connection.execute(wanted, execution_options={"yield_per": AT_ONCE})
    return (_record(kind, row) for row in rows)


def _record(kind: Any, row: Row[Any]) -> Any:
    return kind(**_told(row, kind.__struct_fields__))


def _told(row: Row[Any], names: Iterable[str]) -> dict[str, Any]:
    """SQLite may have stored the character 0, which nobody takes in."""
    values = {name: getattr(row, name) for name in names}
    odd = {
        name: value.replace("\x00", "\ufffd")
        for name, value in values.items()
        if isinstance(value, str) and "\x00" in value
    }
    return values | odd


def _in_portions(connection: Connection, wanted: Select[Any], key: Any) -> Iterator[Row[Any]]:
    """In the order of the key, AT_ONCE in memory."""
    last = 0
    while rows := connection.execute(wanted.where(key > last).order_by(key).limit(AT_ONCE)).all():
        yield from rows
        last = rows[-1].id
