"""How far behind the digest is, by whoever asks: nothing is claimed."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from headwater.storage.database import Database
from headwater.storage.queue.journal import segments
from headwater.storage.queue.journal.records import Record
from headwater.storage.queue.journal.segment import Segment
from headwater.storage.schema import journal_positions, queue

MAX_COUNTED: Final = 10_000
"""Waiting envelopes that are counted."""

MAX_LOOKED_AT: Final = 64 * 1024**2
"""Bytes of the journal that are read for it: those of 10,000 envelopes of 6 KB."""


def oldest_waiting(database: Database, folder: Path) -> datetime | None:
    """When the oldest envelope that is not digested yet was received; None if none waits.

    `folder`: the journal's, on SQLite. Raises SQLAlchemyError, OSError.
    """
    if not database.is_sqlite:
        with database.read() as connection:
            return connection.execute(select(func.min(queue.c.received_at))).scalar()
    with database.read() as connection:
        rows = connection.execute(select(journal_positions.c.segment, journal_positions.c.offset))
        read = {row.segment: row.offset for row in rows}
    moments = (_next(folder, name, read.get(name, 0)) for name in segments.names(folder))
    return min((moment for moment in moments if moment), default=None)


def waiting(database: Database, folder: Path) -> int:
    """How many envelopes are not digested yet; of more than MAX_COUNTED, or of the journal's first
    MAX_LOOKED_AT bytes, only so many.

    Raises SQLAlchemyError, OSError.
    """
    with database.read() as connection:
        if not database.is_sqlite:
            some = select(queue.c.id).limit(MAX_COUNTED).subquery()
            return connection.execute(select(func.count()).select_from(some)).scalar_one()
        rows = connection.execute(select(journal_positions.c.segment, journal_positions.c.offset))
        read = {row.segment: row.offset for row in rows}
    found = looked_at = 0
    for name in segments.names(folder):
        for record in _records(folder, name, read.get(name, 0)):
            found, looked_at = found + 1, looked_at + record.end - record.start
            if found == MAX_COUNTED or looked_at > MAX_LOOKED_AT:
                return found
    return found


def _records(folder: Path, name: str, position: int) -> Iterator[Record]:
    with _segment(folder, name, position) as segment:
        if segment:
            yield from segment.rest()


def _next(folder: Path, name: str, position: int) -> datetime | None:
    with _segment(folder, name, position) as segment:
        records = segment.records(1) if segment else []
    return records[0].received_at if records else None


@contextmanager
def _segment(folder: Path, name: str, position: int) -> Iterator[Segment | None]:
    """None, if it was digested and deleted meanwhile."""
    try:
        segment = Segment(folder, name, position)
    except FileNotFoundError:
        yield None
        return
    with closing(segment):
        yield segment
