"""Envelopes that were given up."""

from datetime import UTC, datetime, timedelta

from headwater.storage.database import Database
from headwater.storage.page import PageRequest
from headwater.storage.queue.dead_letters import MAX_ERROR, DeadLetters
from headwater.storage.queue.queue import QueuedEnvelope

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


def _bury(database: Database, project_id: int, number: int = 1) -> None:
    with database.write() as connection:
        for each in range(number):
            queued = QueuedEnvelope(each, project_id, NOON, b"x" * (each + 1), 3)
            error = "Traceback:\n  somewhere\nKeyError: 'why'\n"
            DeadLetters(database).bury(connection, queued, error, NOON)


def test_a_project_s_letters_are_listed_newest_first_in_pages(database: Database) -> None:
    _bury(database, 7, 3)
    _bury(database, 8)
    letters = DeadLetters(database)

    first = letters.list(7, PageRequest(0, 2))
    second = letters.list(7, PageRequest(1, 2))

    assert [letter.size for letter in (*first.items, *second.items)] == [3, 2, 1]
    assert (first.has_next, second.has_next) == (True, False)
    assert first.items[0].last_line == "KeyError: 'why'"
    assert (letters.count(7), letters.count(8), letters.count(9)) == (3, 1, 0)
    assert len(letters.list(None).items) == 4


def test_deleting_takes_one_or_all_of_a_project(database: Database) -> None:
    _bury(database, 7, 3)
    _bury(database, 8)
    letters = DeadLetters(database)
    newest = letters.list(7).items[0].id

    assert letters.delete(newest)
    assert not letters.delete(newest)
    assert letters.get(newest) is None
    assert letters.count(7) == 2
    assert letters.delete_all(7) == 2
    assert (letters.count(7), letters.count()) == (0, 1)


def test_a_number_is_never_given_to_another_letter(database: Database) -> None:
    letters = DeadLetters(database)
    numbers = []
    for second in range(3):
        with database.write() as connection:
            for _ in range(2):
                queued = QueuedEnvelope(0, 7, NOON, b"x", 3)
                letters.bury(connection, queued, "why", NOON + timedelta(seconds=second))
        numbers += [letter.id for letter in letters.list(7).items]
        letters.delete_all(7)

    assert len(set(numbers)) == 6
