"""Issues: what the user sees of all events that have one cause."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, select

from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.examined import is_users
from headwater.storage.issues.hashes import HashTaken
from headwater.storage.issues.search import IS_THERE, Search, Status
from headwater.storage.page import Page, PageRequest
from headwater.storage.schema import issue_tags, issues

MAX_COUNTED: Final = 10_000
"""Issues that a search counts: who finds more does not look through them, and counting takes its time."""

MAX_HOPS: Final = 10
"""Merges of merges that are followed; a merge always points at the end of the chain."""


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
    assignee_id: int | None
    muted_until: datetime | None
    muted_events: int | None
    muted_users: int | None

    @property
    def mute(self) -> "Mute":
        """What ends its being muted."""
        return Mute(self.muted_until, self.muted_events, self.muted_users)


@dataclass(frozen=True, slots=True)
class Mute:
    """Until when an issue stays muted; each alone ends it, none: it stays so.

    `until`: a moment. `events`, `users`: how many of them it then has.
    """

    until: datetime | None = None
    events: int | None = None
    users: int | None = None


FOR_GOOD: Final = Mute()


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
    received_at: datetime | None = None
    """When the event came; None: now."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Issues whose state new events have changed: to unresolved.

    `back`: those that had been resolved. `unmuted`: those that had been muted until so much came.
    """

    back: Sequence[int]
    unmuted: Sequence[int]


EVERY: Final = Search()


class Issues:
    """Reads open their own connection; writes take part in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, issue_id: int) -> Issue | None:
        """The issue, or the one that it was merged into."""
        with self._database.read() as connection:
            for _ in range(MAX_HOPS):
                row = connection.execute(_ISSUES.where(issues.c.id == issue_id)).first()
                if row is None or row.status == Status.DELETED:
                    return None
                if row.merged_into is None:
                    return _issue(row)
                issue_id = row.merged_into
        return None

    def list(
        self,
        projects: Collection[int] | None = None,
        search: Search = EVERY,
        page: PageRequest = PageRequest(),  # noqa: B008 # frozen
    ) -> Page[Issue]:
        """Issues of these projects, or of all."""
        wanted = _ISSUES.where(_of(projects), search.where).order_by(*search.by)
        with self._database.read() as connection:
            rows = connection.execute(wanted.offset(page.offset).limit(page.fetch)).all()
        return page.page(_issues(rows))

    def found(
        self, projects: Collection[int] | None, search: Search, page: PageRequest
    ) -> tuple[Page[Issue], int]:
        """A page of `list`, and what `count` says: both by looking once."""
        most = max(MAX_COUNTED + 1, page.offset + page.fetch)
        by = search.order.column
        hits = select(issues.c.id, by.label("at")).where(_of(projects), search.where)
        some = hits.order_by(*search.by).limit(most).cte("hits")
        # Made once, though it is named twice.
        some = some.prefix_with("MATERIALIZED")
        total_of = select(func.count()).select_from(some).scalar_subquery()
        newest = some.c.at.desc(), some.c.id.desc()
        shown = select(some.c.id).order_by(*newest).offset(page.offset).limit(page.fetch)
        wanted = _ISSUES.add_columns(total_of.label("total")).where(issues.c.id.in_(shown))
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(*search.by)).all()
        total = rows[0].total if rows else 0
        if not rows and page.number:
            total = self.count(projects, search)  # this page is behind the last
        return page.page(_issues(rows)), min(total, MAX_COUNTED + 1)

    def count(self, projects: Collection[int] | None = None, search: Search = EVERY) -> int:
        """How many `list` has on all pages; MAX_COUNTED + 1: more than that."""
        some = select(issues.c.id).where(_of(projects), search.where).limit(MAX_COUNTED + 1)
        with self._database.read() as connection:
            counted = select(func.count()).select_from(some.subquery())
            count: int = connection.execute(counted).scalar_one()
        return count

    def ids(self, projects: Collection[int] | None, search: Search, limit: int) -> Sequence[int]:
        """The first so many that `list` has on all pages."""
        wanted = select(issues.c.id).where(_of(projects), search.where).order_by(*search.by)
        with self._database.read() as connection:
            return connection.execute(wanted.limit(limit)).scalars().all()

    def newest(self) -> int:
        """The highest number of any issue; 0 if there is none."""
        with self._database.read() as connection:
            return connection.execute(select(func.max(issues.c.id))).scalar() or 0

    def several(self, issue_ids: Collection[int]) -> Sequence[Issue]:
        """Those of them that there are, in no order; of merged ones none."""
        found: list[Issue] = []
        with self._database.read() as connection:
            for some in batches(sorted(issue_ids)):
                these = issues.c.id.in_(some), IS_THERE
                found += _issues(connection.execute(_ISSUES.where(*these)).all())
        return found

    def decide(
        self, issue_ids: Collection[int], status: Status, now: datetime, mute: Mute = FOR_GOOD
    ) -> None:
        """A person's decision. `mute`: what ends it, where it is to be ignored."""
        ends = mute if status is Status.IGNORED else FOR_GOOD
        values = {
            "status": status.value,
            "resolved_at": now if status is Status.RESOLVED else None,
            "muted_until": ends.until,
            "muted_events": ends.events,
            "muted_users": ends.users,
        }
        with self._database.write() as connection:
            for some in batches(sorted(issue_ids)):
                these = issues.c.id.in_(some), IS_THERE
                connection.execute(issues.update().where(*these).values(values))

    def assign(self, issue_ids: Collection[int], user_id: int | None) -> None:
        """Say who has taken them on, or that nobody has."""
        with self._database.write() as connection:
            for some in batches(sorted(issue_ids)):
                these = issues.update().where(issues.c.id.in_(some))
                connection.execute(these.values(assignee_id=user_id))

    def end_mutes(self, now: datetime) -> Sequence[int]:
        """Those that were muted until now or earlier are unresolved again; their ids."""
        over = issues.c.status == Status.IGNORED.value, issues.c.muted_until <= now
        opened = issues.update().where(*over).values(_UNDECIDED).returning(issues.c.id)
        with self._database.write() as connection:
            return connection.execute(opened).scalars().all()

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
            name: select(issues.c[name]).where(issues.c.id == origin).scalar_subquery()
            for name in _DECIDED
        }
        connection.execute(issues.update().where(issues.c.id == issue_id).values(decided))
        return issue_id

    def saw(self, connection: Connection, sightings: Mapping[int, Sequence[Sighting]]) -> Changed:
        """Count each issue's new events. A resolved issue that is seen again is unresolved again, and
        so is one that was muted until it has so many events.

        Raises HashTaken if one was merged or deleted meanwhile.
        """
        changed, back, unmuted = [], list[int](), list[int]()
        for ids in batches(sorted(sightings)):
            wanted = _ISSUES.where(issues.c.id.in_(ids)).order_by(issues.c.id)
            # Not the key: every event that is stored holds on to its issue's.
            locked = wanted.with_for_update(key_share=True)
            rows = connection.execute(locked).all()
            if any(map(is_gone, rows)):
                raise HashTaken
            for row in rows:
                changed.append(_seen(row, sightings[row.id]))
                if changed[-1]["status"] != row.status:
                    (back if row.status == Status.RESOLVED else unmuted).append(row.id)
        if changed:
            this = issues.c.id == bindparam("issue_id")
            columns: dict[str, Any] = {
                name: bindparam(name) for name in changed[0] if name != "issue_id"
            }
            connection.execute(issues.update().where(this).values(columns), changed)
        return Changed(back, unmuted)

    def end_mutes_by_users(
        self, connection: Connection, issue_ids: Collection[int]
    ) -> Sequence[int]:
        """Those of them that were muted until so many users had met them, who now have, are
        unresolved again; their ids."""
        of_issue = issue_tags.c.issue_id == issues.c.id, issue_tags.c.key == USER
        users = select(func.count()).where(*of_issue).scalar_subquery()
        over: list[int] = []
        for some in batches(sorted(issue_ids)):
            these = issues.c.id.in_(some), issues.c.status == Status.IGNORED.value
            reached = issues.c.muted_users.is_not(None), users >= issues.c.muted_users
            opened = issues.update().where(*these, *reached).values(_UNDECIDED)
            over += connection.execute(opened.returning(issues.c.id)).scalars()
        return over


