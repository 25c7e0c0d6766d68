"""A project into an archive, while the server runs: all of it as it is at one moment."""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy import Connection, Row, Select, Table, func, or_, select

from headwater.storage.database import Database
from headwater.storage.events.payloads import Payloads
from headwater.storage.exchange import records
from headwater.storage.exchange.archive import ArchiveWriter, written
from headwater.storage.files.blobs import BlobNotFound, Blobs
from headwater.storage.files.pack import PackDamaged
from headwater.storage.issues.search import Status
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

MAX_CONTENTS: Final = records.MAX_ENTRIES - 100
"""Uploaded files that an archive holds, of the latest uploads."""


@dataclass(frozen=True, slots=True)
class Exported:
    """How much of it there is. `lost`: uploaded files that the server has lost; `left`: those beyond
    MAX_CONTENTS."""

    issues: int
    events: int
    uploads: int
    files: int
    lost: int
    left: int


class Export:
    """Of one project."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs
        self._payloads = Payloads(database, learns=False)

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
        files, lost, left = self._contents(connection, bundles, archive)
        count = archive.lines(records.ISSUES, _issues(connection, project_id))
        stored = archive.lines(records.EVENTS, self._events(connection, project_id))
        for name, kind, table in (
            (records.REPORTS, records.ReportRecord, user_reports),
            (records.RELEASES, records.ReleaseRecord, seen_releases),
            (records.HOURS, records.ProjectHourRecord, project_hours),
        ):
            archive.lines(name, _plain(connection, kind, table, project_id))
        return Exported(count, stored, uploads, files, lost, left)

    def _contents(
        self, connection: Connection, bundles: Select[Any], archive: ArchiveWriter
    ) -> tuple[int, int, int]:
        newest = func.max(artifact_files.c.artifact_bundle_id)
        wanted = (
            select(artifact_files.c.sha256)
            .where(artifact_files.c.artifact_bundle_id.in_(bundles), artifact_files.c.sha256 != "")
            .group_by(artifact_files.c.sha256)
            .order_by(newest.desc(), artifact_files.c.sha256)
        )
        every = connection.execute(
            select(func.count()).select_from(wanted.order_by(None).subquery())
        ).scalar_one()
        latest = connection.execute(wanted.limit(MAX_CONTENTS)).scalars().all()
        lost = 0
        for sha256 in latest:
            try:
                with self._blobs.open(sha256) as content:
                    archive.content(records.CONTENTS + sha256, content)
            except (BlobNotFound, PackDamaged) as error:
                log = structlog.get_logger()
                log.warning("a file can't be exported", file=sha256, why=str(error))
                lost += 1
        return len(latest) - lost, lost, every - len(latest)

    def _events(self, connection: Connection, project_id: int) -> Iterator[records.EventRecord]:
        wanted = (
            select(events, resolutions.c.content)
            .outerjoin(resolutions, resolutions.c.digest == events.c.resolution_digest)
            .join(issues, issues.c.id == events.c.issue_id)
            .where(events.c.project_id == project_id, _IS_KEPT)
        )
        for row in _in_portions(connection, wanted, events.c.id):
            packed = row.content or row.resolution
            yield records.EventRecord(
                issue=row.issue_id,
                payload=msgspec.Raw(_on_one_line(self._payloads.unpack(row.payload))),
                resolution=msgspec.Raw(self._payloads.unpack(packed) if packed else b"null"),
                **{name: getattr(row, name) for name in _EVENT},
            )


_EVENT: Final = tuple(
    set(records.EventRecord.__struct_fields__) - {"issue", "payload", "resolution"}
)
_IS_KEPT: Final = issues.c.merged_into.is_(None) & (issues.c.status != Status.DELETED.value)
"""Of an issue: that it is there for people, and no tombstone."""

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
        .where(issues.c.project_id == project_id, _IS_KEPT)
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
            **{name: getattr(row, name) for name in _ISSUE},
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
    return kind(**{name: getattr(row, name) for name in kind.__struct_fields__})


def _in_portions(connection: Connection, wanted: Select[Any], key: Any) -> Iterator[Row[Any]]:
    """In the order of the key, AT_ONCE in memory."""
    last = 0
    while rows := connection.execute(wanted.where(key > last).order_by(key).limit(AT_ONCE)).all():
        yield from rows
        last = rows[-1].id
