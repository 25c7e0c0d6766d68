"""What became of everything that was sent here: counts by project, hour, category and reason."""

import threading
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    func,
    select,
)
from sqlalchemy.exc import SQLAlchemyError

from headwater.storage.database import Database
from headwater.storage.flusher import Flusher
from headwater.storage.issues.hours import hour_of
from headwater.storage.many_rows import execute_rows
from headwater.storage.schema import outcomes
from headwater.storage.sums import whole_sum

NO_PROJECT: Final = 0
"""Where counts go that belong to no project: an unknown key, an unknown API path."""

ERROR: Final = "error"
"""The category that events are counted in."""

CLIENT: Final = "client:"
"""How a reason begins that an SDK gave, of something that it never sent."""

NOT_KEPT: Final = "not_kept:"
"""How a reason begins of an item that came and is not kept; what follows is the item's type."""

DEAD_LETTER: Final = "dead_letter"
"""The reason of an envelope that could not be digested."""

FOLDED_AFTER: Final = timedelta(days=8)
"""How long counts are kept hour by hour; what is shown by parts of a day goes back seven days."""

PROJECT_DELETED: Final = "project_deleted"
"""The reason of an envelope that came before its project was deleted, and was not digested by then."""


class OutcomeKey(NamedTuple):
    """What is counted together."""

    project_id: int
    category: str
    reason: str
    hour: datetime

    @classmethod
    def of(cls, project_id: int, category: str, reason: str, moment: datetime) -> "OutcomeKey":
        """Of something that happened at that moment."""
        return cls(project_id, category, reason, hour_of(moment))


class Outcome(Struct, frozen=True):
    """So many things of this category came to this end within the hour that begins at `hour`."""

    project_id: int
    category: str
    reason: str
    hour: datetime
    count: int


class Came(Struct, frozen=True):
    """So many things of this category came to this end within the span whose first hour is `hour`."""

    hour: datetime
    category: str
    reason: str
    count: int


def is_event(category: str, reason: str) -> bool:
    """Whether what is counted is events that were sent here: none that a client tells of, or that aren't
    kept."""
    return category == ERROR and not reason.startswith((CLIENT, NOT_KEPT))


