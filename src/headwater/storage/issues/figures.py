"""What a list shows beside issues, asked for all of them at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import (
    CTE,
    BindParameter,
    CompoundSelect,
    Executable,
    Row,
    Select,
    bindparam,
    column,
    func,
    select,
    text,
    true,
    union_all,
)

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


class Figures(Struct, frozen=True):
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

    def of(
        self,
        issue_ids: Sequence[int],
        since: datetime,
        step: int = 1,
        apart: datetime | None = None,
    ) -> Mapping[int, Figures]:
        """Of each; `since`: how far back its hours are wanted, `step`: how many of them together, under
        the first one's name, but for those from `apart` on, which is the end of a step."""
        if not issue_ids:
            return {}
        hours: defaultdict[int, dict[datetime, int]] = defaultdict(dict)
        with self._database.read() as connection:
            counted = connection.execute(*_counted(issue_ids, hour_of(since), step, apart))
            for issue_id, hour, count in counted:
                hours[issue_id][hour] = count
            told = {row.id: row for row in connection.execute(_told(issue_ids))}
        return {each: _figures(hours[each], told.get(each)) for each in issue_ids}


def _counted(
    issue_ids: Sequence[int], since: datetime, step: int, apart: datetime | None
) -> tuple[Executable, Mapping[str, Any]]:
    """What is asked, of what: issue, moment, events."""
    if step == 1:
        return _BY_HOUR, {"issues": issue_ids, "begins_at": since}
    ends = {f"at_{n}": since + timedelta(hours=n * step) for n in range(MAX_BARS + 1)}
    if apart is None:
        return _TOGETHER, {"issues": issue_ids, **ends}
    return _BOTH, {"issues": issue_ids, "begins_at": apart, **ends}


def _bars() -> CTE:
    # As a text: SQLAlchemy would put together any other list of rows anew each time, for 3 ms.
    spans = (f"SELECT :at_{n} AS begins, :at_{n + 1} AS ends" for n in range(MAX_BARS))
    given = (bindparam(f"at_{n}", type_=Utc) for n in range(MAX_BARS + 1))
    bars = text(" UNION ALL ".join(spans)).bindparams(*given)
    return bars.columns(column("begins", Utc), column("ends", Utc)).cte("bars")


def _together() -> Select[Any]:
    """Added up by the database: a month of 25 issues is 18,000 hours."""
    hours, bars = issue_hours.c, _bars()
    total = (
        select(whole_sum(hours.count))
        .where(hours.issue_id == issues.c.id, hours.hour >= bars.c.begins, hours.hour < bars.c.ends)
        .scalar_subquery()
    )
    counted = select(issues.c.id, bars.c.begins, total.label("total")).join(bars, true())
    some = counted.where(issues.c.id.in_(_ISSUES)).subquery()
    return select(some).where(some.c.total > 0)


# Made once: for each page that would take longer than what is asked.
_ISSUES: Final[BindParameter[Any]] = bindparam("issues", expanding=True)
_BEGINS: Final = bindparam("begins_at", type_=Utc)
_BY_HOUR: Final = select(issue_hours.c.issue_id, issue_hours.c.hour, issue_hours.c.count).where(
    issue_hours.c.issue_id.in_(_ISSUES), issue_hours.c.hour >= _BEGINS
)
_TOGETHER: Final = _together()
_BOTH: Final[CompoundSelect[Any]] = union_all(
    _TOGETHER.where(_TOGETHER.selected_columns.begins < _BEGINS), _BY_HOUR
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
