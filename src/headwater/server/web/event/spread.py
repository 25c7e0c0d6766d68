"""A few of an issue's events that differ most from the one that is shown, and from one another."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from headwater.protocol.event import Event
from headwater.protocol.event_json import parse_event
from headwater.storage.events.spread import Candidate

SHOWN: Final = 5
"""Events that are offered."""


class Differing(Struct, frozen=True):
    """`new`: what none of those before it has."""

    event_id: str
    timestamp: datetime
    new: tuple[str, ...]


def spread(shown: Event, candidates: Sequence[Candidate]) -> Sequence[Differing]:
    """By release, browser, system, user and address: first the one that has the most of them new."""
    known = set(_told(shown))
    left = {
        each: _told(parse_event(each.payload, each.received_at, event_id=each.event_id))
        for each in candidates
        if each.event_id != shown.event_id
    }
    found: list[Differing] = []
    while left and len(found) < SHOWN:
        best = max(left, key=lambda each: len(set(left[each]) - known))
        new = tuple(value for value in left.pop(best) if value not in known)
        if not new:
            break
        known.update(new)
        found.append(Differing(best.event_id, best.timestamp, new))
    return found


def _told(event: Event) -> Sequence[str]:
    told: Iterable[str | None] = (
        event.release,
        event.client.browser,
        event.client.os,
        event.user,
        event.client.url,
    )
    return [each for each in told if each]