def _of(projects: Collection[int] | None) -> ColumnElement[bool]:
    project_id = issues.c.project_id
    return is_users(project_id) if projects is None else project_id.in_(sorted(projects))


def is_gone(row: Row[Any]) -> bool:
    """Whether an issue was merged into another, or deleted."""
    return row.merged_into is not None or row.status == Status.DELETED


def _seen(row: Row[Any], sightings: Sequence[Sighting]) -> dict[str, Any]:
    """The issue's row after these events."""
    latest, shown_at = row.latest_event_id, row.shown_at
    shown: Row[Any] | Sighting = row
    level, last_seen = row.level, row.last_seen
    count = row.event_count + len(sightings)
    is_reached = row.muted_events is not None and count >= row.muted_events
    stays = (row.status == Status.IGNORED and not is_reached) or (
        row.status == Status.RESOLVED and all(_came_before(row, seen) for seen in sightings)
    )
    for seen in sightings:
        if seen.timestamp >= last_seen:
            last_seen, latest, level = seen.timestamp, seen.event_id, seen.level
        if seen.is_settled and (shown_at is None or seen.timestamp >= shown_at):
            shown, shown_at = seen, seen.timestamp
    return {
        "issue_id": row.id,
        "event_count": count,
        "first_seen": min(row.first_seen, *(seen.timestamp for seen in sightings)),
        "last_seen": last_seen,
        "latest_event_id": latest,
        "level": level,
        "title": shown.title,
        "culprit": shown.culprit,
        "platform": shown.platform,
        "shown_at": shown_at,
        **({name: getattr(row, name) for name in _DECIDED} if stays else _UNDECIDED),
    }


USER: Final = "user"
"""The tag that says who met it."""

_UNDECIDED: Final[Mapping[str, object]] = {
    "status": Status.UNRESOLVED.value,
    "resolved_at": None,
    "muted_until": None,
    "muted_events": None,
    "muted_users": None,
}
_DECIDED: Final = tuple(_UNDECIDED)
"""Columns of what a person made of an issue."""


def _came_before(row: Row[Any], seen: Sighting) -> bool:
    """Whether an event had come already when its issue was resolved."""
    if seen.received_at is None or row.resolved_at is None:
        return False
    return seen.received_at <= row.resolved_at  # type: ignore[no-any-return]


_ISSUES: Final = select(issues)
_COLUMNS: Final = tuple(each.name for each in fields(Issue))


def _issues(rows: Sequence[Row[Any]]) -> Sequence[Issue]:
    return [_issue(row) for row in rows]


def _issue(row: Row[Any]) -> Issue:
    columns = {name: getattr(row, name) for name in _COLUMNS}
    return Issue(**(columns | {"status": Status(row.status)}))