class Outcomes:
    """Counts. `count` is cheap and gathers in memory; `add` is part of somebody's transaction.

    Categories and reasons must come from closed lists, never from a client's own words: each new
    one is a row.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._gathered: Counter[OutcomeKey] = Counter()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._flusher = Flusher("outcomes", self.flush)

    def count(
        self, project_id: int, category: str, reason: str, now: datetime, quantity: int = 1
    ) -> None:
        """Count; written within a second (see `storage.flusher`), or at `flush`."""
        with self._lock:
            self._gathered[OutcomeKey.of(project_id, category, reason, now)] += quantity
        self._flusher.start()

    def add_all(self, connection: Connection, counts: Mapping[OutcomeKey, int]) -> None:
        """Count within the caller's transaction."""
        if counts:
            _write(connection, counts)

    def take_back(
        self,
        connection: Connection,
        project_id: int,
        category: str,
        reason: str,
        moment: datetime,
        quantity: int = 1,
    ) -> None:
        """Uncount what was counted at `moment` and is no longer so, within the caller's transaction."""
        key = OutcomeKey.of(project_id, category, reason, moment)
        for hour in (key.hour, _day_of(moment)):  # the second, where its day was folded since
            of_key = [
                outcomes.c[name] == value
                for name, value in key._replace(hour=hour)._asdict().items()
            ]
            less = outcomes.update().values(count=outcomes.c.count - quantity)
            if connection.execute(less.where(*of_key, outcomes.c.count >= quantity)).rowcount:
                return

    def fold(self, project_id: int, now: datetime) -> int:
        """Count what came within a day that ended FOLDED_AFTER ago under its first hour alone; how many
        rows that were. 0: there is no such day any more. One short transaction."""
        id_, hour = outcomes.c.project_id, outcomes.c.hour
        oldest = select(func.min(hour, type_=hour.type)).where(
            id_ == project_id, hour < _day_of(now - FOLDED_AFTER), _is_within_day(self._database)
        )
        with self._database.read() as connection:
            found = connection.execute(oldest).scalar()
        if found is None:
            return 0
        day = _day_of(found)
        later = outcomes.delete().where(
            id_ == project_id, hour > day, hour < day + timedelta(days=1)
        )
        end = outcomes.c.category, outcomes.c.reason, outcomes.c.count
        counts: Counter[OutcomeKey] = Counter()
        with self._database.write() as connection:
            gone = connection.execute(later.returning(*end)).all()
            for category, reason, count in gone:
                counts[OutcomeKey(project_id, category, reason, day)] += count
            _write(connection, counts)
        return len(gone)

    def flush(self) -> None:
        """Write what has gathered, or wait until it is written; on failure it stays gathered."""
        with self._writing:
            self._write_gathered()

    def _write_gathered(self) -> None:
        with self._lock:
            gathered, self._gathered = self._gathered, Counter()
        if not gathered:
            return
        try:
            with self._database.write() as connection:
                _write(connection, gathered)
        except SQLAlchemyError:
            with self._lock:
                self._gathered.update(gathered)
            raise

    def close(self) -> None:
        """Write what has gathered, and stop."""
        self._flusher.close()

    def since(self, moment: datetime, project_id: int | None = None) -> tuple[Outcome, ...]:
        """Counts of the hours from that of `moment` on, of one project or of all, oldest first."""
        wanted = select(outcomes).where(outcomes.c.hour >= hour_of(moment))
        if project_id is not None:
            wanted = wanted.where(outcomes.c.project_id == project_id)
        with self._database.read() as connection:
            rows = connection.execute(
                wanted.order_by(outcomes.c.hour, outcomes.c.category, outcomes.c.reason)
            )
            return tuple(Outcome(**row) for row in rows.mappings())

    def by_hour(
        self, moment: datetime, project_id: int | None = None, *, by_day: bool = False
    ) -> tuple[Came, ...]:
        """What came from the hour of `moment` on, oldest first.

        Of one project, or of all together and those of no project. `by_day`: all of a day in UTC
        under its first hour that has any.
        """
        hour = func.min(outcomes.c.hour, type_=outcomes.c.hour.type).label("hour")
        end = outcomes.c.category, outcomes.c.reason
        spans = _day(self._database) if by_day else outcomes.c.hour
        found = (
            select(hour, *end, _total().label("count"))
            .where(_wanted(moment, project_id), outcomes.c.count > 0)
            .group_by(spans, *end)
            .order_by(hour, *end)
        )
        with self._database.read() as connection:
            return tuple(Came(**row) for row in connection.execute(found).mappings())

    def event_sums(self, moment: datetime, project_id: int) -> Mapping[str, int]:
        """Reason → events that were sent to a project and came to this end, from the hour of `moment` on."""
        end = outcomes.c.category, outcomes.c.reason
        found = (
            select(*end, _total())
            .where(_wanted(moment, project_id), outcomes.c.count > 0)
            .group_by(*end)
        )
        with self._database.read() as connection:
            rows = connection.execute(found).all()
        return {reason: count for category, reason, count in rows if is_event(category, reason)}


def _total() -> ColumnElement[int]:
    return whole_sum(outcomes.c.count)


def _day_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _is_within_day(database: Database) -> ColumnElement[bool]:
    """Whether it is another hour than the first one."""
    if database.is_sqlite:
        return func.substr(outcomes.c.hour, len("2026-11-26 "), 3, type_=String()) != " 00"
    return func.date_part("hour", func.timezone("UTC", outcomes.c.hour)) != 0


def _day(database: Database) -> ColumnElement[Any]:
    if database.is_sqlite:
        return func.substr(outcomes.c.hour, 1, len("2026-11-26"), type_=String())
    return func.date_trunc("day", func.timezone("UTC", outcomes.c.hour))


def _wanted(moment: datetime, project_id: int | None) -> ColumnElement[bool]:
    since = outcomes.c.hour >= hour_of(moment)
    if project_id is not None:
        return and_(since, outcomes.c.project_id == project_id)
    # Each by name, so that the key leads to the hours of each: the rest is months of counts.
    return and_(since, outcomes.c.project_id.in_(_counted_projects()))


def _counted_projects() -> Select[tuple[int]]:
    """Whatever is counted of, from one to the next by the key."""
    id_ = outcomes.c.project_id
    known = select(func.min(id_).label("id")).cte("counted", recursive=True)
    following = select(func.min(id_)).where(id_ > known.c.id).scalar_subquery()
    known = known.union_all(select(following).where(known.c.id.is_not(None)))
    return select(known.c.id).where(known.c.id.is_not(None))


def _write(connection: Connection, counts: Mapping[OutcomeKey, int]) -> None:
    # In one order always, so that two writers on PostgreSQL don't wait for one another in a ring.
    execute_rows(connection, _UPSERT, [(*key, count) for key, count in sorted(counts.items())])


_UPSERT: Final = """
INSERT INTO outcomes (project_id, category, reason, hour, count) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (project_id, hour, category, reason) DO UPDATE SET
  count = outcomes.count + excluded.count
"""
