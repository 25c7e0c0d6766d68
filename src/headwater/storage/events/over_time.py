"""Counts of a project's events over time, in as few numbers as a chart shows: read only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, select

from headwater.storage.database import Database
from headwater.storage.events.project_hours import OTHER, hour_begins, hour_number
from headwater.storage.schema import project_hours
from headwater.storage.uploads.bundle_pages import Scope, of_projects
from headwater.storage.uploads.shares import FramesShare


@dataclass(frozen=True, slots=True)
class Window:
    """`places` spans of `width` hours each, from hour `first` since 1970 on; the last one goes on."""

    first: int
    width: int
    places: int

    @classmethod
    def ending(cls, now: datetime, width: int, places: int) -> Self:
        """Spans that begin at multiples of `width` hours: those of 24 hours are days in UTC."""
        return cls((hour_number(now) // width - places + 1) * width, width, places)

    def begins(self, place: int = 0) -> datetime:
        """When a span begins; that of `places` is the end of all."""
        return hour_begins(self.first + place * self.width)

    def place_of(self, moment: datetime) -> int:
        """Which span a moment is in; a number outside of them, if in none."""
        return (hour_number(moment) - self.first) // self.width


@dataclass(frozen=True, slots=True)
class LevelCount(FramesShare):
    """Events of a level within a span, with their frames."""

    place: int
    level: str
    events: int
    resolved: int
    failed: int


@dataclass(frozen=True, slots=True)
class ReleaseCount:
    """Events of a release within a span."""

    place: int
    release: str
    events: int


@dataclass(frozen=True, slots=True)
class FramesCount(FramesShare):
    """Frames of a release's events within a span."""

    place: int
    events: int
    resolved: int
    failed: int


class OverTime:
    """One statement for each question, whatever the number of events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_level(self, project_id: int, window: Window) -> Sequence[LevelCount]:
        """Spans and levels without events are left out."""
        hours = _within(window, _COLUMNS.project_id == project_id)
        wanted = select(hours.c.place, hours.c.level, *_sums(hours)).group_by(
            hours.c.place, hours.c.level
        )
        with self._database.read() as connection:
            return [LevelCount(*row) for row in connection.execute(wanted)]

    def by_release(self, project_id: int, window: Window, limit: int) -> Sequence[ReleaseCount]:
        """Of the `limit` releases with the most events in all spans; of no release is one of them."""
        ours = _COLUMNS.project_id == project_id
        hours = _within(window, ours)
        most = (
            select(_COLUMNS.release)
            .where(ours, *_hours(window), _COLUMNS.release != OTHER)
            .group_by(_COLUMNS.release)
            .order_by(func.sum(_COLUMNS.events).desc(), _COLUMNS.release.desc())
            .limit(limit)
        )
        wanted = (
            select(hours.c.place, hours.c.release, _sum(hours.c.events))
            .where(hours.c.release.in_(most))
            .group_by(hours.c.place, hours.c.release)
        )
        with self._database.read() as connection:
            return [ReleaseCount(*row) for row in connection.execute(wanted)]

    def of_release(self, scope: Scope, version: str, window: Window) -> Sequence[FramesCount]:
        """How the frames of a release came out, in all projects of the scope."""
        ours = of_projects(scope, _COLUMNS.project_id)
        hours = _within(window, _COLUMNS.release == version, *ours)
        wanted = select(hours.c.place, *_sums(hours)).group_by(hours.c.place)
        with self._database.read() as connection:
            return [FramesCount(*row) for row in connection.execute(wanted)]

    def of_others(self, scope: Scope, window: Window) -> int:
        """Events of releases that were not counted apart."""
        ours = of_projects(scope, _COLUMNS.project_id)
        wanted = select(func.coalesce(_sum(_COLUMNS.events), 0)).where(
            _COLUMNS.release == OTHER, *_hours(window), *ours
        )
        with self._database.read() as connection:
            return int(connection.execute(wanted).scalar_one())

    def first(self, project_id: int) -> datetime | None:
        """When the first hour begins that anything is counted of."""
        wanted = select(func.min(_COLUMNS.hour)).where(_COLUMNS.project_id == project_id)
        with self._database.read() as connection:
            hour = connection.execute(wanted).scalar()
        return None if hour is None else hour_begins(hour)


_COLUMNS: Final = project_hours.c


def _hours(window: Window) -> tuple[ColumnElement[bool], ...]:
    end = window.first + window.width * window.places
    return _COLUMNS.hour >= window.first, _COLUMNS.hour < end


def _within(window: Window, *where: ColumnElement[bool]) -> Any:
    """Rows of a window with the place of their span."""
    place = (_COLUMNS.hour - window.first) // window.width
    wanted: Select[Any] = select(project_hours, place.label("place"))
    return wanted.where(*where, *_hours(window)).subquery()


def _sum(count: ColumnElement[int]) -> ColumnElement[int]:
    # PostgreSQL's sum of bigints is a decimal number.
    return cast(func.sum(count), BigInteger)


def _sums(hours: Any) -> tuple[ColumnElement[int], ...]:
    return tuple(_sum(hours.c[name]) for name in ("events", "resolved", "failed"))
