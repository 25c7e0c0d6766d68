"""Stored events are resolved again when what they wanted has come: see docs/healing.md.

Beside the worker, in the digest process. Whatever is to be done stands in the database, so that it can
be stopped or killed at any moment.
"""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import DatabaseError

from headwater.digest.choices import ProjectGone
from headwater.digest.pipeline import Pipeline
from headwater.digest.regroup import Regroup
from headwater.digest.resolver import ResolverUnavailable
from headwater.digest.revise import Revise, Revised
from headwater.digest.taking_apart import TakingApart
from headwater.storage.database import Database
from headwater.storage.events.healings import Healing, Healings, Kind, Step
from headwater.storage.events.resolver_versions import ResolverVersions
from headwater.storage.events.revisions import Draft, Revisions
from headwater.storage.issues.hashes import HashTaken
from headwater.storage.issues.merges import Merges
from headwater.storage.projects import Projects
from headwater.storage.uploads.wants import Wants
from headwater.symbolicate.resolution import RESOLUTION_VERSION

PORTION: Final = 100
"""Events that are resolved again and stored in one transaction: some 20 ms, for which the digest may
have to wait."""

RESTS: Final = 0.5
"""It rests so many times as long as it worked, after each portion, for the digest's sake."""

IDLE_SECONDS: Final = 0.5
"""Between two looks for what has come."""

TEND_SECONDS: Final = 30
"""Between two looks for what time may have mended, and for what can be forgotten."""

RETRY: Final = timedelta(minutes=2)
"""After that long it is tried again whether storage is back, or an upload still to be expected."""

MAX_ASKED: Final = 500
"""Resolutions whose events are put down to be resolved again in one transaction."""

BACK_OFF_SECONDS: Final = 5
"""After the database refused, or another process was at the same."""


class Healer:
    """Any number of processes may do it on PostgreSQL; on SQLite there is one."""

    def __init__(
        self,
        database: Database,
        pipeline: Pipeline,
        retry: timedelta = RETRY,
        portion: int = PORTION,
    ) -> None:
        """`pipeline` is its own, since it is asked by another thread than the worker's."""
        revisions = Revisions(database)
        revise = Revise(pipeline, revisions)
        self._database = database
        self._retry = retry
        self._size = portion
        self._revisions = revisions
        self._revise = revise
        self._regroup = Regroup(database, revise, revisions)
        self._healings = Healings(database)
        self._merges = Merges(database)
        self._apart = TakingApart(database, revisions, self._regroup)
        self._wants = Wants(database)
        self._projects = Projects(database)
        self._versions = ResolverVersions(database)
        self._tend_at: float | None = None
        self._log = structlog.get_logger()

    def run(self, stop: threading.Event) -> None:
        """Until told to stop, which it does after the portion at hand."""
        while not stop.is_set():
            began = time.thread_time()
            try:
                self.look(datetime.now(UTC))
                # First: an event that is on its way to another issue is not resolved again meanwhile.
                done = self.follow() or self.heal_once(datetime.now(UTC))
                rest = RESTS * (time.thread_time() - began) if done else IDLE_SECONDS
            except HashTaken:  # somebody made the same issue at the same moment, on PostgreSQL
                rest = IDLE_SECONDS
            except (DatabaseError, OSError, ResolverUnavailable) as error:
                self._log.warning("events were left to be resolved again", error=str(error))
                rest = BACK_OFF_SECONDS
            except Exception:  # noqa: BLE001 # else nothing would be resolved again until a restart
                self._log.exception("events were left to be resolved again")
                rest = BACK_OFF_SECONDS
            stop.wait(rest)

    def follow(self) -> int:
        """A portion of events that go where persons' merges, and what they took apart, send them; 0 if
        none are on their way. Raises DatabaseError."""
        return self._merges.follow() or self._apart.once(datetime.now(UTC))

    def look(self, now: datetime) -> None:
        """See what has come, or is over, and who waits for it. Raises DatabaseError."""
        if self._tend_at is None:
            self._start(now)
        for arrived in self._wants.arrived():
            self._ask(sorted(self._wants.fulfilled_by(arrived[0])), now)
            with self._database.write() as connection:
                self._wants.looked_at(connection, arrived)
        if time.monotonic() >= (self._tend_at or 0):
            self.tend(now)

    def heal_once(self, now: datetime) -> int:
        """One portion: how many events were looked at, or 1 if something else was done; 0: nothing is left.

        Raises HashTaken, ResolverUnavailable, DatabaseError: all of it is left to be done.
        """
        claimed = self._healings.claim(self._size, now)
        if not claimed:
            return 0
        try:
            self._revise.refresh()
            steps, drafts = self._portion(claimed)
            revised = [one for one in map(self._revised, drafts) if one is not None]
            changed = self._regroup.save(steps, revised, now)
        except BaseException:
            self._healings.give_back(claimed)
            raise
        self._healings.give_back(claimed[len(steps) :])
        if changed:
            self._tend_at = min(self._tend_at or 0, time.monotonic() + IDLE_SECONDS)
        return max(1, sum(step.seen for step in steps))

    def _portion(self, claimed: Sequence[Healing]) -> tuple[list[Step], list[Draft]]:
        steps: list[Step] = []
        drafts: dict[int, Draft] = {}
        for healing in claimed:
            if len(drafts) >= self._size:
                break
            some, step = self._revisions.next(healing, self._size - len(drafts))
            steps.append(step)
            drafts.update((draft.id, draft) for draft in some)
        # The newest decide what an issue keeps that turns out to be several.
        return steps, sorted(drafts.values(), key=lambda draft: -draft.id)

    def _revised(self, draft: Draft) -> Revised | None:
        try:
            return self._revise.revised(draft)
        except ProjectGone:
            return None
        except (ResolverUnavailable, DatabaseError):
            raise
        except Exception:  # noqa: BLE001 # one event that can't be read stops none of the others
            self._log.exception(
                "an event was not resolved again", project=draft.project_id, event_id=draft.event_id
            )
            return None

    def _start(self, now: datetime) -> None:
        self._tend_at = time.monotonic()
        self._wants.start_over()
        for project_id in self._versions.behind(RESOLUTION_VERSION):
            self._healings.ask(project_id, Kind.PROJECT, "", now)
            self._versions.note(project_id, RESOLUTION_VERSION)

    def tend(self, now: datetime) -> None:
        """Try what time may have mended, and forget what can be forgotten. Raises DatabaseError."""
        self._tend_at = time.monotonic() + TEND_SECONDS
        self._ask(self._wants.try_again(now, self._retry), now, Kind.TRIAL)
        self._healings.tidy(now)
        self._versions.note_new(RESOLUTION_VERSION)
        for project in self._projects.all():
            while self._wants.forget_oldest(project.id):
                pass

    def _ask(
        self, wanted: Sequence[tuple[int, bytes]], now: datetime, kind: Kind = Kind.RESOLUTION
    ) -> None:
        for start in range(0, len(wanted), MAX_ASKED):
            some = wanted[start : start + MAX_ASKED]
            with self._database.write() as connection:
                self._healings.ask_resolutions(connection, some, now, kind)
