"""What a list shows beside issues, asked for all of them at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import CTE, Row, Select, bindparam, column, func, select, text, true

from headwater.storage.database import Database
from headwater.storage.issues.decisions import USER
from headwater.storage.issues.hours import hour_of
from headwater.storage.issues.tag_counts import OTHER
from headwater.storage.schema import Utc, issue_hours, issue_tags, issues
from headwater.storage.sums import whole_sum

MAX_BARS: Final = 30
"""Steps that hours are added up by: what is shown is a month of days."""

RELEASE: Final = "release"
"""The tag that says what ran."""


@dataclass(frozen=True, slots=True)
class Figures:
    """`hours`: events by hour; those without any are left out. `users`: how many met it; more, if
    `has_more_users`. `release`: that of its latest events, if they say so."""

    hours: Mapping[datetime, int]
    users: int
    has_more_users: bool
    release: str


class IssueFigures:
    """Two questions, however many issues."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, issue_ids: Sequence[int], since: datetime, step: int = 1) -> Mapping[int, Figures]:
        """Of each; `since`: how far back its hours are wanted, `step`: how many of them together, under
        the first one's name."""
        if not issue_ids:
            return {}
        hours: defaultdict[int, dict[datetime, int]] = defaultdict(dict)
        with self._database.read() as connection:
            counted = _counted(issue_ids, hour_of(since), step)
            for issue_id, hour, count in connection.execute(counted):
                hours[issue_id][hour] = count
            told = {row.id: row for row in connection.execute(_told(issue_ids))}
        return {each: _figures(hours[each], told.get(each)) for each in issue_ids}


def _counted(issue_ids: Sequence[int], since: datetime, step: int) -> Select[Any]:
    """Issue, moment, events."""
    hours = issue_hours.c
    if step == 1:
        return select(hours.issue_id, hours.hour, hours.count).where(
            hours.issue_id.in_(issue_ids), hours.hour >= since
        )
    # Added up by the database: a month of 25 issues is 18,000 hours.
    bars = _bars(since, timedelta(hours=step))
    total = (
        select(whole_sum(hours.count))
        .where(hours.issue_id == issues.c.id, hours.hour >= bars.c.begins, hours.hour < bars.c.ends)
        .scalar_subquery()
    )
    counted = select(issues.c.id, bars.c.begins, total.label("total")).join(bars, true())
    some = counted.where(issues.c.id.in_(issue_ids)).subquery()
    return select(some).where(some.c.total > 0)


def _bars(since: datetime, step: timedelta) -> CTE:
    ends = {f"at_{n}": since + n * step for n in range(MAX_BARS + 1)}
    given = (bindparam(name, moment, Utc) for name, moment in ends.items())
    bars = _SPANS.bindparams(*given).columns(column("begins", Utc), column("ends", Utc))
    return bars.cte("bars")


# As a text: SQLAlchemy would put together any other list of rows anew each time, for 3 ms.
_SPANS: Final = text(
    " UNION ALL ".join(f"SELECT :at_{n} AS begins, :at_{n + 1} AS ends" for n in range(MAX_BARS))
)


def _told(issue_ids: Sequence[int]) -> Select[Any]:
    """Of each issue: how many users it has a row of, the first of them, and its last release."""
    tags = issue_tags.c
    of_issue = tags.issue_id == issues.c.id
    users = of_issue, tags.key == USER
    releases = of_issue, tags.key == RELEASE, tags.value != OTHER
    newest = (
        select(tags.value).where(*releases).order_by(tags.last_seen.desc(), tags.value).limit(1)
    )
    return select(
        issues.c.id,
        select(func.count()).where(*users).scalar_subquery().label("users"),
        select(func.min(tags.value)).where(*users).scalar_subquery().label("least"),
        newest.scalar_subquery().label("release"),
    ).where(issues.c.id.in_(issue_ids))


def _figures(hours: Mapping[datetime, int], row: Row[Any] | None) -> Figures:
    if row is None:
        return Figures(hours, 0, has_more_users=False, release="")
    has_more = row.least == OTHER
    return Figures(hours, row.users - has_more, has_more, row.release or "")
