"""Some events from all of an issue's time, to choose those from that tell the most between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

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
    """Three statements, however many events there are, each answered from an index."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._payloads = Payloads(database, learns=False)

    def of_issue(self, issue_id: int) -> Sequence[Candidate]:
        """The newest first."""
        of_issue = events.c.issue_id == issue_id
        ends = select(func.min(events.c.id), func.max(events.c.id)).where(of_issue)
        with self._database.read() as connection:
            first, last = connection.execute(ends).one()
            if first is None:
                return ()
            stops = {
                first + (last - first) * n // MAX_CANDIDATES for n in range(MAX_CANDIDATES + 1)
            }
            nearest = select(func.min(events.c.id)).where(of_issue)
            found = select(
                *(nearest.where(events.c.id >= stop).scalar_subquery() for stop in sorted(stops))
            )
            ids = {each for each in connection.execute(found).one() if each is not None}
            columns = (
                events.c[name] for name in ("event_id", "timestamp", "received_at", "payload")
            )
            wanted = select(*columns).where(
                events.c.id.in_(sorted(ids)), func.length(events.c.payload) <= MAX_PACKED
            )
            rows = connection.execute(wanted.order_by(events.c.id.desc())).all()
        return [
            Candidate(event_id, timestamp, received_at, self._payloads.unpack(packed))
            for event_id, timestamp, received_at, packed in rows
        ]
