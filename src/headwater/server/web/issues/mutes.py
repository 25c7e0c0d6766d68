"""Until when an issue can be muted: the choices of a form."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from headwater.storage.issues.issues import FOR_GOOD, Issue, Mute
from headwater.storage.issues.tag_counts import MAX_VALUES

_TIMES: Final[Mapping[str, tuple[str, timedelta]]] = {
    "hour": ("for an hour", timedelta(hours=1)),
    "day": ("for a day", timedelta(days=1)),
    "week": ("for a week", timedelta(weeks=1)),
}
_EVENTS: Final[Mapping[str, tuple[str, int]]] = {
    "10-events": ("until 10 more events", 10),
    "100-events": ("until 100 more events", 100),
    "1000-events": ("until 1,000 more events", 1_000),
}
_USERS: Final[Mapping[str, tuple[str, int]]] = {
    "1-users": ("until another user meets it", 1),
    "10-users": ("until 10 more users meet it", 10),
    "100-users": ("until 100 more users meet it", 100),
}
CHOICES: Final[Mapping[str, str]] = {
    "": "for good",
    **{word: name for word, (name, _) in _TIMES.items()},
    **{word: name for word, (name, _) in _EVENTS.items()},
    **{word: name for word, (name, _) in _USERS.items()},
}
"""Word in forms, and words for people, after `Mute`."""


def depends_on_users(word: str) -> bool:
    """Whether `mute_of` needs to know how many there are."""
    return word in _USERS


def mute_of(word: str, issue: Issue, users: int, now: datetime) -> Mute:
    """What ends it, of an issue that so many users have met; an unknown word is for good."""
    if word in _TIMES:
        return Mute(until=now + _TIMES[word][1])
    if word in _EVENTS:
        return Mute(events=issue.event_count + _EVENTS[word][1])
    if word in _USERS:
        more = _USERS[word][1]
        # Beyond that users are not told apart; no event brings more than one.
        is_told = users + more <= MAX_VALUES
        return Mute(users=users + more) if is_told else Mute(events=issue.event_count + more)
    return FOR_GOOD
