"""What became of everything that was sent here: counts by project, hour, category and reason."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from headwater.storage.database import Database
from headwater.storage.flusher import Flusher
from headwater.storage.schema import outcomes

NO_PROJECT: Final = 0
"""Where counts go that belong to no project: an unknown key, an unknown API path."""


class OutcomeKey(NamedTuple):
    """What is counted together."""

    project_id: int
    category: str
    reason: str
    hour: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """So many things of this category came to this end within the hour that begins at `hour`."""

    project_id: int
    category: str
    reason: str
    hour: datetime
    count: int


class Outcomes:
    """Counts. `count` is cheap and gathers in memory; `add` is part of somebody's transaction.

    Categories and reasons must come from closed lists, never from a client's own words: each new
    one is a row.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._gathered: Counter[OutcomeKey] = Counter()
        self._lock = threading.Lock()
        self._flusher = Flusher("outcomes", self.flush)

    def count(
        self, project_id: int, category: str, reason: str, now: datetime, quantity: int = 1
    ) -> None:
        """Count; written within a second (see `storage.flusher`), or at `flush`."""
        with self._lock:
            self._gathered[_key(project_id, category, reason, now)] += quantity
        self._flusher.start()

    def add(
        self,
        connection: Connection,
        project_id: int,
        category: str,
        reason: str,
        now: datetime,
        quantity: int = 1,
    ) -> None:
        """Count within the caller's transaction."""
        _write(connection, {_key(project_id, category, reason, now): quantity})

    def flush(self) -> None:
        """Write what has gathered; on failure it stays gathered."""
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
        wanted = select(outcomes).where(outcomes.c.hour >= _hour(moment))
        if project_id is not None:
            wanted = wanted.where(outcomes.c.project_id == project_id)
        with self._database.read() as connection:
            rows = connection.execute(
                wanted.order_by(outcomes.c.hour, outcomes.c.category, outcomes.c.reason)
            )
            return tuple(Outcome(**row) for row in rows.mappings())


def _key(project_id: int, category: str, reason: str, now: datetime) -> OutcomeKey:
    return OutcomeKey(project_id, category, reason, _hour(now))


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _write(connection: Connection, counts: Mapping[OutcomeKey, int]) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    insert = dialect.insert(outcomes)
    statement = insert.on_conflict_do_update(
        index_elements=["project_id", "hour", "category", "reason"],
        set_={"count": outcomes.c.count + insert.excluded.count},
    )
    # In one order always, so that two writers on PostgreSQL don't wait for one another in a ring.
    rows = [{**key._asdict(), "count": count} for key, count in sorted(counts.items())]
    connection.execute(statement, rows)
