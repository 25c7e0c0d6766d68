"""Alerts, beside the digest: what is worth telling becomes messages, and these are sent.

One thread looks; each channel that has something to send is sent to by a thread of its own, so that
none waits for another's receiver, and the digest for none.
"""

import threading
import time
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy.exc import DatabaseError

from headwater.alerts.announced import Announced
from headwater.alerts.counted import CountedIssues
from headwater.alerts.ground import Ground
from headwater.alerts.released import JudgedReleases
from headwater.alerts.sender import Sender, Transport
from headwater.storage.alerts.channels import Channels
from headwater.storage.alerts.deliveries import Deliveries
from headwater.storage.database import Database

IDLE_SECONDS: Final = 1.0
"""Between two looks: two small queries."""

JUDGE_SECONDS: Final = 60.0
"""Between two looks at releases, and at what can be forgotten."""

BACK_OFF_SECONDS: Final = 5.0
"""After the database refused."""

FINISH_SECONDS: Final = 5.0
"""How long messages that are being sent when it stops may take; they would be sent again otherwise."""


class Alerting:
    """Any number of processes may do it on PostgreSQL; on SQLite there is one."""

    def __init__(self, database: Database, transport: Transport) -> None:
        self._database = database
        self._announced = Announced(database)
        self._counted = CountedIssues(database)
        self._released = JudgedReleases(database)
        self._sender = Sender(database, transport)
        self._sending: dict[int, threading.Thread] = {}
        self._judge_at = 0.0
        self._has_ended = threading.Event()
        self._log = structlog.get_logger()

    def run(self, stop: threading.Event) -> None:
        """Until told to stop."""
        is_first = True
        while not stop.is_set():
            rest = IDLE_SECONDS
            try:
                if is_first and self._database.is_sqlite:
                    # One data folder has one digest process: whoever sent to a channel is dead.
                    Channels(self._database).start_over()
                is_first = False
                while self.look(datetime.now(UTC)) and not stop.is_set():
                    pass
                self._start_sending(stop)
            except (DatabaseError, OSError) as error:
                self._log.warning("alerts were left for later", error=str(error))
                rest = BACK_OFF_SECONDS
            except Exception:  # noqa: BLE001 # else nothing would be told until a restart
                self._log.exception("alerts were left for later")
                rest = BACK_OFF_SECONDS
            stop.wait(rest)
        for thread in self._sending.values():
            thread.join(FINISH_SECONDS)
        self._has_ended.set()

    def finish(self) -> None:
        """Wait, not for long, until what is being sent is sent. After `stop`."""
        self._has_ended.wait(FINISH_SECONDS)

    def look(self, now: datetime) -> int:
        """At everything that may be worth telling; how much that was. Raises DatabaseError."""
        due, marks = self._announced.due(now), self._counted.marked()
        is_time = time.monotonic() >= self._judge_at
        if not due and not marks and not is_time:
            return 0
        ground = Ground.of(self._database)
        self._announced.tell(ground, due, now)
        if marks:
            self._counted.look(ground, marks, now)
        if is_time:
            self._judge_at = time.monotonic() + JUDGE_SECONDS
            self._released.look(ground, now)
            self._counted.tidy(now)
            while Deliveries(self._database).tidy(now):
                pass
        return len(due) + len(marks)

    def _start_sending(self, stop: threading.Event) -> None:
        self._sending = {key: each for key, each in self._sending.items() if each.is_alive()}
        for channel_id in self._sender.busy():
            if channel_id not in self._sending:
                thread = threading.Thread(
                    target=self._empty,
                    args=(channel_id, stop),
                    name=f"alerts to channel {channel_id}",
                    daemon=True,
                )
                self._sending[channel_id] = thread
                thread.start()

    def _empty(self, channel_id: int, stop: threading.Event) -> None:
        try:
            self._sender.empty(channel_id, stop)
        except DatabaseError as error:
            self._log.warning("alerts were left to be sent", error=str(error), channel=channel_id)
