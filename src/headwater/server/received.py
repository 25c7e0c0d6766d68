"""What was received and what became of it, in the last day and the last month: one account for pages and API."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from headwater.server.outcome_reasons import ACCEPTED, DUPLICATE, Explanation, explanation
from headwater.storage.queue.outcomes import (
    CLIENT,
    ERROR,
    NOT_KEPT,
    Came,
    Outcomes,
    is_event,
)

HOURS: Final = 24
"""Hours of the last day: the one that goes on, and those before it."""

DAYS: Final = 30
"""Days of the last month, in UTC: today, and those before it."""

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


class Span(Struct, frozen=True):
    """Events that came within one hour or one day, by what became of them."""

    begins: datetime
    ends: datetime
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    """Discarded, over a rate, or dead."""

    @property
    def total(self) -> int:
        """All that were sent."""
        return self.accepted + self.duplicates + self.refused


class Row(Struct, frozen=True):
    """What came to the same end for the same reason."""

    category: str
    reason: str
    last_day: int
    last_month: int

    @property
    def explained(self) -> Explanation:
        """In words."""
        return explanation(self.reason)


class Group(Struct, frozen=True):
    """Rows that add up to something. `key` names it in the API."""

    key: str
    rows: tuple[Row, ...]

    @property
    def last_day(self) -> int:
        """The rows' sum."""
        return sum(row.last_day for row in self.rows)

    @property
    def last_month(self) -> int:
        """The rows' sum."""
        return sum(row.last_month for row in self.rows)


class Received(Struct, frozen=True):
    """The account. Events' rows add up to what `hours` and `days` add up to."""

    hours: tuple[Span, ...]
    days: tuple[Span, ...]
    events: Group
    dropped_by_clients: Group
    not_kept: Group
    others: Group

    @property
    def groups(self) -> tuple[Group, ...]:
        """All of them."""
        return self.events, self.dropped_by_clients, self.not_kept, self.others


def received(outcomes: Outcomes, project_id: int | None, now: datetime) -> Received:
    """Of one project, or (None) of all together and what belongs to none."""
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    day_began = this_hour - (HOURS - 1) * _HOUR
    month_began = now.replace(hour=0, minute=0, second=0, microsecond=0) - (DAYS - 1) * _DAY
    by_hour = outcomes.by_hour(day_began, project_id)
    by_day = outcomes.by_hour(month_began, project_id, by_day=True)
    rows = _rows(by_hour, by_day)
    others = [row for row in rows if not is_event(row.category, row.reason)]
    from_client = [row for row in others if row.reason.startswith(CLIENT)]
    not_kept = [row for row in others if row.reason.startswith(NOT_KEPT)]
    rest = [row for row in others if row not in from_client and row not in not_kept]
    return Received(
        hours=_spans(by_hour, day_began, _HOUR, HOURS),
        days=_spans(by_day, month_began, _DAY, DAYS),
        events=Group("events", _events_of(rows)),
        dropped_by_clients=Group("dropped_by_clients", tuple(from_client)),
        not_kept=Group("not_kept", tuple(not_kept)),
        others=Group("others", tuple(rest)),
    )


def _spans(
    came: Iterable[Came], began: datetime, length: timedelta, number: int
) -> tuple[Span, ...]:
    counts: Counter[tuple[int, str]] = Counter()
    for each in came:
        if not is_event(each.category, each.reason):
            continue
        place = (each.hour - began) // length
        # What a clock in the future counted belongs to the last one, as it does in the sums.
        counts[min(place, number - 1), _end_of(each.reason)] += each.count
    return tuple(
        Span(
            began + place * length,
            began + (place + 1) * length,
            accepted=counts[place, ACCEPTED],
            duplicates=counts[place, DUPLICATE],
            refused=counts[place, ""],
        )
        for place in range(number)
    )


def _end_of(reason: str) -> str:
    return reason if reason in (ACCEPTED, DUPLICATE) else ""


def _rows(by_hour: Iterable[Came], by_day: Iterable[Came]) -> list[Row]:
    """Of everything, what there is most of first."""
    month: Counter[tuple[str, str]] = Counter()
    day: Counter[tuple[str, str]] = Counter()
    for each in by_day:
        month[each.category, each.reason] += each.count
    for each in by_hour:
        day[each.category, each.reason] += each.count
    rows = (Row(*end, day[end], count) for end, count in month.items())
    return sorted(rows, key=lambda row: (-row.last_month, row.reason, row.category))


def _events_of(rows: Iterable[Row]) -> tuple[Row, ...]:
    """What became of events; what is hoped for is told even if there is none."""
    found = {row.reason: row for row in rows if is_event(row.category, row.reason)}
    hoped = found.pop(ACCEPTED, Row(ERROR, ACCEPTED, 0, 0))
    again = [found.pop(DUPLICATE)] if DUPLICATE in found else []
    return (hoped, *again, *found.values())
