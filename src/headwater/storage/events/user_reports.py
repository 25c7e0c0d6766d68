"""What users wrote about an error that they saw."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Integer, Select, and_, cast, func, select

from headwater.storage.database import Database
from headwater.storage.issues.search import is_deleted
from headwater.storage.page import Page, PageRequest
from headwater.storage.schema import events, user_reports

MAX_NAME: Final = 250
"""Characters of a user's name: the column's width. A longer one is cut, and ends with an ellipsis."""

MAX_EMAIL: Final = 320
"""Characters of an e-mail address, the most that one may have; cut as a name is."""

MAX_COMMENTS: Final = 4096
"""Characters of what a user wrote, Sentry's limit; cut as a name is."""

MAX_OF_EVENT: Final = 100
"""Reports about one event. The key that they are sent with is in web pages for everybody to read,
and an event is one user's. Whoever adds another is told that it is not kept."""


_IS_DELETED: Final = (
    select(events.c.id)
    .where(
        events.c.project_id == user_reports.c.project_id,
        events.c.event_id == user_reports.c.event_id,
        is_deleted(events.c.issue_id),
    )
    .exists()
)
"""Of a report: whether its event is on its way out, and it as well."""

_REPORTS: Final = select(*(column for column in user_reports.c if column.name != "id"))


@dataclass(frozen=True, slots=True)
class UserReport:
    """`event_id`: 32 hexadecimal digits of the event that it is about, which may come later, or never.

    Texts may be empty; too long ones are cut.
    """

    project_id: int
    event_id: str
    received_at: datetime
    name: str
    email: str
    comments: str

    def __post_init__(self) -> None:
        limits = {"name": MAX_NAME, "email": MAX_EMAIL, "comments": MAX_COMMENTS}
        for name, limit in limits.items():
            object.__setattr__(self, name, _kept(getattr(self, name), limit))


class Kept(StrEnum):
    """What became of a report; also what it is counted as."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    """The same words about the same event are there: it was sent again."""
    TOO_MANY = "too_many_user_reports"
    """There are MAX_OF_EVENT about this event already."""


class UserReports:
    """Of every event. `add` is part of somebody's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, connection: Connection, report: UserReport) -> Kept:
        """Keep it, if it is new and there is room."""
        told = and_(
            user_reports.c.name == report.name,
            user_reports.c.email == report.email,
            user_reports.c.comments == report.comments,
        )
        counted = select(func.count(), func.coalesce(func.sum(cast(told, Integer)), 0))
        of_event = _of(report.project_id, report.event_id)
        number, same = connection.execute(counted.where(*of_event)).one()
        if same:
            return Kept.DUPLICATE
        if number >= MAX_OF_EVENT:
            return Kept.TOO_MANY
        connection.execute(
            user_reports.insert().values(
                project_id=report.project_id,
                event_id=report.event_id,
                received_at=report.received_at,
                name=report.name,
                email=report.email,
                comments=report.comments,
            )
        )
        return Kept.ACCEPTED

    def of_event(self, project_id: int, event_id: str) -> tuple[UserReport, ...]:
        """Those about one event, oldest first."""
        of_event = _REPORTS.where(*_of(project_id, event_id), ~_IS_DELETED)
        return self._all(of_event.order_by(user_reports.c.id))

    def of_project(self, project_id: int, page: PageRequest) -> Page[UserReport]:
        """Those of one project, newest first; also those about events that never came, but none about
        issues that were deleted."""
        wanted = _REPORTS.where(user_reports.c.project_id == project_id, ~_IS_DELETED)
        newest = wanted.order_by(user_reports.c.id.desc())
        return page.page(self._all(newest.offset(page.offset).limit(page.fetch)))

    def _all(self, wanted: Select[Any]) -> tuple[UserReport, ...]:
        with self._database.read() as connection:
            return tuple(UserReport(**row) for row in connection.execute(wanted).mappings())


def _of(project_id: int, event_id: str) -> tuple[ColumnElement[bool], ...]:
    return user_reports.c.project_id == project_id, user_reports.c.event_id == event_id


def _kept(text: str, limit: int) -> str:
    # PostgreSQL stores no character 0, and no database half of a surrogate pair.
    text = text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode().strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"
