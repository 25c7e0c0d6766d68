"""How far behind the digest is, by whoever asks: nothing is claimed."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from headwater.storage.database import Database
from headwater.storage.queue.journal import segments
from headwater.storage.queue.journal.segment import Segment
from headwater.storage.schema import journal_positions, queue


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


def _next(folder: Path, name: str, position: int) -> datetime | None:
    try:
        segment = Segment(folder, name, position)
    except FileNotFoundError:  # digested and deleted meanwhile
        return None
    try:
        records = segment.records(1)
    finally:
        segment.close()
    return records[0].received_at if records else None
