"""Which issue an event belongs to, by its hashes. See docs/decisions/0003-two-hashes.md."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Connection, event, func, select

from headwater.storage.database import Database
from headwater.storage.issues.hashes import EventHashes, HashTaken, Home, KnownHashes
from headwater.storage.issues.issues import Issues
from headwater.storage.issues.sighting import Sighting
from headwater.storage.projects import Projects
from headwater.storage.schema import issue_hashes

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
SEEN = Sighting("0" * 32, NOON, "Error", "", "error", "javascript", is_settled=True)


def attach(connection: Connection, project: int, issue: int, hashes: EventHashes) -> None:
    """Lead one event's hashes to the issue, as another transaction would."""
    known = KnownHashes(connection, {project: [hashes]})
    known.attach(project, Home(issue), hashes)
    known.flush()


class Desk:
    """Files events as the digest does."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.project = Projects(database).create("Shop", None, NOON).id

    def file(self, hashes: EventHashes, project: int | None = None) -> int:
        """The issue that the event came to."""
        with self.database.write() as connection:
            return self._file(connection, hashes, project or self.project)

    def file_one_by_one(self, *several: EventHashes) -> list[int]:
        """The issues that the events came to, each found by itself."""
        with self.database.write() as connection:
            return [self._file(connection, each, self.project) for each in several]

    def _file(self, connection: Connection, hashes: EventHashes, project: int) -> int:
        known = KnownHashes(connection, {project: [hashes]})
        issue = known.find(project, hashes)
        if issue is None:
            issue = Home(Issues(self.database).create(connection, project, SEEN))
        known.attach(project, issue, hashes)
        known.flush()
        return issue.issue_id

    def file_batch(self, *batch: EventHashes) -> list[int]:
        """The issues that the events came to, in one transaction."""
        with self.database.write() as connection:
            known = KnownHashes(connection, {self.project: batch})
            found = []
            for hashes in batch:
                issue = known.find(self.project, hashes)
                if issue is None:
                    issue = Home(self.create(connection))
                known.attach(self.project, issue, hashes)
                found.append(issue.issue_id)
            known.flush()
        return found

    def create(self, connection: Connection) -> int:
        """An issue without events."""
        return Issues(self.database).create(connection, self.project, SEEN)

    @property
    def hashes(self) -> int:
        """How many there are."""
        with self.database.read() as connection:
            return connection.execute(select(func.count()).select_from(issue_hashes)).scalar_one()


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def unresolved(provisional: str) -> EventHashes:
    return EventHashes(provisional, provisional, is_final=False)


def resolved(provisional: str, final: str) -> EventHashes:
    return EventHashes(provisional, final, is_final=True)


def with_source(provisional: str, without_source: str, final: str) -> EventHashes:
    return EventHashes(provisional, final, is_final=True, without_source=without_source)


def moved(hashes: EventHashes, earlier: EventHashes) -> EventHashes:
    return replace(hashes, earlier=earlier)


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


def test_an_event_whose_map_lacks_the_text_is_in_the_issue_of_one_whose_map_has_it(
    desk: Desk,
) -> None:
    issue = desk.file(with_source("p", "c", "f"))

    assert desk.file(resolved("p", "c")) == issue
    assert desk.file(resolved("of another build", "c")) == issue


def test_an_event_whose_map_has_the_text_joins_the_issue_of_one_without(desk: Desk) -> None:
    issue = desk.file(resolved("p", "c"))

    assert desk.file(with_source("p", "c", "f")) == issue
    assert desk.file(resolved("p", "c")) == issue


def test_two_errors_that_only_their_lines_tell_apart_stay_apart(desk: Desk) -> None:
    first, second = desk.file(with_source("p", "c", "f1")), desk.file(with_source("p", "c", "f2"))

    assert first != second
    assert desk.file(with_source("p", "c", "f2")) == second
    assert desk.file(resolved("p", "c")) == first


def test_a_new_version_continues_the_issues_of_the_earlier_one(desk: Desk) -> None:
    old = with_source("p", "c", "f")
    issue = desk.file(old)
    new = moved(with_source("p2", "c2", "f2"), old)

    assert desk.file(new) == issue
    assert desk.file(with_source("p2", "c2", "f2")) == issue


@pytest.mark.parametrize("earlier", [unresolved("p"), resolved("p", "c")])
def test_a_new_version_continues_an_issue_that_was_only_a_guess(
    desk: Desk, earlier: EventHashes
) -> None:
    issue = desk.file(earlier)

    assert desk.file(moved(with_source("p2", "c2", "f2"), with_source("p", "c", "f"))) == issue


def test_a_finer_version_does_not_split_an_old_issue(desk: Desk) -> None:
    old = resolved("p", "f")
    issue = desk.file(old)

    assert desk.file(moved(resolved("p2", "f2a"), old)) == issue
    assert desk.file(moved(resolved("p2", "f2b"), old)) == issue
    assert desk.file(resolved("p2", "f2b")) == issue


def test_where_a_coarser_version_joins_two_old_issues_the_first_that_is_seen_takes_it(
    desk: Desk,
) -> None:
    first, second = desk.file(resolved("p", "f1")), desk.file(resolved("p", "f2"))

    assert first != second
    assert desk.file(moved(resolved("p2", "both"), resolved("p", "f2"))) == second
    assert desk.file(moved(resolved("p2", "both"), resolved("p", "f1"))) == second


def test_after_a_move_events_with_and_without_text_are_still_one_issue(desk: Desk) -> None:
    textless = moved(resolved("p2", "c2"), resolved("p", "c"))
    issue = desk.file(textless)

    assert desk.file(moved(with_source("p2", "c2", "f2"), with_source("p", "c", "f"))) == issue


def test_two_new_errors_of_a_project_that_moved_stay_apart(desk: Desk) -> None:
    one = moved(with_source("p2", "c2", "f2"), with_source("p", "c", "f"))
    other = moved(with_source("p2", "c2", "g2"), with_source("p", "c", "g"))

    assert desk.file(one) != desk.file(other)


def test_a_batch_that_knows_its_hashes_asks_once_and_writes_nothing(desk: Desk) -> None:
    batch = [with_source(f"p{n % 7}", f"c{n % 7}", f"f{n % 7}") for n in range(200)]
    first = desk.file_batch(*batch)
    statements = []
    with desk.database.write() as connection:
        event.listen(connection, "before_cursor_execute", lambda *args: statements.append(args[2]))
        known = KnownHashes(connection, {desk.project: batch})
        found = []
        for hashes in batch:
            issue = known.find(desk.project, hashes)
            assert issue is not None
            known.attach(desk.project, issue, hashes)
            found.append(issue.issue_id)
        known.flush()

    assert found == first
    # PostgreSQL asks once more, when it has locked the issues.
    asked = ["SELECT"] * (1 if desk.database.is_sqlite else 2)
    assert [statement.split()[0] for statement in statements] == asked
    assert (len(set(first)), desk.hashes) == (7, 21)


def test_a_batch_of_new_errors_is_written_at_once(desk: Desk) -> None:
    batch = [resolved(f"p{n}", f"f{n}") for n in range(700)]

    assert len(set(desk.file_batch(*batch))) == 700
    assert desk.hashes == 1400
    assert len(set(desk.file_batch(*batch))) == 700
    assert desk.hashes == 1400


HASHES = st.one_of(
    st.builds(unresolved, st.sampled_from("pq")),
    st.builds(resolved, st.sampled_from("pq"), st.sampled_from("cd")),
    st.builds(with_source, st.sampled_from("pq"), st.sampled_from("cd"), st.sampled_from("fgh")),
)
EVENTS = st.one_of(
    HASHES,
    st.builds(
        lambda new, old: moved(
            EventHashes(
                f"{new.provisional}2",
                f"{new.final}2",
                new.is_final,
                new.without_source and f"{new.without_source}2",
            ),
            old,
        ),
        HASHES,
        HASHES,
    ),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EVENTS, min_size=1, max_size=12), st.integers(1, 12))
def test_a_batch_comes_to_the_issues_that_its_events_would_have_come_to_one_by_one(
    database: Database, events: list[EventHashes], size: int
) -> None:
    singly, batched = Desk(database), Desk(database)

    one_by_one = singly.file_one_by_one(*events)
    at_once: list[int] = []
    for start in range(0, len(events), size):
        at_once += batched.file_batch(*events[start : start + size])

    assert _shape(one_by_one) == _shape(at_once)


def _shape(issues: list[int]) -> list[int]:
    """Which events share an issue, whatever its number."""
    return [issues.index(issue) for issue in issues]


def test_a_hash_that_another_transaction_took_meanwhile_is_found_taken(desk: Desk) -> None:
    hashes = resolved("p", "f")
    with desk.database.write() as connection:
        mine, other = desk.create(connection), desk.create(connection)
        known = KnownHashes(connection, {desk.project: [hashes]})
        attach(connection, desk.project, other, hashes)
        known.attach(desk.project, Home(mine), hashes)

        with pytest.raises(HashTaken):
            known.flush()


def test_a_guess_that_another_transaction_took_meanwhile_stays_there(desk: Desk) -> None:
    with desk.database.write() as connection:
        mine, other = desk.create(connection), desk.create(connection)
        known = KnownHashes(connection, {desk.project: [resolved("p", "f")]})
        attach(connection, desk.project, other, unresolved("p"))
        known.attach(desk.project, Home(mine), resolved("p", "f"))
        known.flush()

    assert desk.file(resolved("q", "f")) == mine
    assert desk.file(unresolved("p")) == other


def test_what_was_attached_counts_at_once_in_its_batch(desk: Desk) -> None:
    guess, first, second = desk.file_batch(
        unresolved("p"), resolved("p", "f1"), resolved("p", "f2")
    )

    assert guess == first != second
    assert desk.file_batch(resolved("p", "f1"), resolved("p", "f2")) == [first, second]
