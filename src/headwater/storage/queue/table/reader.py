"""Claims envelopes from the queue's table: any number of workers may."""

from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, Final

import zstandard
from msgspec.structs import replace
from sqlalchemy import Connection, Update, func, or_, select, tuple_
from sqlalchemy.exc import DatabaseError

from headwater.storage.batches import among
from headwater.storage.database import Database
from headwater.storage.queue.queue import MAX_BATCH_BYTES, QueuedEnvelope
from headwater.storage.queue.table.limit import size_of_waiting
from headwater.storage.schema import queue

CLAIM: Final = timedelta(minutes=5)
"""How long a worker that has died may hold its envelopes. Longer than any batch takes; should one
take longer still, another worker does the same work, and only one of them gets to save it."""

_COLUMNS: Final = QueuedEnvelope.__struct_fields__


class TableReader:
    """The outlet of one worker."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._given_back: deque[Update] = deque()

    def claim(self, limit: int, now: datetime) -> list[QueuedEnvelope]:
        """Up to `limit` of the oldest free envelopes, held until finished or CLAIM has passed.

        An envelope that was claimed before, by a worker that died, is claimed alone: if it was the
        cause, the next death has but one suspect.
        """
        self._give_back()
        free = or_(queue.c.claimed_until.is_(None), queue.c.claimed_until < now)
        candidates = (
            select(queue.c.id, queue.c.attempts, size_of_waiting().label("size"))
            .where(free)
            .order_by(queue.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            # The writers' lock is not taken for nothing, several times a second.
            if connection.execute(candidates.limit(1)).first() is None:
                return []
        with self._database.write() as connection:
            rows = connection.execute(candidates.with_for_update(skip_locked=True)).all()
            if not rows:
                return []
            fresh = (
                [row for row in rows if row.attempts == 0] if rows[0].attempts == 0 else rows[:1]
            )
            sizes = accumulate(row.size for row in fresh)
            within = [
                row.id for row, total in zip(fresh, sizes, strict=True) if total <= MAX_BATCH_BYTES
            ]
            claimed = connection.execute(
                queue.update()
                .where(among(connection, queue.c.id, within or [fresh[0].id]))
                .values(attempts=queue.c.attempts + 1, claimed_until=now + CLAIM)
                .returning(queue.c.plain_size, *(queue.c[name] for name in _COLUMNS))
            )
            found = list(map(_as_it_came, claimed.mappings()))
        return sorted(found, key=lambda envelope: envelope.id)

    def finish(self, connection: Connection, envelopes: Sequence[QueuedEnvelope]) -> set[int]:
        """Delete them; the ids of those that are gone already, with another worker's transaction."""
        ids = [envelope.id for envelope in envelopes]
        deleted = connection.execute(
            queue.delete().where(among(connection, queue.c.id, ids)).returning(queue.c.id)
        )
        return set(ids) - set(deleted.scalars())

    def give_back(self, envelopes: Sequence[QueuedEnvelope], *, were_tried: bool) -> None:
        """End a claim, with the next one if the database can't be reached now. Envelopes that were not
        even tried have their attempt back as well."""
        if not envelopes:
            return
        # Each claim counts as an attempt: whoever has claimed one meanwhile keeps it.
        claims = [(envelope.id, envelope.attempts) for envelope in envelopes]
        wanted = tuple_(queue.c.id, queue.c.attempts).in_(claims)
        attempts = queue.c.attempts - (0 if were_tried else 1)
        self._given_back.append(
            queue.update().where(wanted).values(attempts=attempts, claimed_until=None)
        )
        with suppress(DatabaseError):
            self._give_back()

    def _give_back(self) -> None:
        while self._given_back:
            with self._database.write() as connection:
                connection.execute(self._given_back[0])
            self._given_back.popleft()

    def start_over(self) -> None:
        """Undo every claim. For the start of the only worker: whoever held one is dead."""
        with self._database.write() as connection:
            connection.execute(
                queue.update().where(queue.c.claimed_until.is_not(None)).values(claimed_until=None)
            )

    def depth(self) -> int:
        """Envelopes that are not digested yet."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(queue)).scalar_one()

    def close(self) -> None:
        """Nothing is held but claims."""


def _as_it_came(row: Mapping[Any, Any]) -> QueuedEnvelope:
    queued = QueuedEnvelope(**{name: row[name] for name in _COLUMNS})
    if row["plain_size"] is None:
        return queued
    try:
        plain = zstandard.decompress(queued.envelope, max_output_size=row["plain_size"])
    except zstandard.ZstdError:
        return queued  # damaged, as whoever decodes it will say
    return replace(queued, envelope=plain, encoding="")
