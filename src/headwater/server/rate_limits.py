"""How many events a project, and the whole instance, may send: a bucket of a minute's worth each."""

import time
from typing import Final

from headwater.server.event_refused import EventRefused
from headwater.storage.projects import Project

MAX_BUCKETS: Final = 10_000
"""Projects whose rate is kept; when there are more, all begin anew with full buckets."""

_REFILL: Final = 6
"""Seconds that a client is asked to wait: a tenth of a minute's worth has come in by then."""


class _Bucket:
    """Holds at most a minute's worth, and fills as time passes."""

    def __init__(self, per_minute: int, now: float) -> None:
        self.per_minute = per_minute
        self._level = float(per_minute)
        self._at = now

    def has_one(self, now: float) -> bool:
        self._level = min(
            float(self.per_minute), self._level + (now - self._at) * self.per_minute / 60
        )
        self._at = now
        return self._level >= 1

    def take(self, events: int) -> None:
        self._level -= events


class RateLimits:
    """Of one process; used in its event loop only. 0: no limit."""

    def __init__(self, per_minute: int) -> None:
        """`per_minute`: events of the whole instance, through this process."""
        self._instance = _Bucket(per_minute, time.monotonic()) if per_minute else None
        self._projects: dict[int, _Bucket] = {}

    def take(self, project: Project, events: int = 1) -> None:
        """Count what is in one envelope. Raises EventRefused, and counts nothing, if there is no room
        for one more. Those beyond the room are taken from what comes in later: an envelope is taken
        whole or not at all.
        """
        now = time.monotonic()
        of_project = self._bucket_of(project, now)
        if of_project is not None and not of_project.has_one(now):
            raise _refusal(
                "project",
                f"project {project.slug} may send {of_project.per_minute} events a minute, as its"
                " settings say",
            )
        if self._instance is not None and not self._instance.has_one(now):
            raise _refusal(
                "instance",
                f"this server takes {self._instance.per_minute} events a minute"
                " (its HEADWATER_EVENTS_PER_MINUTE)",
            )
        for bucket in (of_project, self._instance):
            if bucket is not None:
                bucket.take(events)

    def _bucket_of(self, project: Project, now: float) -> _Bucket | None:
        per_minute = project.choices.events_per_minute
        if not per_minute:
            return None
        bucket = self._projects.get(project.id)
        if bucket is None or bucket.per_minute != per_minute:
            if len(self._projects) >= MAX_BUCKETS:
                self._projects.clear()
            bucket = self._projects[project.id] = _Bucket(per_minute, now)
        return bucket


def _refusal(scope: str, sentence: str) -> EventRefused:
    # Relay's names: what is limited, of whom, why.
    of_whom = "organization" if scope == "instance" else "project"
    headers = {
        "Retry-After": str(_REFILL),
        "X-Sentry-Rate-Limits": f"{_REFILL}:error:{of_whom}:{scope}_rate",
    }
    return EventRefused(429, f"rate_limited:{scope}", sentence, headers)
