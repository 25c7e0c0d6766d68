"""A queue in memory, for tests of those who put envelopes on one."""

from concurrent.futures import Future
from datetime import datetime

from headwater.storage.queue import QueueFull, QueueUnavailable


class Belt:
    """A queue in memory: takes so many envelopes, and the disk behind it keeps all but those."""

    def __init__(self, room: int = 1_000, unlucky: tuple[bytes, ...] = ()) -> None:
        self.kept: list[tuple[int, bytes, datetime, str, str]] = []
        self.room = room
        self.unlucky = unlucky

    def submit(
        self, project_id: int, envelope: bytes, received_at: datetime, event_id: str, encoding: str
    ) -> Future[None]:
        if len(self.kept) >= self.room:
            raise QueueFull("the queue is full")
        done: Future[None] = Future()
        if envelope in self.unlucky:
            done.set_exception(QueueUnavailable("the disk is gone"))
        else:
            self.kept.append((project_id, envelope, received_at, event_id, encoding))
            done.set_result(None)
        return done
