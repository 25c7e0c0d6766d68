"""How many events a project, and the whole instance, may send: a bucket of a minute's worth each.

Where several web processes share a database, each of them takes from its own buckets what the others
have let in, as soon as it hears of it.
"""

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from headwater.server.event_refused import EventRefused
from headwater.server.rate_exchange import News, Own, RateExchange
from headwater.storage.flusher import Flusher
from headwater.storage.projects import Project

MAX_BUCKETS: Final = 10_000
"""Whose rate is kept; when there are more projects, theirs begin anew with full buckets. The instance's
goes on: whoever has many projects must not be able to empty it."""

AWAKE_SECONDS: Final = 60.0
"""How long after the last event with a rate others are told and heard: a bucket is full after that."""

_REFILL: Final = 6
"""Seconds that a client is asked to wait once a bucket is empty: a tenth of a minute's worth has come in
by then."""

_INSTANCE: Final = 0
"""In the place of a project's number."""


class _Bucket:
    """Holds at most a minute's worth, and fills as time passes."""

    def __init__(self, per_minute: int, now: float) -> None:
        self.per_minute = per_minute
        self.taken = 0
        self._level = float(per_minute)
        self._at = now

    def has_one(self, now: float) -> bool:
        self._level, self._at = self._level_at(now), now
        return self._level >= 1

    def take(self, events: int) -> None:
        self._level -= events
        self.taken += events

    @property
    def wait(self) -> int:
        """Seconds until there is some room again, a minute's worth of waiting and a bit at most."""
        missing = min(max(0.0, -self._level), float(self.per_minute))
        return _REFILL + math.ceil(missing * 60 / self.per_minute)

    def change(self, per_minute: int, now: float) -> None:
        """Another rate: what was taken lately is taken of it."""
        short = self.per_minute - self._level_at(now)
        self.per_minute, self._at = per_minute, now
        self._level = max(per_minute - short, -float(per_minute))

    def own(self, now: float) -> Own:
        """In any thread: should an event come meanwhile, `short` is that of another moment."""
        return Own(self.taken, self.per_minute - self._level_at(now), self.per_minute)

    def hear(self, news: News, now: float) -> None:
        self._level, self._at = self._level_at(now), now
        if news.short is None:
            left = self._level - news.taken
        else:
            # Of what was taken here and not told, the rest has come in again.
            untold = min(self.taken - news.told, self.per_minute - self._level)
            left = self.per_minute - news.short - untold
        # However much it was: whatever others took is over after a minute.
        self._level = min(self._level, max(left, -float(self.per_minute)))

    def _level_at(self, now: float) -> float:
        filled = self._level + (now - self._at) * self.per_minute / 60
        return min(float(self.per_minute), filled)


class RateLimits:
    """Of one process; used in its event loop only, but for `exchange`. 0: no limit."""

    def __init__(
        self,
        per_minute: int,
        others: RateExchange | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`per_minute`: events of the whole instance. `others`: None if this is the only process."""
        self._per_minute = per_minute
        self._buckets: dict[int, _Bucket] = {}
        self._others = others
        self._clock = clock
        self._asked_at = float("-inf")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._flusher = Flusher("rates", self.exchange)

    def start(self) -> None:
        """Exchange every second, if there may be others."""
        if self._others is not None:
            self._flusher.start()

    def close(self) -> None:
        """Tell a last time, and stop."""
        self._flusher.close()

    def take(self, project: Project, events: int = 1) -> None:
        """Count what is in one envelope. Raises EventRefused, and counts nothing, if there is no room
        for one more. Those beyond the room are taken from what comes in later: an envelope is taken
        whole or not at all.
        """
        of_project = project.choices.events_per_minute
        if not of_project and not self._per_minute:
            return
        now = self._asked_at = self._clock()
        bucket = self._bucket(project.id, of_project, now) if of_project else None
        if bucket is not None and not bucket.has_one(now):
            raise _refusal(
                "project",
                f"project {project.slug} may send {of_project} events a minute, as its settings say",
                bucket.wait,
            )
        whole = self._bucket(_INSTANCE, self._per_minute, now) if self._per_minute else None
        if whole is not None and not whole.has_one(now):
            raise _refusal(
                "instance",
                f"this server takes {self._per_minute} events a minute"
                " (its HEADWATER_EVENTS_PER_MINUTE)",
                whole.wait,
            )
        for each in (bucket, whole):
            if each is not None:
                each.take(events)

    def exchange(self) -> None:
        """Tell the other processes, and hear them; for a thread, every second or so. While events with a
        rate come, it is one statement; else nothing. What can't be told is told the next time, and
        what was heard until then decides.
        """
        now, buckets = self._clock(), list(self._buckets.items())
        if self._others is None or self._loop is None or now - self._asked_at > AWAKE_SECONDS:
            return
        own = {of: bucket.own(now) for of, bucket in buckets}
        with contextlib.suppress(SQLAlchemyError):
            news = self._others.round(own, now)
            if news:
                self._loop.call_soon_threadsafe(self._hear, news)

    def _hear(self, news: Mapping[int, News]) -> None:
        now = self._clock()
        for of, each in news.items():
            bucket = self._buckets.get(of)
            if bucket is not None:
                bucket.hear(each, now)

    def _bucket(self, of: int, per_minute: int, now: float) -> _Bucket:
        bucket = self._buckets.get(of)
        if bucket is None:
            if len(self._buckets) >= MAX_BUCKETS:
                self._buckets = (
                    {_INSTANCE: whole} if (whole := self._buckets.get(_INSTANCE)) else {}
                )
            if self._others is not None:
                self._loop = asyncio.get_running_loop()
            bucket = self._buckets[of] = _Bucket(per_minute, now)
        elif bucket.per_minute != per_minute:
            bucket.change(per_minute, now)
        return bucket


def _refusal(scope: str, sentence: str, wait: int) -> EventRefused:
    # Relay's names: what is limited, of whom, why.
    of_whom = "organization" if scope == "instance" else "project"
    headers = {
        "Retry-After": str(wait),
        "X-Sentry-Rate-Limits": f"{wait}:error:{of_whom}:{scope}_rate",
    }
    return EventRefused(429, f"rate_limited:{scope}", sentence, headers)
