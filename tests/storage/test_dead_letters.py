"""Envelopes that were given up."""

from datetime import UTC, datetime

from headwater.storage.database import Database
from headwater.storage.dead_letters import MAX_ERROR, DeadLetters
from headwater.storage.queue import QueuedEnvelope

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_a_dead_letter_keeps_the_envelope_and_the_end_of_its_error(database: Database) -> None:
    letters = DeadLetters(database)
    with database.write() as connection:
        for number in range(3):
            queued = QueuedEnvelope(number, 7, NOON, b"envelope %d" % number, 3)
            letters.bury(connection, queued, "x" * MAX_ERROR + "ValueError: why", NOON)

    newest, _ = letters.latest(2)

    assert letters.count() == 3
    assert (newest.project_id, newest.envelope) == (7, b"envelope 2")
    assert newest.error.endswith("ValueError: why")
    assert len(newest.error) == MAX_ERROR
