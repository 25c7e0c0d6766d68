"""Until when an issue can be muted: the choices of a form."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from headwater.storage.issues.decisions import FOR_GOOD, Mute

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


def mute_of(word: str, now: datetime) -> Mute:
    """What ends it; an unknown word is for good."""
    if word in _TIMES:
        return Mute(until=now + _TIMES[word][1])
    if word in _EVENTS:
        return Mute(events=_EVENTS[word][1])
    if word in _USERS:
        return Mute(users=_USERS[word][1])
    return FOR_GOOD
