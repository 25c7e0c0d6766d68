"""Which of an issue's events tell the least, so that those that stay tell its whole story.

An event tells less the older it is and the more others are beside it. Each has a number of its own
between 0 and 1, made from its id and spread evenly over any run of ids; what goes first is what has
the largest product of number and age, age being counted in events stored since. So the newest stay
dense and the older are thinned out more and more, at about exponentially growing distances, however
often and in whatever portions it is done: an event that had to go yesterday would have to go today.
Nothing has to be stored for it.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Select, func, select

from headwater.storage.batches import batches
from headwater.storage.schema import events, issues

MAX_REDUNDANT: Final = 10_000
"""Events of one issue that are chosen at once. All of the issue's are compared for it, within an
index: a fifth of a second for a million, which holds nobody up."""

MAX_WITNESSES: Final = 10
"""Events of one issue that stay because they are from another release or environment, those of the
newest kinds. Some clients make up a release for every event."""

_PARTS: Final = 2**24

_STRIDE: Final = 10_368_889
"""_PARTS divided by the golden ratio: its multiples are as evenly spread as can be, at any time."""


def redundant(connection: Connection, issue_id: int, kept: int) -> Sequence[int]:
    """Ids of events that can go so that `kept` of the issue's are left, what tells least first.

    MAX_REDUNDANT at most. The first stored and the latest event stay always (`kept` is 2 at least),
    and of each release and environment of those that would go the first, up to MAX_WITNESSES.
    """
    of_issue = events.c.issue_id == issue_id
    ids = select(events.c.id).where(of_issue)
    stored = connection.execute(select(func.count()).where(of_issue)).scalar_one()
    count = min(stored - max(kept, 2), MAX_REDUNDANT)
    if count <= 0:
        return ()
    first = connection.execute(ids.order_by(events.c.id).limit(1)).scalar_one()
    last = connection.execute(ids.order_by(events.c.id.desc()).limit(1)).scalar_one()
    latest = connection.execute(_latest(issue_id)).scalar()
    number = (events.c.id * _STRIDE) % _PARTS + 1
    telling_least = (
        ids.where(events.c.id.not_in([first, last if latest is None else latest]))
        .order_by((number * (last - events.c.id)).desc(), events.c.id)
        .limit(count + MAX_WITNESSES)
    )
    candidates = connection.execute(telling_least).scalars().all()
    witnesses = _witnesses(connection, candidates)
    others = [event for event in candidates if event not in witnesses]
    return [*others, *sorted(witnesses)][:count]


def _latest(issue_id: int) -> Select[tuple[int]]:
    """The id of the event that the issue calls its latest."""
    return (
        select(events.c.id)
        .join(
            issues,
            (issues.c.project_id == events.c.project_id)
            & (issues.c.latest_event_id == events.c.event_id),
        )
        .where(issues.c.id == issue_id)
    )


def _witnesses(connection: Connection, candidates: Sequence[int]) -> set[int]:
    """The first one from each release and environment, of the newest MAX_WITNESSES of these."""
    firsts: dict[tuple[str | None, str | None], int] = {}
    for some in batches(sorted(candidates)):
        kinds = select(events.c.id, events.c.release, events.c.environment)
        for row in connection.execute(kinds.where(events.c.id.in_(some)).order_by(events.c.id)):
            firsts.setdefault((row.release, row.environment), row.id)
    return set(sorted(firsts.values())[-MAX_WITNESSES:])
