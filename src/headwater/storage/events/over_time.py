"""Counts of a project's events over time, in as few numbers as a chart shows: read only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, func, select

from headwater.storage.database import Database
from headwater.storage.events.project_hours import OTHER
from headwater.storage.schema import issues, project_hours
from headwater.storage.sums import whole_sum
from headwater.storage.uploads.bundle_pages import Scope, of_projects
from headwater.storage.uploads.shares import FramesShare
from headwater.storage.window import Window, hour_begins


@dataclass(frozen=True, slots=True)
class HourCount(FramesShare):
    """Events of a level and release within a span, with their frames."""

    place: int
    level: str
    release: str
    events: int
    resolved: int
    failed: int


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

    def of_project(self, project_id: int, window: Window) -> Sequence[HourCount]:
        """Spans, levels and releases without events are left out."""
        hours = _within(window, _COLUMNS.project_id == project_id)
        keys = (hours.c.place, hours.c.level, hours.c.release)
        wanted = select(*keys, *_sums(hours)).group_by(*keys)
        with self._database.read() as connection:
            return [HourCount(*row) for row in connection.execute(wanted)]

    def of_release(self, scope: Scope, version: str, window: Window) -> Sequence[FramesCount]:
        """How the frames of a release came out, in all projects of the scope."""
        ours = of_projects(scope, _COLUMNS.project_id)
        hours = _within(window, _COLUMNS.release == version, *ours)
        wanted = select(hours.c.place, *_sums(hours)).group_by(hours.c.place)
        with self._database.read() as connection:
            return [FramesCount(*row) for row in connection.execute(wanted)]

    def has_resolved(self, project_id: int) -> bool:
        """Whether a frame of an event that is counted was ever shown as it was written."""
        any_row = exists().where(_COLUMNS.project_id == project_id, _COLUMNS.resolved > 0)
        with self._database.read() as connection:
            return bool(connection.execute(select(any_row)).scalar_one())

    def of_others(self, scope: Scope, window: Window) -> int:
        """Events of releases that were not counted apart."""
        ours = of_projects(scope, _COLUMNS.project_id)
        wanted = select(func.coalesce(whole_sum(_COLUMNS.events), 0)).where(
            _COLUMNS.release == OTHER, *_hours(window), *ours
        )
        with self._database.read() as connection:
            return int(connection.execute(wanted).scalar_one())

    def first(self, project_id: int) -> datetime | None:
        """When the first hour begins that anything is counted of; None, if the project's first issue
        is no older: then nothing is missing."""
        wanted = select(func.min(_COLUMNS.hour)).where(_COLUMNS.project_id == project_id)
        of_project = issues.c.project_id == project_id
        oldest = select(func.min(issues.c.first_seen)).where(of_project).scalar_subquery()
        with self._database.read() as connection:
            hour, first_seen = connection.execute(wanted.add_columns(oldest)).one()
        begins = None if hour is None else hour_begins(hour)
        return begins if begins and first_seen and first_seen < begins else None


_COLUMNS: Final = project_hours.c


def _hours(window: Window) -> tuple[ColumnElement[bool], ...]:
    end = window.first + window.width * window.places
    return _COLUMNS.hour >= window.first, _COLUMNS.hour < end


def _within(window: Window, *where: ColumnElement[bool]) -> Any:
    """Rows of a window with the place of their span."""
    place = (_COLUMNS.hour - window.first) // window.width
    wanted: Select[Any] = select(project_hours, place.label("place"))
    return wanted.where(*where, *_hours(window)).subquery()


def _sums(hours: Any) -> tuple[ColumnElement[int], ...]:
    return tuple(whole_sum(hours.c[name]) for name in ("events", "resolved", "failed"))
