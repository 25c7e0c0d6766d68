"""Stored events that can go: the expired ones, and of large issues those that tell the least.

Every question is answered from an index, which a test holds against the database's own plan. Every
removal is one short transaction. Any number of processes may do it at once.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Select, func, select

from headwater.storage.database import Database
from headwater.storage.events.redundancy import redundant
from headwater.storage.issues.search import Status
from headwater.storage.issues.tombstones import events_are_gone, is_leaving
from headwater.storage.many_rows import insert_into
from headwater.storage.schema import events, issues, removed_events, resolutions, user_reports

MAX_REMOVED: Final = 100
"""Events that one transaction removes: some 10 ms among millions of events, which is how long a writer
may have to wait for it, besides what the disk needs for the commit."""

MAX_ISSUES: Final = 1_000
"""Issues that are looked at together, the largest first; further ones have their turn after them."""


class IssueSize(Struct, frozen=True):
    """How many of an issue's events are stored."""

    issue_id: int
    events: int


class Retained:
    """What is stored, and what of it can go. `project_id` None: of all projects."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stored(self, project_id: int | None = None) -> int:
        """How many events."""
        wanted = _live(project_id, select(func.coalesce(func.sum(STORED), 0)))
        with self._database.read() as connection:
            return int(connection.execute(wanted).scalar_one())

    def largest(self, project_id: int | None, more_than: int) -> Sequence[IssueSize]:
        """MAX_ISSUES issues with more stored events than that, the largest first."""
        wanted = _live(project_id, select(issues.c.id, STORED)).where(more_than < STORED)
        wanted = wanted.order_by(STORED.desc(), issues.c.id).limit(MAX_ISSUES)
        with self._database.read() as connection:
            return [IssueSize(*row) for row in connection.execute(wanted)]

    def longest_unseen(self, project_id: int | None) -> Sequence[int]:
        """MAX_ISSUES issues that have stored events, those not seen for the longest time first."""
        wanted = _live(project_id, select(issues.c.id)).where(STORED > 0)
        wanted = wanted.order_by(issues.c.last_seen, issues.c.id).limit(MAX_ISSUES)
        with self._database.read() as connection:
            return connection.execute(wanted).scalars().all()

    def expired(self, project_id: int, before: datetime, now: datetime) -> Sequence[int]:
        """Up to MAX_REMOVED of a project's first events: all received before, up to one that was not.

        Their ids tell their order also where the clock was wrong for a while: what it dated in the
        future goes with what came after it, and what it dated long ago stays with what came before.
        """
        first = (
            select(events.c.id, events.c.received_at)
            .where(events.c.project_id == project_id)
            .order_by(events.c.id)
            .limit(MAX_REMOVED)
        )
        with self._database.read() as connection:
            dated = connection.execute(first.where(events.c.received_at <= now))
            old = [row.id for row in takewhile(lambda row: row.received_at < before, dated)]
            if not old:
                return ()
            return [row.id for row in connection.execute(first.where(events.c.id <= old[-1]))]

    def redundant(self, issue_id: int, kept: int) -> Sequence[int]:
        """Events to remove so that `kept` are left: see `storage.events.redundancy`."""
        with self._database.read() as connection:
            return redundant(connection, issue_id, kept)

    def all_of(self, issue_id: int) -> Sequence[int]:
        """An issue's first MAX_REMOVED events."""
        wanted = select(events.c.id).where(events.c.issue_id == issue_id).order_by(events.c.id)
        with self._database.read() as connection:
            return connection.execute(wanted.limit(MAX_REMOVED)).scalars().all()

    def remove(self, ids: Sequence[int], issue_id: int | None = None) -> int:
        """Delete the first MAX_REMOVED of these events, but for those that left `issue_id` meanwhile;
        if a person deleted that, with what users wrote about them.

        Counts them, and returns how many there were.
        """
        gone = events.delete().where(events.c.id.in_(ids[:MAX_REMOVED]))
        if issue_id is not None:
            gone = gone.where(events.c.issue_id == issue_id)
        with self._database.write() as connection:
            rows = connection.execute(
                gone.returning(events.c.issue_id, events.c.event_id, events.c.resolution_digest)
            )
            removed: defaultdict[int, set[str]] = defaultdict(set)
            digests = set()
            for issue, event_id, digest in rows:
                removed[issue].add(event_id)
                digests.add(digest)
            remove_resolutions(connection, digests - {None})
            events_are_gone(connection, ids)
            _count(connection, {issue: len(some) for issue, some in removed.items()})
            _name_latest(connection, removed)
            _forget_reports(connection, removed)
        return sum(map(len, removed.values()))

    def recount(self, issue_id: int) -> None:
        """Make what is counted as removed fit what is stored, should it ever not."""
        # Events of issues that were merged into it are counted here before they have moved; where some
        # are on their way out, nobody knows until they have left.
        moving = select(issues.c.id).where(issues.c.merged_into == issue_id)
        of_issue = (events.c.issue_id == issue_id) | events.c.issue_id.in_(moving)
        there = select(func.count()).where(of_issue).scalar_subquery()
        wanted = (
            select(STORED - there)
            .select_from(_COUNTED)
            .where(issues.c.id == issue_id, ~is_leaving())
        )
        with self._database.read() as connection:
            # One statement sees one moment; events that come later change both sides alike.
            missing = connection.execute(wanted).scalar()
        if missing:
            with self._database.write() as connection:
                _count(connection, {issue_id: missing})

    def received_before(self, moment: datetime) -> int:
        """How many stored events came before: by their ids, which tell their order."""
        with self._database.read() as connection:
            ids = select(func.min(events.c.id), func.max(events.c.id) + 1)
            low, high = connection.execute(ids).one()
            if low is None:
                return 0
            while low < high:
                middle = (low + high) // 2
                next_one = select(events.c.id, events.c.received_at).where(events.c.id >= middle)
                found = connection.execute(next_one.order_by(events.c.id).limit(1)).one()
                if found.received_at < moment:
                    low = found.id + 1
                else:
                    high = middle
            older = select(func.count()).select_from(events).where(events.c.id < low)
            return connection.execute(older).scalar_one()

    def event_bytes(self) -> int:
        """Bytes of all stored events, from the size of the latest and their number."""
        return self.bytes_of(self.stored())

    def bytes_of(self, number: int) -> int:
        """About the bytes of so many events, from the size of the latest."""
        latest = select(events.c.payload, events.c.resolution).order_by(events.c.id.desc())
        some = latest.limit(MAX_REMOVED).subquery()
        weight = func.length(some.c.payload) + func.length(some.c.resolution)
        with self._database.read() as connection:
            mean = connection.execute(select(func.avg(weight))).scalar()
        return int((float(mean or 0) + ROW_BYTES) * number)


