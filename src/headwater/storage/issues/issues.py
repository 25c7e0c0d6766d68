"""Issues: what the user sees of all events that have one cause."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, func, select

from headwater.storage.batches import among, batches
from headwater.storage.database import Database
from headwater.storage.hidden_projects import is_kept, is_users
from headwater.storage.issues.hashes import HashTaken
from headwater.storage.issues.issue import ISSUES, Issue, issue_of, issues_of
from headwater.storage.issues.resolved import Resolved, release_dates
from headwater.storage.issues.search import IS_THERE, Search, Status
from headwater.storage.issues.sighting import Sighting, is_gone, release_of_return, seen
from headwater.storage.many_rows import update_all
from headwater.storage.page import Page, PageRequest
from headwater.storage.schema import issues

MAX_COUNTED: Final = 10_000
"""Issues that a search counts: who finds more does not look through them, and counting takes its time."""

MAX_HOPS: Final = 10
"""Merges of merges that are followed; a merge always points at the end of the chain."""


class Changed(Struct, frozen=True):
    """Issues whose state new events have changed: to unresolved.

    `back`: those that had been resolved, each with the release that brought it back, empty if its
    events told none. `unmuted`: those that had been muted until so much came.
    """

    back: Mapping[int, str]
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
                this = issues.c.id == issue_id, is_kept(issues.c.project_id)
                row = connection.execute(ISSUES.where(*this)).first()
                if row is None or row.status == Status.DELETED:
                    return None
                if row.merged_into is None:
                    return issue_of(row)
                issue_id = row.merged_into
        return None

    def list(
        self,
        projects: Collection[int] | None = None,
        search: Search = EVERY,
        page: PageRequest = PageRequest(),  # noqa: B008 # frozen
    ) -> Page[Issue]:
        """Issues of these projects, or of all."""
        wanted = ISSUES.where(_of(projects), search.where).order_by(*search.by)
        with self._database.read() as connection:
            rows = connection.execute(wanted.offset(page.offset).limit(page.fetch)).all()
        return page.page(issues_of(rows))

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
        wanted = ISSUES.add_columns(total_of.label("total")).where(issues.c.id.in_(shown))
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(*search.by)).all()
        total = rows[0].total if rows else 0
        if not rows and page.number:
            total = self.count(projects, search)  # this page is behind the last
        return page.page(issues_of(rows)), min(total, MAX_COUNTED + 1)

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

    def newest(self, projects: Collection[int] | None = None) -> int:
        """The highest number of any issue of these projects, or of all; 0 if there is none."""
        with self._database.read() as connection:
            newest = select(func.max(issues.c.id)).where(_of(projects))
            return connection.execute(newest).scalar() or 0

    def several(self, issue_ids: Collection[int]) -> Sequence[Issue]:
        """Those of them that there are, in no order; of merged ones none."""
        found: list[Issue] = []
        with self._database.read() as connection:
            for some in batches(sorted(set(issue_ids))):
                these = issues.c.id.in_(some), IS_THERE, is_kept(issues.c.project_id)
                found += issues_of(connection.execute(ISSUES.where(*these)).all())
        return found

    def create(self, connection: Connection, project_id: int, one: Sighting) -> int:
        """A new issue that has not been seen yet; `saw` comes next. Returns its id."""
        inserted = connection.execute(
            issues.insert()
            .values(
                project_id=project_id,
                title=one.title,
                culprit=one.culprit,
                level=one.level,
                platform=one.platform,
                status=Status.UNRESOLVED.value,
                event_count=0,
                first_seen=one.timestamp,
                last_seen=one.timestamp,
            )
            .returning(issues.c.id)
        )
        issue_id: int = inserted.scalar_one()
        return issue_id

    def saw(self, connection: Connection, sightings: Mapping[int, Sequence[Sighting]]) -> Changed:
        """Count each issue's new events. A resolved issue that is seen again is unresolved again, and
        so is one that was muted until it has so many events.

        Raises HashTaken if one was merged or deleted meanwhile.
        """
        changed, back, unmuted = [], dict[int, str](), list[int]()
        for ids in batches(sorted(sightings)):
            wanted = ISSUES.where(among(connection, issues.c.id, ids)).order_by(issues.c.id)
            # Not the key: every event that is stored holds on to its issue's.
            locked = wanted.with_for_update(key_share=True)
            rows = connection.execute(locked).all()
            if any(map(is_gone, rows)):
                raise HashTaken
            resolved = [row for row in rows if row.status == Status.RESOLVED]
            versions = {each.release for row in resolved for each in sightings[row.id]}
            dates = release_dates(connection, list(map(Resolved.of_row, resolved)), versions)
            for row in rows:
                changed.append(seen(row, sightings[row.id], dates))
                if changed[-1]["status"] == row.status:
                    continue
                if row.status == Status.RESOLVED:
                    back[row.id] = release_of_return(row, sightings[row.id], dates)
                else:
                    unmuted.append(row.id)
        update_all(connection, issues, changed, "id")
        return Changed(back, unmuted)


def _of(projects: Collection[int] | None) -> ColumnElement[bool]:
    project_id = issues.c.project_id
    return is_users(project_id) if projects is None else project_id.in_(sorted(projects))
