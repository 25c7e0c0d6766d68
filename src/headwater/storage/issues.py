"""Issues: what the user sees of all events that have one cause."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, or_, select

from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.examined import is_users
from headwater.storage.issue_hashes import HashTaken
from headwater.storage.page import Page, PageRequest
from headwater.storage.schema import issues

MAX_HOPS: Final = 10
"""Merges of merges that are followed; a merge always points at the end of the chain."""


class Status(StrEnum):
    """What a person made of an issue."""

    UNRESOLVED = "unresolved"
    RESOLVED = "resolved"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue. `title` as in `Error: Invoice not found`, `culprit` as in `getPostedInvoice ·
    src/lib/actions/invoices.ts:84`."""

    id: int
    project_id: int
    title: str
    culprit: str
    level: str
    platform: str
    status: Status
    event_count: int
    first_seen: datetime
    last_seen: datetime
    latest_event_id: str | None
    merged_into: int | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one event tells about its issue.

    `is_settled`: no frame that the grouping looked at is still minified, so that the title and
    culprit are for people and may replace the issue's: the latest such event's are shown.
    """

    event_id: str
    timestamp: datetime
    title: str
    culprit: str
    level: str
    platform: str
    is_settled: bool


class Issues:
    """Reads open their own connection; writes take part in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, issue_id: int) -> Issue | None:
        """The issue, or the one that it was merged into."""
        with self._database.read() as connection:
            for _ in range(MAX_HOPS):
                row = connection.execute(_ISSUES.where(issues.c.id == issue_id)).first()
                if row is None or row.merged_into is None:
                    return None if row is None else _issue(row)
                issue_id = row.merged_into
        return None

    def list(
        self,
        project_id: int | None = None,
        status: Status | None = None,
        query: str = "",
        page: PageRequest = PageRequest(),  # noqa: B008 # frozen
    ) -> Page[Issue]:
        """Issues of one project or of all, last seen first. `query`: words that title or culprit hold."""
        wanted = _ISSUES.where(issues.c.merged_into.is_(None))
        of_project = issues.c.project_id == project_id
        wanted = wanted.where(is_users(issues.c.project_id) if project_id is None else of_project)
        if status is not None:
            wanted = wanted.where(issues.c.status == status)
        for word in query.split():
            wanted = wanted.where(
                or_(
                    issues.c.title.icontains(word, autoescape=True),
                    issues.c.culprit.icontains(word, autoescape=True),
                )
            )
        wanted = wanted.order_by(issues.c.last_seen.desc(), issues.c.id.desc())
        with self._database.read() as connection:
            rows = connection.execute(wanted.offset(page.offset).limit(page.fetch)).all()
        return page.page(_issues(rows))

    def set_status(self, issue_id: int, status: Status, now: datetime) -> None:
        """A person's decision."""
        resolved_at = now if status is Status.RESOLVED else None
        this = issues.update().where(issues.c.id == issue_id)
        with self._database.write() as connection:
            connection.execute(this.values(status=status.value, resolved_at=resolved_at))

    def create(self, connection: Connection, project_id: int, seen: Sighting) -> int:
        """A new issue that has not been seen yet; `saw` comes next. Returns its id."""
        inserted = connection.execute(
            issues.insert()
            .values(
                project_id=project_id,
                title=seen.title,
                culprit=seen.culprit,
                level=seen.level,
                platform=seen.platform,
                status=Status.UNRESOLVED.value,
                event_count=0,
                first_seen=seen.timestamp,
                last_seen=seen.timestamp,
            )
            .returning(issues.c.id)
        )
        issue_id: int = inserted.scalar_one()
        return issue_id

    def split(self, connection: Connection, project_id: int, origin: int, seen: Sighting) -> int:
        """A new issue for events of another, for which a person's decision was meant as well."""
        issue_id = self.create(connection, project_id, seen)
        decided = {
            column.name: select(column).where(issues.c.id == origin).scalar_subquery()
            for column in (issues.c.status, issues.c.resolved_at)
        }
        connection.execute(issues.update().where(issues.c.id == issue_id).values(decided))
        return issue_id

    def saw(
        self, connection: Connection, sightings: Mapping[int, Sequence[Sighting]]
    ) -> Sequence[int]:
        """Count each issue's new events. A resolved issue that is seen again is unresolved again:
        the ids of these.

        Raises HashTaken if one was merged into another meanwhile.
        """
        changed, back = [], []
        for ids in batches(sorted(sightings)):
            wanted = _ISSUES.where(issues.c.id.in_(ids)).order_by(issues.c.id)
            # Not the key: every event that is stored holds on to its issue's.
            locked = wanted.with_for_update(key_share=True)
            rows = connection.execute(locked).all()
            if any(row.merged_into is not None for row in rows):
                raise HashTaken
            changed += [_seen(row, sightings[row.id]) for row in rows]
            back += [row.id for row in rows if row.status == Status.RESOLVED]
        if changed:
            this = issues.c.id == bindparam("issue_id")
            columns: dict[str, Any] = {
                name: bindparam(name) for name in changed[0] if name != "issue_id"
            }
            connection.execute(issues.update().where(this).values(columns), changed)
        return back


def _seen(row: Row[Any], sightings: Sequence[Sighting]) -> dict[str, Any]:
    """The issue's row after these events."""
    latest, shown_at = row.latest_event_id, row.shown_at
    shown: Row[Any] | Sighting = row
    level, last_seen = row.level, row.last_seen
    for seen in sightings:
        if seen.timestamp >= last_seen:
            last_seen, latest, level = seen.timestamp, seen.event_id, seen.level
        if seen.is_settled and (shown_at is None or seen.timestamp >= shown_at):
            shown, shown_at = seen, seen.timestamp
    return {
        "issue_id": row.id,
        "event_count": row.event_count + len(sightings),
        "first_seen": min(row.first_seen, *(seen.timestamp for seen in sightings)),
        "last_seen": last_seen,
        "latest_event_id": latest,
        "level": level,
        "title": shown.title,
        "culprit": shown.culprit,
        "platform": shown.platform,
        "shown_at": shown_at,
        "status": Status.UNRESOLVED.value if row.status == Status.RESOLVED else row.status,
        "resolved_at": None,
    }


_ISSUES: Final = select(issues)
_COLUMNS: Final = tuple(each.name for each in fields(Issue))


def _issues(rows: Sequence[Row[Any]]) -> Sequence[Issue]:
    return [_issue(row) for row in rows]


def _issue(row: Row[Any]) -> Issue:
    columns = {name: getattr(row, name) for name in _COLUMNS}
    return Issue(**(columns | {"status": Status(row.status)}))