ROW_BYTES: Final = 600
"""What an event takes in its table and indexes besides payload and resolution."""

STORED: Final[ColumnElement[int]] = issues.c.event_count - func.coalesce(removed_events.c.count, 0)
"""How many of an issue's events are still there, where `removed_events` is joined."""
_COUNTED: Final = issues.outerjoin(removed_events)


def remove_resolutions(connection: Connection, digests: Collection[bytes]) -> None:
    """Those of these resolutions that no event has any more."""
    if digests:
        used = select(events.c.id).where(events.c.resolution_digest == resolutions.c.digest)
        connection.execute(
            resolutions.delete().where(resolutions.c.digest.in_(sorted(digests)), ~used.exists())
        )


def _live(project_id: int | None, wanted: Select[Any]) -> Select[Any]:
    wanted = wanted.select_from(_COUNTED).where(issues.c.merged_into.is_(None))
    return wanted if project_id is None else wanted.where(issues.c.project_id == project_id)


def _count(connection: Connection, removed: Mapping[int, int]) -> None:
    if not removed:
        return
    insert = insert_into(connection, removed_events)
    statement = insert.on_conflict_do_update(
        index_elements=["issue_id"], set_={"count": removed_events.c.count + insert.excluded.count}
    )
    # In one order always, so that two processes on PostgreSQL don't wait for one another in a ring.
    rows = [{"issue_id": issue_id, "count": count} for issue_id, count in sorted(removed.items())]
    connection.execute(statement, rows)


def _forget_reports(connection: Connection, removed: Mapping[int, Collection[str]]) -> None:
    """What users wrote about events of deleted issues."""
    deleted = select(issues.c.id, issues.c.project_id).where(
        issues.c.id.in_(sorted(removed)), issues.c.status == Status.DELETED.value
    )
    for issue_id, project_id in connection.execute(deleted).all():
        about = user_reports.c.event_id.in_(sorted(removed[issue_id]))
        of_project = user_reports.c.project_id == project_id
        connection.execute(user_reports.delete().where(of_project, about))


def _name_latest(connection: Connection, removed: Mapping[int, Collection[str]]) -> None:
    """Where an issue's latest event has gone, the last stored one is now the latest, if there is one."""
    named = select(issues.c.id, issues.c.latest_event_id).where(issues.c.id.in_(sorted(removed)))
    left = (
        select(events.c.event_id)
        .where(events.c.issue_id == issues.c.id)
        .order_by(events.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    for row in connection.execute(named).all():
        if row.latest_event_id in removed[row.id]:
            this = issues.c.id == row.id, issues.c.latest_event_id == row.latest_event_id
            connection.execute(issues.update().where(*this).values(latest_event_id=left))
