"""Events that move from one issue to another."""

import pytest

from headwater.storage.database import Database
from headwater.storage.issues.hashes import HashTaken
from headwater.storage.issues.moves import IssueMoves
from headwater.storage.issues.sighting import Sighting
from headwater.storage.issues.tallies import Move
from headwater.storage.issues.tombstones import Tombstones
from tests.stored import NOW, Stored


def test_no_event_moves_to_a_tombstone(database: Database) -> None:
    stored, moves = Stored(database), IssueMoves(database)
    stored.project()
    origin, gone, kept = (stored.issue(count) for count in (1, 0, 1))
    seen = Sighting("a" * 32, NOW, "Error: no", "f", "error", "javascript", is_settled=True)
    with database.write() as connection:
        Tombstones(database).leave(connection, gone, kept)

    # As the second of two healers on PostgreSQL has it, which looked its hash up before the merge.
    with pytest.raises(HashTaken), database.write() as connection:
        moves.move(connection, [Move(seen, seen.timestamp, (), origin, gone)])
