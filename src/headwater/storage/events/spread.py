"""Some events from all of an issue's time, to choose those from that tell the most between them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Integer, Select, bindparam, column, func, select, text, true

from headwater.storage.database import Database
from headwater.storage.events.payloads import Payloads
from headwater.storage.schema import events

MAX_CANDIDATES: Final = 16
"""Events that are looked at, at even distances in the order of storing: where there are more, the
older ones have been thinned out already, so that those that are left differ most."""

MAX_PACKED: Final = 16 * 1024
"""Bytes of a stored event that is read for it; few have more, and a page waits for it."""


class Candidate(Struct, frozen=True):
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
        with self._database.read() as connection:
            rows = connection.execute(_CANDIDATES, {_ISSUE.key: issue_id}).all()
        return [
            Candidate(event_id, timestamp, received_at, self._payloads.unpack(packed))
            for event_id, timestamp, received_at, packed in rows
        ]


_ISSUE: Final = bindparam("issue", type_=events.c.issue_id.type)

# As a text: SQLAlchemy would put together any other list of rows, and all that it is in, anew each time.
_STOPS: Final = text(" UNION ALL ".join(f"SELECT {n} AS n" for n in range(MAX_CANDIDATES + 1)))


def _nearest() -> Select[tuple[int]]:
    """The ids of events at even distances, or the next ones after these."""
    of_issue = events.c.issue_id == _ISSUE
    first, last = (select(end(events.c.id)).where(of_issue) for end in (func.min, func.max))
    ends = select(first.scalar_subquery().label("first"), last.scalar_subquery().label("last"))
    between = ends.cte("ends").c
    stop = _STOPS.columns(column("n", Integer)).cte("stops").c.n
    place = between.first + (between.last - between.first) * stop // MAX_CANDIDATES
    next_one = select(func.min(events.c.id)).where(of_issue, events.c.id >= place)
    return select(next_one.scalar_subquery()).select_from(
        between.first.table.join(stop.table, true())
    )


def _candidates() -> Select[Any]:
    columns = events.c.event_id, events.c.timestamp, events.c.received_at, events.c.payload
    is_small = func.length(events.c.payload) <= MAX_PACKED
    wanted = select(*columns).where(events.c.id.in_(_nearest()), is_small)
    return wanted.order_by(events.c.id.desc())


_CANDIDATES: Final = _candidates()
