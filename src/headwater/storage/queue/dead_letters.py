"""Envelopes that could not be digested, kept with the reason until somebody retries or deletes them."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, func, select

from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.hidden_projects import is_kept
from headwater.storage.page import Page, PageRequest, Part
from headwater.storage.queue.queue import QueuedEnvelope
from headwater.storage.schema import dead_letters

MAX_ERROR: Final = 8_000
"""Characters of an error that are kept: the end of a long traceback is what matters."""

_FIRST: Final = PageRequest()


@dataclass(frozen=True, slots=True)
class DeadLetterSummary:
    """A dead letter without its weight: when it came, when it was given up, and why."""

    id: int
    project_id: int
    received_at: datetime
    failed_at: datetime
    error: str
    event_id: str
    encoding: str
    """The Content-Encoding of the envelope."""
    size: int
    """Bytes of the envelope, as it came."""

    @property
    def last_line(self) -> str:
        """Of a traceback, what was raised."""
        return self.error.strip().rsplit("\n", 1)[-1]


@dataclass(frozen=True, slots=True)
class DeadLetter(DeadLetterSummary):
    """An envelope as it came, secrets and all: nothing was scrubbed yet."""

    envelope: bytes


class DeadLetters:
    """What a person should look at. Of one project, or (None) of all."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def bury(
        self, connection: Connection, envelope: QueuedEnvelope, error: str, now: datetime
    ) -> None:
        """Keep it; the caller takes it off the queue in the same transaction."""
        connection.execute(
            dead_letters.insert().values(
                **_never_used_id(connection, now),
                project_id=envelope.project_id,
                received_at=envelope.received_at,
                failed_at=now,
                error=error[-MAX_ERROR:],
                event_id=envelope.event_id,
                encoding=envelope.encoding,
                envelope=envelope.envelope,
            )
        )

    def list(
        self, project_id: int | None, request: PageRequest = _FIRST
    ) -> Page[DeadLetterSummary]:
        """The newest first; the first page unless told."""
        wanted = (
            _SUMMARIES.where(_of(project_id))
            .order_by(dead_letters.c.id.desc())
            .offset(request.offset)
            .limit(request.fetch)
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted).mappings()
            return request.page([DeadLetterSummary(**row) for row in rows])

    def part(self, project_id: int, part: Part) -> Page[DeadLetterSummary]:
        """`list` in parts, by the letters' ids."""
        wanted = part.asked_of(_SUMMARIES.where(_of(project_id)), dead_letters.c.id)
        with self._database.read() as connection:
            rows = connection.execute(wanted).mappings()
            return part.page([DeadLetterSummary(**row) for row in rows])

    def get(self, letter_id: int) -> DeadLetter | None:
        """One with its envelope; None if it is not there any more."""
        with self._database.read() as connection:
            wanted = _SUMMARIES.add_columns(dead_letters.c.envelope)
            this = dead_letters.c.id == letter_id, _of(None)
            row = connection.execute(wanted.where(*this)).mappings()
            found = row.first()
        return None if found is None else DeadLetter(**found)

    def latest(self, limit: int) -> tuple[DeadLetter, ...]:
        """The newest of all with their envelopes, newest first."""
        found = (self.get(letter.id) for letter in self.list(None, PageRequest(size=limit)).items)
        return tuple(letter for letter in found if letter)

    def count(self, project_id: int | None = None) -> int:
        """How many there are."""
        counted = select(func.count()).select_from(dead_letters).where(_of(project_id))
        with self._database.read() as connection:
            return connection.execute(counted).scalar_one()

    def delete(self, letter_id: int) -> bool:
        """Throw it away for good; whether it was there."""
        with self._database.write() as connection:
            gone = connection.execute(dead_letters.delete().where(dead_letters.c.id == letter_id))
            return gone.rowcount > 0

    def delete_all(self, project_id: int) -> int:
        """Throw away those that there are now; how many it were."""
        with self._database.read() as connection:
            ids = connection.execute(select(dead_letters.c.id).where(_of(project_id))).scalars()
            present = list(ids)
        deleted = 0
        for some in batches(present):  # so that no writer waits for all of them
            with self._database.write() as connection:
                gone = connection.execute(dead_letters.delete().where(dead_letters.c.id.in_(some)))
                deleted += gone.rowcount
        return deleted


_SUMMARIES: Final[Select[tuple[object, ...]]] = select(
    *(dead_letters.c[each.name] for each in fields(DeadLetterSummary) if each.name != "size"),
    func.length(dead_letters.c.envelope).label("size"),
)


def _never_used_id(connection: Connection, now: datetime) -> dict[str, int]:
    """SQLite gives the number of the newest row again once that is deleted, and whoever looked at
    the old one would delete another. So these go by the clock, in milliseconds; PostgreSQL counts on.
    """
    if connection.dialect.name != "sqlite":
        return {}
    newest = connection.execute(select(func.max(dead_letters.c.id))).scalar() or 0
    return {"id": max(int(now.timestamp() * 1000), newest + 1)}


def _of(project_id: int | None) -> ColumnElement[bool]:
    of_project = dead_letters.c.project_id
    return is_kept(of_project) if project_id is None else of_project == project_id
