"""Dead letters on their way back to the queue: never lost, doubled at worst, and a double is refused."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from typing import Final

from msgspec import Struct
from sqlalchemy import func, select

from headwater.storage.database import Database
from headwater.storage.queue.dead_letters import DeadLetter, DeadLetters
from headwater.storage.queue.outcomes import DEAD_LETTER, ERROR, Outcomes
from headwater.storage.queue.queue import (
    MAX_BATCH_BYTES,
    Intake,
    QueueFull,
    QueueUnavailable,
    submit,
)
from headwater.storage.schema import dead_letters

MAX_RETRIED: Final = 1_000
"""Dead letters that are put back at a time: some seconds of a request. Who asks is told how many
are left."""

MAX_TOGETHER: Final = 100
"""Dead letters that are put on the queue together, and share a server's wait for the disk."""

DURABLE_SECONDS: Final = 30
"""How long the queue may take to say that an envelope is durable; it takes milliseconds."""


class Retried(Struct, frozen=True):
    """How many are back on the queue, how many are dead letters still, and why, if it was not MAX_RETRIED."""

    put_back: int
    left: int = 0
    fault: str = ""


class Retry:
    """Puts dead letters back as they came."""

    def __init__(self, database: Database, queue: Intake) -> None:
        self._database = database
        self._letters = DeadLetters(database)
        self._outcomes = Outcomes(database)
        self._queue = queue

    def one(self, letter_id: int) -> Retried:
        """This one; nothing is put back, and nothing left, if it is not there any more."""
        return self._put_back([letter_id])

    def all(self, project_id: int) -> Retried:
        """The project's oldest ones, MAX_RETRIED at most; those that die meanwhile are not among them."""
        put_back, fault = 0, ""
        for batch in self._batches(project_id):
            retried = self._put_back(batch)
            put_back += retried.put_back
            fault = retried.fault
            if fault:
                break
        return Retried(put_back, self._letters.count(project_id), fault)

    def _batches(self, project_id: int) -> Iterator[list[int]]:
        """Ids, so many at a time that their envelopes fit into memory together."""
        size = func.length(dead_letters.c.envelope).label("size")
        wanted = select(dead_letters.c.id, size).where(dead_letters.c.project_id == project_id)
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(dead_letters.c.id).limit(MAX_RETRIED)).all()
        batch: list[int] = []
        total = 0
        for row in rows:
            if batch and (total + row.size > MAX_BATCH_BYTES or len(batch) == MAX_TOGETHER):
                yield batch
                batch, total = [], 0
            batch.append(row.id)
            total += row.size
        if batch:
            yield batch

    def _put_back(self, ids: Sequence[int]) -> Retried:
        on_their_way, fault = self._send(ids)
        waited_for = wait(on_their_way, DURABLE_SECONDS)
        if waited_for.not_done:
            fault = f"the queue did not say within {DURABLE_SECONDS} seconds that it has it"
        durable = []
        for done in waited_for.done:
            try:
                done.result()
                durable.append(on_their_way[done])
            except QueueUnavailable as error:
                fault = str(error)
        self._forget(durable)
        return Retried(len(durable), len(ids) - len(durable) if fault else 0, fault)

    def _send(self, ids: Sequence[int]) -> tuple[dict[Future[None], DeadLetter], str]:
        sent: dict[Future[None], DeadLetter] = {}
        for letter in filter(None, map(self._letters.get, ids)):
            try:
                done = submit(
                    self._queue,
                    letter.project_id,
                    letter.envelope,
                    letter.received_at,
                    letter.event_id,
                    letter.encoding,
                )
            except QueueFull as error:
                return sent, str(error)
            sent[done] = letter
        return sent, ""

    def _forget(self, letters: Sequence[DeadLetter]) -> None:
        """What is on the queue again is no longer counted as dead."""
        if not letters:
            return
        with self._database.write() as connection:
            ids = [letter.id for letter in letters]
            gone = dead_letters.delete().where(dead_letters.c.id.in_(ids))
            mine = set(connection.execute(gone.returning(dead_letters.c.id)).scalars())
            counts = Counter(
                (letter.project_id, letter.failed_at) for letter in letters if letter.id in mine
            )
            for (project_id, failed_at), number in counts.items():
                self._outcomes.take_back(
                    connection, project_id, ERROR, DEAD_LETTER, failed_at, number
                )
