"""A queue in memory, for tests of those who put envelopes on one."""

from datetime import datetime

from headwater.storage.queue.queue import Done, QueueFull, QueueUnavailable


class Belt:
    """Takes so many envelopes, and the disk behind it keeps all but the unlucky ones."""

    def __init__(self, room: int = 1_000, unlucky: tuple[bytes, ...] = ()) -> None:
        self.kept: list[tuple[int, bytes, datetime, str, str]] = []
        self.room = room
        self.unlucky = unlucky

    def offer(
        self,
        project_id: int,
        envelope: bytes,
        received_at: datetime,
        event_id: str,
        encoding: str,
        done: Done,
    ) -> None:
        """Take it, and say at once what became of it."""
        if len(self.kept) >= self.room:
            raise QueueFull("the queue is full")
        if envelope in self.unlucky:
            done(QueueUnavailable("the disk is gone"))
            return
        self.kept.append((project_id, envelope, received_at, event_id, encoding))
        done(None)

    def close(self) -> None:
        """Nothing waits."""
