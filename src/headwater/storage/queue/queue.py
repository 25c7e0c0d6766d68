"""Envelopes between the door and the digest: durable once acknowledged, claimed, then done with.

Two back ends: the journal (`storage.queue.journal`) beside SQLite, a table (`storage.queue.table`) on
PostgreSQL. Who puts and who claims knows nothing of what is behind.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Final, Protocol

from msgspec import Struct
from sqlalchemy import Connection

MAX_BATCH_BYTES: Final = 16 * 1024**2
"""Bytes claimed at once (a single larger envelope is its own batch)."""

MAX_QUEUE: Final = 2 * 1024**3
"""Bytes that may wait, unless the settings say otherwise: hours of a busy instance's events."""

MAX_CLAIM: Final = 200
"""Envelopes claimed at once; also how many a worker that died may have been at."""


class QueueFull(Exception):
    """No room for the envelope; the client should come back later."""


class QueueUnavailable(Exception):
    """What is behind the queue did not take the envelope: busy, full, or gone. Nothing was kept; unless
    a database of its own died in the commit, of which nobody is told."""


class QueuedEnvelope(Struct, frozen=True):
    """An envelope as it came. `attempts` counts this claim, too."""

    id: int
    project_id: int
    received_at: datetime
    envelope: bytes
    attempts: int
    event_id: str = ""
    """What the client was told; the event's own id, if it has one."""
    encoding: str = ""
    """The Content-Encoding of `envelope`."""


Done = Callable[[QueueUnavailable | None], None]
"""Told that an envelope has survived, or that it has not. In any thread; must be quick."""


class Intake(Protocol):
    """Where envelopes are put. Any number of processes may."""

    def offer(
        self,
        project_id: int,
        envelope: bytes,
        received_at: datetime,
        event_id: str,
        encoding: str,
        done: Done,
    ) -> None:
        """Take it, and say later what became of it. Raises QueueFull; whatever it raises, it was not taken."""
        ...

    def close(self) -> None:
        """Take no more: what waits is written, or refused."""
        ...


class Outlet(Protocol):
    """Where workers get envelopes from, oldest first."""

    def claim(self, limit: int, now: datetime) -> Sequence[QueuedEnvelope]:
        """Up to `limit` envelopes, held until they are finished or given back.

        One that was claimed before, by a worker that died, comes alone: if it was the cause, the
        next death has but one suspect.
        """
        ...

    def finish(self, connection: Connection, envelopes: Sequence[QueuedEnvelope]) -> set[int]:
        """Take the first so many of those claimed off the queue, within the transaction that saves
        them. The ids of those that somebody else has taken off meanwhile."""
        ...

    def give_back(self, envelopes: Sequence[QueuedEnvelope], *, were_tried: bool) -> None:
        """End a claim; they come again. Those that were not even tried have their attempt back."""
        ...

    def start_over(self) -> None:
        """Undo every claim. For the start of the only worker: whoever held one is dead."""
        ...

    def close(self) -> None:
        """A worker ends that holds no claim."""
        ...


def submit(
    queue: Intake,
    project_id: int,
    envelope: bytes,
    received_at: datetime,
    event_id: str = "",
    encoding: str = "",
) -> Future[None]:
    """Offer it, for who waits: done when it has survived. Raises QueueFull; it, QueueUnavailable."""
    survived: Future[None] = Future()

    def done(error: QueueUnavailable | None) -> None:
        # Who waits may have given up; what became of the envelope is true all the same.
        if not survived.set_running_or_notify_cancel():
            return
        if error is None:
            survived.set_result(None)
        else:
            survived.set_exception(error)

    queue.offer(project_id, envelope, received_at, event_id, encoding, done)
    return survived
