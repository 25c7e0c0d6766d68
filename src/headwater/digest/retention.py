"""Old and redundant events go, in small steps, while events come in. See docs/retention.md."""

import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import datetime
from typing import Final, Protocol

import structlog
from msgspec import Struct
from sqlalchemy.exc import DatabaseError

from headwater.digest.ageing import Ageing
from headwater.digest.emptying import Emptying
from headwater.digest.thinning import Thinning
from headwater.storage.database import Database
from headwater.storage.events.retention import Retained
from headwater.storage.pages import Pages
from headwater.storage.projects import Project, Projects
from headwater.storage.steady_clock import steady_clock

EVERY_SECONDS: Final = 60
"""Between two looks for what can go: how long a limit may be exceeded."""

RESTS: Final = 2
"""It rests so many times as long as it worked, after each step: others have the most of the time."""

EMPTYING_STEPS: Final = 500
"""Of what people deleted, in one look: some ten seconds. After these everything else has its turn, and the
next look begins at once."""

HEADROOM: Final = 100
"""What is over its limit is brought one part in so many below it, so that it is some time before
the issue's events have to be compared again."""

FREE_PART: Final = 20
"""One part in so many of SQLite's file may be free: for the next events, which need no more disk."""

FREE_BYTES: Final = 16 * 1024**2
"""And so much at least: not worth the moving."""

RESERVES: Final = 2
"""Where less than so many times the reserve is free on the disk, room is made: sooner than events
are refused, which is at one."""

SACRIFICED_PART: Final = 2
"""Not more than one part in so many of the database is given up for a disk that is nearly full: what
is missing beyond that somebody else has taken, and would take again."""


class EventBounds(Struct, frozen=True):
    """What is kept of events; 0: whatever there is."""

    days: int
    """Unless a project has chosen."""
    events: int
    """Of each project, unless it has chosen."""
    database: int
    """Bytes."""


class Disk(Protocol):
    """The disk that the database is on: `storage.disk.FreeSpace`."""

    def missing(self, reserves: int = 1) -> int:
        """Bytes that would have to become free for so many reserves to be so."""
        ...


class Retention:
    """Everything that is removed from the database by and by. Any number of processes may do it."""

    def __init__(self, database: Database, bounds: EventBounds, disk: Disk) -> None:
        self._bounds = bounds
        self._disk = disk
        self._projects = Projects(database)
        self._retained = Retained(database)
        self._thinning = Thinning(self._retained)
        self._ageing = Ageing(database, self._retained)
        self._emptying = Emptying(database)
        self._pages = Pages(database) if database.is_sqlite else None
        self._is_behind = False

    def run(self, stop: threading.Event) -> None:
        """Until told to stop, which it does after the step at hand."""
        now = steady_clock()
        while not stop.is_set():
            began = time.monotonic()
            try:
                for _ in self.steps(now()):
                    if stop.wait(RESTS * (time.monotonic() - began)):
                        return
                    began = time.monotonic()
            except (DatabaseError, OSError) as error:
                structlog.get_logger().warning(
                    "old events were left for the next time", error=str(error)
                )
            stop.wait(0 if self._is_behind else EVERY_SECONDS)

    def steps(self, now: datetime) -> Generator[None]:
        """Remove all that can go, but of what people deleted not more than EMPTYING_STEPS: each step is one
        short transaction."""
        self._is_behind = False
        self._empty_log()
        projects = self._projects.all()
        yield from self._some_of(self._deleted(now))
        yield from _told("too old", self._ageing.events(projects, self._bounds.days, now))
        yield from _told("too many dead letters", self._ageing.dead_letters())
        for project in projects:
            yield from _told("too many of a project", self._too_many(project))
        yield from _told("the database is too large", self._too_large())
        yield from _told("the disk is nearly full", self._short_disk())
        yield from self._ageing.rest(projects, self._bounds.days, now)
        yield from self._give_back(FREE_BYTES)

    def _some_of(self, steps: Generator[None]) -> Iterator[None]:
        with closing(steps):
            for number, _ in enumerate(steps, 1):
                yield
                if number >= EMPTYING_STEPS:
                    self._is_behind = True
                    return

    def _deleted(self, now: datetime) -> Generator[None]:
        yield from self._emptying.begin()
        yield from _told("of deleted issues", self._ageing.deleted())
        yield from self._emptying.finish(now)

    def _empty_log(self) -> None:
        """On a short disk: what is in the log already is no longer in the way of what must be written."""
        if self._pages is not None and self._missing():
            self._pages.checkpoint(truncate=True)

    def _too_many(self, project: Project) -> Iterator[int]:
        chosen = project.choices.max_events
        limit = self._bounds.events if chosen is None else chosen
        if limit and self._retained.stored(project.id) > limit:
            yield from self._shrink(
                project.id,
                lambda: self._retained.stored(project.id) - limit + limit // HEADROOM,
                lambda: self._retained.stored(project.id) - limit,
            )

    def _too_large(self) -> Iterator[int]:
        limit = self._bounds.database
        if limit and self._used() > limit:
            yield from self._shrink(
                None,
                lambda: self._events_in(self._used() - limit + limit // HEADROOM),
                lambda: self._events_in(self._used() - limit),
            )

    def _shrink(
        self, project_id: int | None, wanted: Callable[[], int], needed: Callable[[], int]
    ) -> Iterator[int]:
        yield from self._thinning.thin(project_id, wanted)
        yield from self._thinning.clear(project_id, needed)

    def _short_disk(self) -> Iterator[int]:
        if self._pages is None or not self._missing():
            return
        for _ in self._give_back(0):
            yield 0
        missing, used = self._missing(), self._used()
        if 0 < missing <= used // SACRIFICED_PART:
            target = used - missing
            yield from self._thinning.thin(None, lambda: self._events_in(self._used() - target))
            for _ in self._give_back(0):
                yield 0

    def _give_back(self, tolerated: int) -> Iterator[None]:
        """Make SQLite's file smaller until not more than that, or FREE_PART, is free in it."""
        if self._pages is None:
            return
        space = self._pages.space()
        if tolerated:
            tolerated = max(tolerated, space.used // FREE_PART)
        while space.can_shrink and space.free > tolerated:
            self._pages.give_back()
            yield
            space = self._pages.space()
        self._pages.checkpoint(truncate=not tolerated)

    def _missing(self) -> int:
        return self._disk.missing(RESERVES)

    def _used(self) -> int:
        return self._pages.space().used if self._pages else self._retained.event_bytes()

    def _events_in(self, size: int) -> int:
        """About so many events take `size` bytes of the database; 0 if that is nothing or less."""
        return -(-self._retained.stored() * max(0, size) // max(1, self._used()))


def _told(why: str, removed: Iterator[int]) -> Iterator[None]:
    total = 0
    try:
        for some in removed:
            total += some
            yield
    finally:
        if total:
            structlog.get_logger().info("events were removed for good", why=why, count=total)
