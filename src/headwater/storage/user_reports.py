"""What users wrote about an error that they saw."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select

from headwater.storage.database import Database
from headwater.storage.schema import user_reports

MAX_NAME: Final = 250
"""Characters of a user's name: the column's width. A longer one is cut, and ends with an ellipsis."""

MAX_EMAIL: Final = 320
"""Characters of an e-mail address, the most that one may have; cut as a name is."""

MAX_COMMENTS: Final = 4096
"""Characters of what a user wrote, Sentry's limit; cut as a name is."""

MAX_OF_EVENT: Final = 100
"""Reports about one event. The key that they are sent with is in web pages for everybody to read,
and an event is one user's. Whoever adds another is told that it is not kept."""


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


class UserReports:
    """Of every event. `add` is part of somebody's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, connection: Connection, report: UserReport) -> bool:
        """Keep it; False: there are MAX_OF_EVENT about this event already."""
        counted = select(func.count()).select_from(user_reports)
        of_event = _of(report.project_id, report.event_id)
        if connection.execute(counted.where(*of_event)).scalar_one() >= MAX_OF_EVENT:
            return False
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
        return True

    def of_event(self, project_id: int, event_id: str) -> tuple[UserReport, ...]:
        """Those about one event, oldest first."""
        wanted = (
            select(*(column for column in user_reports.c if column.name != "id"))
            .where(*_of(project_id, event_id))
            .order_by(user_reports.c.id)
        )
        with self._database.read() as connection:
            return tuple(UserReport(**row) for row in connection.execute(wanted).mappings())


def _of(project_id: int, event_id: str) -> tuple[ColumnElement[bool], ...]:
    return user_reports.c.project_id == project_id, user_reports.c.event_id == event_id


def _kept(text: str, limit: int) -> str:
    # PostgreSQL stores no character 0, and no database half of a surrogate pair.
    text = text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode().strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"
