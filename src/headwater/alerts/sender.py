"""What becomes of messages that wait: one channel's, one after the other.

A message is sent before it is noted that it was. A process that dies in between sends it again, with
the same id; nothing is lost.
"""

import secrets
import threading
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

import structlog
from sqlalchemy.exc import DatabaseError

from headwater.alerts.outcome import NotSent, Refused
from headwater.storage.alerts.channels import LEASE, Channel, Channels
from headwater.storage.alerts.deliveries import Deliveries, Delivery
from headwater.storage.database import Database

MAX_MESSAGES: Final = 20
"""Messages to a channel within WINDOW: more are not read. The last of them stands for all that came
more: a digest message."""

WINDOW: Final = timedelta(minutes=10)
"""After it a channel has room for messages again."""

GATHER: Final = timedelta(minutes=1)
"""How long the digest message waits, so that it stands for a whole flood and not for its beginning."""

BACK_OFF: Final = tuple(
    timedelta(seconds=each) for each in (10, 30, 60, 5 * 60, 15 * 60, 3600, 3 * 3600)
)
"""After the first, second … try that failed; after the last one a message is given up: half a day of a
receiver's absence costs nothing but time."""

REST: Final = tuple(timedelta(seconds=each) for each in (10, 30, 60, 5 * 60))
"""How long nothing else is sent to a channel after its first, second … failure in a row."""


class Transport(Protocol):
    """What brings a message to its channel: `transports.Transports`."""

    def send(self, delivery: Delivery, channel: Channel, now: datetime) -> None:
        """Raises NotSent, Refused if it is not worth another try."""
        ...


def wall_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


class Sender:
    """Sends what waits for a channel. Of several processes one sends to a channel at a time."""

    def __init__(
        self,
        database: Database,
        transport: Transport,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._channels = Channels(database)
        self._deliveries = Deliveries(database)
        self._transport = transport
        self._clock = clock
        self._log = structlog.get_logger()

    def busy(self) -> Sequence[int]:
        """Channels that have something to be sent now."""
        return self._deliveries.busy_channels(self._clock())

    def empty(self, channel_id: int, stop: threading.Event) -> None:
        """Send everything to a channel that may be sent now. Raises DatabaseError."""
        by = secrets.token_hex(16)
        try:
            while not stop.is_set() and self._channels.claim(channel_id, by, self._clock()):
                channel = self._channels.get(channel_id)
                delivery = self._next(channel) if channel else None
                if channel is None or delivery is None:
                    break
                self._send(channel, delivery)
        finally:
            self._channels.give_back(channel_id, by)

    def _next(self, channel: Channel) -> Delivery | None:
        """A test first; nothing else while it rests; then what was begun; then what there is room for."""
        now = self._clock()
        test = self._deliveries.next_test(channel.id, now)
        if test is not None:
            return test
        if channel.rests_until is not None and channel.rests_until > now:
            return None
        begun = self._deliveries.next_retry(channel.id, now)
        return begun or self._next_fresh(channel, now)

    def _next_fresh(self, channel: Channel, now: datetime) -> Delivery | None:
        backlog = self._deliveries.backlog(channel.id, now - WINDOW)
        room = MAX_MESSAGES - backlog.finished
        if not backlog.waiting or backlog.since is None or room <= 0:
            return None
        if channel.failures and backlog.waiting > 1:
            # It has been away: what gathers meanwhile is one message, however long it stays so.
            self._deliveries.fold(channel, now)
            return self._deliveries.next_retry(channel.id, now)
        if room > 1:
            return self._deliveries.next_fresh(channel.id, now)
        if backlog.since > now - GATHER:
            return None
        if backlog.waiting == 1:
            return self._deliveries.next_fresh(channel.id, now)
        self._deliveries.fold(channel, now)
        return self._deliveries.next_retry(channel.id, now)

    def _send(self, channel: Channel, delivery: Delivery) -> None:
        if not self._deliveries.begin(delivery, self._clock() + LEASE):
            return
        try:
            self._transport.send(delivery, channel, self._clock())
        except NotSent as error:
            self._failed(channel, delivery, error)
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 # one message that can't be made stops no other
            # Not the error's own words: they may hold an address.
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{error.__class__.__name__} in {Path(place.filename).name}:{place.lineno}"
            self._failed(channel, delivery, Refused(f"a fault of Headwater: {where}"))
        else:
            self._deliveries.sent(delivery, self._clock())

    def _failed(self, channel: Channel, delivery: Delivery, error: NotSent) -> None:
        now, tries = self._clock(), delivery.tries + 1
        is_last = isinstance(error, Refused) or delivery.is_test or tries > len(BACK_OFF)
        again = None if is_last else now + BACK_OFF[tries - 1]
        rest = REST[min(channel.failures, len(REST) - 1)]
        self._deliveries.failed(delivery, str(error), now, again, rest)
        self._log.warning(
            "an alert was not sent",
            channel=channel.id,
            delivery=delivery.id,
            tries=tries,
            error=str(error),
            is_given_up=is_last,
        )
