"""Which issue an event belongs to, by its two hashes. See docs/decisions/0003-two-hashes.md."""

from datetime import UTC, datetime

import pytest

from headwater.storage.database import Database
from headwater.storage.issue_hashes import EventHashes, HashTaken, attach, find_issue
from headwater.storage.issues import Issues, Sighting
from headwater.storage.projects import Projects

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
SEEN = Sighting("0" * 32, NOON, "Error", "", "error", "javascript", is_settled=True)


class Desk:
    """Files events as the digest does."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.project = Projects(database).create("Shop", None, NOON).id

    def file(self, hashes: EventHashes, project: int | None = None) -> int:
        """The issue that the event came to."""
        project = project or self.project
        with self.database.write() as connection:
            issue = find_issue(connection, project, hashes)
            if issue is None:
                issue = Issues(self.database).create(connection, project, SEEN)
            attach(connection, project, issue, hashes)
        return issue


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def unresolved(provisional: str) -> EventHashes:
    return EventHashes(provisional, provisional, is_final=False)


def resolved(provisional: str, final: str) -> EventHashes:
    return EventHashes(provisional, final, is_final=True)


def test_a_resolved_event_and_a_later_unresolved_one_are_one_issue(desk: Desk) -> None:
    assert desk.file(resolved("p", "f")) == desk.file(unresolved("p"))


def test_an_unresolved_event_and_a_later_resolved_one_are_one_issue(desk: Desk) -> None:
    issue = desk.file(unresolved("p"))

    assert desk.file(resolved("p", "f")) == issue
    assert desk.file(unresolved("p")) == issue


def test_two_resolved_errors_that_looked_alike_stay_apart(desk: Desk) -> None:
    first, second = desk.file(resolved("p", "f1")), desk.file(resolved("p", "f2"))

    assert first != second
    assert (desk.file(resolved("p", "f1")), desk.file(resolved("p", "f2"))) == (first, second)


def test_only_the_first_resolved_event_adopts_an_unresolved_issue(desk: Desk) -> None:
    guess = desk.file(unresolved("p"))

    assert desk.file(resolved("p", "f1")) == guess
    assert desk.file(resolved("p", "f2")) != guess


def test_an_event_that_is_resolved_later_finds_its_issue_by_its_final_hash_however_wrong_the_guess_was(
    desk: Desk,
) -> None:
    guess = desk.file(unresolved("p"))
    assert desk.file(resolved("p", "other")) == guess
    own = desk.file(resolved("p", "f"))

    assert own != guess
    assert desk.file(resolved("p", "f")) == own


def test_the_same_error_in_a_build_that_looks_different_is_one_issue(desk: Desk) -> None:
    issue = desk.file(resolved("p1", "f"))

    assert desk.file(resolved("p2", "f")) == issue
    assert desk.file(unresolved("p2")) == issue


def test_hashes_of_one_project_mean_nothing_in_another(desk: Desk, database: Database) -> None:
    other = Projects(database).create("Other", None, NOON).id

    assert desk.file(resolved("p", "f")) != desk.file(resolved("p", "f"), other)


def test_what_needs_no_map_has_one_hash_that_is_final_once_known(desk: Desk) -> None:
    issue = desk.file(unresolved("same"))

    assert desk.file(EventHashes("same", "same", is_final=True)) == issue
    assert desk.file(resolved("same", "f")) != issue


def test_a_hash_that_another_transaction_took_is_not_taken_twice(desk: Desk) -> None:
    desk.file(resolved("p", "f"))
    with desk.database.write() as connection:
        other = Issues(desk.database).create(connection, desk.project, SEEN)

        with pytest.raises(HashTaken):
            attach(connection, desk.project, other, resolved("q", "f"))
