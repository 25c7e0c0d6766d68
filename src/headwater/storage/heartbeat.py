"""The sign of life that a process gives as long as it works."""

import contextlib
import secrets
import socket
import threading
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from headwater.storage.examinations import Examinations
from headwater.storage.freed_memory import FreedMemory
from headwater.storage.instances import Instance, Instances
from headwater.storage.process_counts import ProcessCounts

BEAT_SECONDS: Final = 15.0
"""Between two signs of life: one small transaction, four a minute."""


class Heartbeat:
    """A thread of its own; nothing that fails in it hinders the process's work."""

    def __init__(
        self,
        instances: Instances,
        examinations: Examinations,
        role: str,
        version: str,
        counts: ProcessCounts,
    ) -> None:
        """`role` is `web` or `digest`; `counts` are told with each sign."""
        self._counts = counts
        self._instances = instances
        self._examinations = examinations
        now = datetime.now(UTC)
        host = socket.gethostname()[:255] or "unknown"
        self._instance = Instance(secrets.token_hex(16), role, host, version, now, now)
        self._log = structlog.get_logger()
        self._freed = FreedMemory()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin; the first sign of life is given at once."""
        self._thread.start()

    def close(self) -> None:
        """Stop, and say that it was meant so."""
        self._stop.set()
        self._thread.join()
        with contextlib.suppress(SQLAlchemyError):
            self._instances.leave(self._instance)

    def _run(self) -> None:
        self._beat()
        self._instances.tidy(datetime.now(UTC))
        while not self._stop.wait(BEAT_SECONDS):
            self._beat()
            self._freed.give_back()

    def _beat(self) -> None:
        now, before = datetime.now(UTC), self._instance.unread
        try:
            self._instance = self._instances.beat(self._instance, now, self._counts.now())
            self._examinations.tidy(now)
        except SQLAlchemyError as error:
            self._log.warning("no sign of life was given", error=str(error))
        if self._instance.unread != before:
            self._tell_who_is_unread()

    def _tell_who_is_unread(self) -> None:
        """Once for each change: it stays so until somebody mounts or sets something else."""
        if unread := self._instance.unread:
            self._log.warning(
                "the storage of source maps is not shared: what these write can't be read here",
                instances=unread,
            )
        else:
            self._log.info("the storage of source maps is shared")
