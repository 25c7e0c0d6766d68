"""An intake that counts what became of the envelopes it was offered."""

from datetime import datetime

from headwater.storage.process_counts import ProcessCounts
from headwater.storage.queue.queue import Done, Intake, QueueFull, QueueUnavailable


class CountedIntake:
    """In front of another."""

    def __init__(self, intake: Intake, counts: ProcessCounts) -> None:
        self._intake = intake
        self._counts = counts

    def offer(
        self,
        project_id: int,
        envelope: bytes,
        received_at: datetime,
        event_id: str,
        encoding: str,
        done: Done,
    ) -> None:
        """As the other has it. Raises QueueFull."""

        def counted(error: QueueUnavailable | None) -> None:
            self._counts.add("envelopes", "accepted" if error is None else "refused")
            done(error)

        try:
            self._intake.offer(project_id, envelope, received_at, event_id, encoding, counted)
        except QueueFull:
            self._counts.add("envelopes", "refused")
            raise

    def close(self) -> None:
        """As the other has it."""
        self._intake.close()
