"""Issues of a period: those with the most events, those that are new, and those that came back."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    cast,
    extract,
    func,
    select,
)

from headwater.storage.database import Database
from headwater.storage.issues.activity import Kind
from headwater.storage.issues.search import IS_THERE, Status
from headwater.storage.schema import issue_activity, issue_hours, issues
from headwater.storage.sums import whole_sum
from headwater.storage.window import Window

CANDIDATES: Final = 50
"""Issues whose hours are summed first, those with the most events ever. No other issue can have more
events in the period than it ever had, so that the rest is looked at only where that is not enough."""


class Ranked(Struct, frozen=True):
    """An issue and its events in the period, by their own clocks."""

    issue_id: int
    events: int


class Latest(Struct, frozen=True):
    """The latest issues to which something happened, each with the moment, and how many there are."""

    moments: Mapping[int, datetime]
    total: int


class PeriodIssues:
    """Reads only; nothing is asked for each issue."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def top(self, project_id: int, since: datetime, limit: int) -> Sequence[Ranked]:
        """The `limit` issues with the most events from the hour `since` on, in two or three statements."""
        alive = _alive(project_id, since)
        most = select(issues.c.id, issues.c.event_count).where(*alive)
        most = most.order_by(issues.c.event_count.desc(), issues.c.id.desc()).limit(CANDIDATES + 1)
        with self._database.read() as connection:
            rows = connection.execute(most).all()
            first, rest = rows[:CANDIDATES], rows[CANDIDATES:]
            found = _sums(connection, [row.id for row in first], since)
            worst = found[limit - 1].events if len(found) >= limit else 0
            if rest and rest[0].event_count > worst:
                known = [row.id for row in first]
                others = select(issues.c.id).where(
                    *alive, issues.c.event_count > worst, issues.c.id.not_in(known)
                )
                found += _sums(connection, others, since)
        return sorted(found, key=_by_events)[:limit]

    def new(self, project_id: int, since: datetime, limit: int) -> Latest:
        """Those that were seen first since."""
        wanted = select(issues.c.id, issues.c.first_seen.label("at"), func.count().over()).where(
            *_alive(project_id, since), issues.c.first_seen >= since
        )
        return self._latest(wanted.order_by(issues.c.first_seen.desc(), issues.c.id.desc()), limit)

    def back(self, project_id: int, since: datetime, limit: int) -> Latest:
        """Those of which an event came since, after somebody had resolved them."""
        at = func.max(issue_activity.c.at).label("at")
        wanted = (
            select(issues.c.id, at, func.count().over())
            .join(issue_activity, issue_activity.c.issue_id == issues.c.id)
            .where(
                issues.c.project_id == project_id,
                IS_THERE,
                issue_activity.c.kind == Kind.CAME_BACK.value,
                issue_activity.c.at >= since,
            )
            .group_by(issues.c.id)
        )
        return self._latest(wanted.order_by(at.desc(), issues.c.id.desc()), limit)

    def over_time(
        self, issue_ids: Collection[int], window: Window
    ) -> Mapping[int, Mapping[int, int]]:
        """Issue → span of the window → events."""
        # PostgreSQL's seconds are a decimal number.
        hour = cast(extract("epoch", issue_hours.c.hour), BigInteger) // _SECONDS
        hours = (
            select(
                issue_hours.c.issue_id,
                ((hour - window.first) // window.width).label("place"),
                issue_hours.c.count,
            )
            .where(
                issue_hours.c.issue_id.in_(sorted(issue_ids)),
                issue_hours.c.hour >= window.begins(),
            )
            .subquery()
        )
        keys = hours.c.issue_id, hours.c.place
        wanted = select(*keys, whole_sum(hours.c.count)).group_by(*keys)
        found: dict[int, dict[int, int]] = {each: {} for each in issue_ids}
        with self._database.read() as connection:
            for issue_id, place, count in connection.execute(wanted):
                found[issue_id][place] = count
        return found

    def _latest(self, wanted: Select[Any], limit: int) -> Latest:
        with self._database.read() as connection:
            rows = connection.execute(wanted.limit(limit)).all()
        return Latest({row[0]: row[1] for row in rows}, rows[0][2] if rows else 0)


_SECONDS: Final = 3600


def _alive(project_id: int, since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Issues of which an event came since, as the index has them."""
    return (
        issues.c.project_id == project_id,
        issues.c.status.in_([each.value for each in Status if each is not Status.DELETED]),
        issues.c.merged_into.is_(None),
        issues.c.last_seen >= since,
    )


def _sums(connection: Connection, issue_ids: Any, since: datetime) -> list[Ranked]:
    total = whole_sum(issue_hours.c.count)
    wanted = (
        select(issue_hours.c.issue_id, total)
        .where(issue_hours.c.issue_id.in_(issue_ids), issue_hours.c.hour >= since)
        .group_by(issue_hours.c.issue_id)
    )
    return sorted((Ranked(*row) for row in connection.execute(wanted)), key=_by_events)


def _by_events(ranked: Ranked) -> tuple[int, int]:
    return -ranked.events, -ranked.issue_id
