"""Some events from all of an issue's time, to choose those from that tell the most between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Integer, Select, column, func, select, true, values

from headwater.storage.database import Database
from headwater.storage.events.payloads import Payloads
from headwater.storage.schema import events

MAX_CANDIDATES: Final = 16
"""Events that are looked at, at even distances in the order of storing: where there are more, the
older ones have been thinned out already, so that those that are left differ most."""

MAX_PACKED: Final = 16 * 1024
"""Bytes of a stored event that is read for it; few have more, and a page waits for it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """`payload`: its JSON."""

    event_id: str
    timestamp: datetime
    received_at: datetime
    payload: bytes


class Spread:
    """One statement, however many events there are, answered from an index."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._payloads = Payloads(database, learns=False)

    def of_issue(self, issue_id: int) -> Sequence[Candidate]:
        """The newest first."""
        columns = (events.c[name] for name in ("event_id", "timestamp", "received_at", "payload"))
        wanted = select(*columns).where(
            events.c.id.in_(_nearest(issue_id)), func.length(events.c.payload) <= MAX_PACKED
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(events.c.id.desc())).all()
        return [
            Candidate(event_id, timestamp, received_at, self._payloads.unpack(packed))
            for event_id, timestamp, received_at, packed in rows
        ]


def _nearest(issue_id: int) -> Select[tuple[int]]:
    """The ids of events at even distances, or the next ones after these."""
    of_issue = events.c.issue_id == issue_id
    first, last = (select(end(events.c.id)).where(of_issue) for end in (func.min, func.max))
    ends = select(first.scalar_subquery().label("first"), last.scalar_subquery().label("last"))
    between = ends.cte("ends").c
    stops = values(column("n", Integer), name="stops").data(
        [(n,) for n in range(MAX_CANDIDATES + 1)]
    )
    stop = stops.cte("stops").c.n
    place = between.first + (between.last - between.first) * stop // MAX_CANDIDATES
    next_one = select(func.min(events.c.id)).where(of_issue, events.c.id >= place)
    return select(next_one.scalar_subquery()).select_from(
        between.first.table.join(stop.table, true())
    )
