"""Envelopes that could not be digested, kept with the reason."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from headwater.storage.database import Database
from headwater.storage.queue import QueuedEnvelope
from headwater.storage.schema import dead_letters

MAX_ERROR: Final = 8_000
"""Characters of an error that are kept: the end of a long traceback is what matters."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An envelope, when it came, when it was given up, and why."""

    id: int
    project_id: int
    received_at: datetime
    failed_at: datetime
    error: str
    event_id: str
    encoding: str
    """The Content-Encoding of `envelope`."""
    envelope: bytes


class DeadLetters:
    """What a person should look at."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def bury(
        self, connection: Connection, envelope: QueuedEnvelope, error: str, now: datetime
    ) -> None:
        """Keep it; the caller takes it off the queue in the same transaction."""
        connection.execute(
            dead_letters.insert().values(
                project_id=envelope.project_id,
                received_at=envelope.received_at,
                failed_at=now,
                error=error[-MAX_ERROR:],
                event_id=envelope.event_id,
                encoding=envelope.encoding,
                envelope=envelope.envelope,
            )
        )

    def latest(self, limit: int) -> tuple[DeadLetter, ...]:
        """The newest, newest first."""
        wanted = select(dead_letters).order_by(dead_letters.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            return tuple(DeadLetter(**row) for row in connection.execute(wanted).mappings())

    def count(self) -> int:
        """How many there are."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(dead_letters)).scalar_one()
