"""What is kept beside the events and has a bound of its own: counts, dead letters, users' reports.

Each removal is one short transaction of MAX_AGED rows at most.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Table, func, select, tuple_

from headwater.storage.database import Database
from headwater.storage.schema import (
    dead_letters,
    folded,
    issue_hours,
    issue_places,
    issue_tags,
    issues,
    outcomes,
    places,
    project_hours,
    tag_values,
    user_reports,
)
from headwater.storage.window import hour_number

MAX_AGED: Final = 500
"""Rows that one transaction removes."""

MAX_HISTORY: Final = timedelta(days=400)
"""How far back hourly counts and tags of issues reach at most, also where events are kept longer: a
month can be compared with the same one a year before."""

MAX_OUTCOMES_AGE: Final = timedelta(days=90)
"""How long it is known what became of what was sent, and how many events came by level and release."""

MAX_DEAD_LETTERS: Final = 10_000
"""Dead letters of the whole instance. The oldest go; each was counted as one when it came."""

MAX_DEAD_LETTER_BYTES: Final = 256 * 1024**2
"""Bytes of them all: an envelope may have 20 MB."""

MAX_USER_REPORTS: Final = 10_000
"""Reports of a project. The oldest go."""

ISSUES_AT_ONCE: Final = 20
"""Issues whose counts are looked through in one query: some thousand rows each at worst."""


class OfProject(Struct, frozen=True):
    """An issue and its project."""

    issue_id: int
    project_id: int


class Aged:
    """Each method removes some of what can go, and says how many rows; 0: nothing is left to do."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def issues_after(self, issue_id: int) -> Sequence[OfProject]:
        """ISSUES_AT_ONCE issues with higher numbers."""
        wanted = select(issues.c.id, issues.c.project_id).where(issues.c.id > issue_id)
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(issues.c.id).limit(ISSUES_AT_ONCE))
            return [OfProject(*row) for row in rows]

    def drop_hours(self, issue_ids: Sequence[int], before: datetime) -> int:
        """Hourly counts of these issues."""
        return self._drop(
            issue_hours, issue_hours.c.issue_id.in_(issue_ids), issue_hours.c.hour < before
        )

    def drop_tags(self, issue_ids: Sequence[int], before: datetime) -> int:
        """Tags of these issues that were not seen since."""
        return self._drop(
            issue_tags, issue_tags.c.issue_id.in_(issue_ids), issue_tags.c.last_seen < before
        )

    def drop_places(self) -> int:
        """Places that no issue has any more."""
        used = select(issue_places.c.place_id).where(issue_places.c.place_id == places.c.id)
        return self._drop(places, ~used.exists())

    def drop_tag_values(self) -> int:
        """Values of tags that no issue has any more."""
        tags, values = issue_tags.c, tag_values.c
        has_it = tags.key == values.key, folded(tags.value) == folded(values.value)
        return self._drop(tag_values, ~select(tags.issue_id).where(*has_it).exists())

    def counted_projects(self) -> Iterator[int]:
        """Everything that outcomes are counted of, projects that are gone and none at all included."""
        known = -1
        while True:
            wanted = select(func.min(outcomes.c.project_id)).where(outcomes.c.project_id > known)
            with self._database.read() as connection:
                following = connection.execute(wanted).scalar()
            if following is None:
                return
            yield following
            known = following

    def drop_outcomes(self, project_id: int, before: datetime) -> int:
        """Counts of hours before."""
        return self._drop(outcomes, outcomes.c.project_id == project_id, outcomes.c.hour < before)

    def drop_project_hours(self, project_id: int, before: datetime) -> int:
        """What is counted of a project by level and release, of hours before."""
        return self._drop(
            project_hours,
            project_hours.c.project_id == project_id,
            project_hours.c.hour < hour_number(before),
        )

    def drop_reports(self, project_id: int, before: datetime | None) -> int:
        """Reports received before (None: of any age), and the oldest beyond MAX_USER_REPORTS."""
        of_project = user_reports.c.project_id == project_id
        if before is not None:
            gone = self._drop(user_reports, of_project, user_reports.c.received_at < before)
            if gone:
                return gone
        newest = select(user_reports.c.id).where(of_project).order_by(user_reports.c.id.desc())
        return self._drop_up_to(user_reports, newest.offset(MAX_USER_REPORTS), of_project)

    def drop_dead_letters(self, project_id: int, before: datetime) -> int:
        """Dead letters that were received before."""
        return self._drop(
            dead_letters,
            dead_letters.c.project_id == project_id,
            dead_letters.c.received_at < before,
        )

    def drop_most_dead_letters(self) -> int:
        """The oldest beyond MAX_DEAD_LETTERS or MAX_DEAD_LETTER_BYTES."""
        total = func.sum(func.length(dead_letters.c.envelope)).over(
            order_by=dead_letters.c.id.desc(), rows=(None, 0)
        )
        number = func.row_number().over(order_by=dead_letters.c.id.desc())
        summed = select(dead_letters.c.id, total.label("total"), number.label("number")).subquery()
        too_many = (summed.c.number > MAX_DEAD_LETTERS) | (summed.c.total > MAX_DEAD_LETTER_BYTES)
        beyond = select(summed.c.id).where(too_many).order_by(summed.c.id.desc())
        return self._drop_up_to(dead_letters, beyond)

    def drop_rows(self, table: Table, project_id: int) -> int:
        """Whatever a table has of a project."""
        return self._drop(table, table.c.project_id == project_id)

    def _drop_up_to(self, table: Table, newest_to_go: Any, *where: ColumnElement[bool]) -> int:
        with self._database.read() as connection:
            last = connection.execute(newest_to_go.limit(1)).scalar()
        return 0 if last is None else self._drop(table, table.c.id <= last, *where)

    def _drop(self, table: Table, *where: ColumnElement[bool]) -> int:
        key = tuple_(*table.primary_key)
        with self._database.read() as connection:
            # Nobody waits while it is looked for, and where there is nothing, not at all.
            found = connection.execute(select(*table.primary_key).where(*where).limit(MAX_AGED))
            keys = [tuple(row) for row in found]
        if keys:
            with self._database.write() as connection:
                connection.execute(table.delete().where(key.in_(keys), *where))
        return len(keys)
