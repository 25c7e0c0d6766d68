"""Issues: listed, searched, counted."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from headwater.storage.database import Database
from headwater.storage.issues.decisions import Decisions
from headwater.storage.issues.issue import Issue
from headwater.storage.issues.issues import Issues
from headwater.storage.issues.search import Criterion, Fact, HasStatus, Says, Search, Status
from headwater.storage.issues.sighting import Sighting
from headwater.storage.page import PageRequest
from headwater.storage.projects import Projects
from headwater.storage.schema import issues as issues_table

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
SEEN = Sighting(
    "a" * 32, NOON, "Error: no", "f · src/a.ts:1", "error", "javascript", is_settled=True
)
See = Callable[..., int]


@pytest.fixture
def issues(database: Database) -> Issues:
    Projects(database).create("Shop", None, NOON)
    Projects(database).create("Blog", None, NOON)
    return Issues(database)


@pytest.fixture
def see(database: Database, issues: Issues) -> See:
    def see(issue_id: int | None = None, project: int = 1, **changes: object) -> int:
        seen = replace(SEEN, **changes)
        with database.write() as connection:
            issue_id = issue_id or issues.create(connection, project, seen)
            issues.saw(connection, {issue_id: [seen]})
        return issue_id

    return see


def _get(issues: Issues, issue_id: int) -> Issue:
    issue = issues.get(issue_id)
    assert issue is not None
    return issue


def test_an_issue_counts_its_events_and_knows_first_and_last(issues: Issues, see: See) -> None:
    issue_id = see()
    see(issue_id, event_id="b" * 32, timestamp=NOON + timedelta(hours=1))
    see(issue_id, event_id="c" * 32, timestamp=NOON - timedelta(hours=1))

    issue = _get(issues, issue_id)

    assert issue.event_count == 3
    assert (issue.first_seen, issue.last_seen) == (
        NOON - timedelta(hours=1),
        NOON + timedelta(hours=1),
    )
    assert issue.latest_event_id == "b" * 32


def test_an_unresolved_event_does_not_take_away_a_readable_title(issues: Issues, see: See) -> None:
    issue_id = see()

    see(issue_id, title="t: no", culprit="t · main.js:1:2", is_settled=False)

    assert (_get(issues, issue_id).title, _get(issues, issue_id).culprit) == (
        "Error: no",
        "f · src/a.ts:1",
    )


def test_a_resolved_event_gives_a_readable_title(issues: Issues, see: See) -> None:
    issue_id = see(title="t: no", culprit="t · main.js:1:2", is_settled=False)

    see(issue_id)

    assert _get(issues, issue_id).culprit == "f · src/a.ts:1"


def test_a_resolved_issue_that_is_seen_again_is_unresolved_again_but_an_ignored_one_stays_so(
    database: Database, issues: Issues, see: See
) -> None:
    resolved, ignored = see(), see()
    Decisions(database).decide([resolved], Status.RESOLVED, datetime.now(UTC))
    Decisions(database).decide([ignored], Status.IGNORED, datetime.now(UTC))

    see(resolved)
    see(ignored)

    assert _get(issues, resolved).status is Status.UNRESOLVED
    assert _get(issues, ignored).status is Status.IGNORED


def test_a_merged_issue_s_number_leads_to_the_issue_it_was_merged_into(
    database: Database, issues: Issues, see: See
) -> None:
    first, second, third = see(), see(), see()
    with database.write() as connection:
        for one, other in ((first, second), (second, third)):
            connection.execute(
                issues_table.update().where(issues_table.c.id == one).values(merged_into=other)
            )

    assert _get(issues, first).id == third
    assert [issue.id for issue in issues.list().items] == [third]
    assert issues.get(999) is None


def test_the_list_has_the_last_seen_first_and_filters(
    database: Database, issues: Issues, see: See
) -> None:
    old = see(timestamp=NOON - timedelta(days=1), title="RangeError: 100% of_it")
    new = see()
    blog = see(project=2, timestamp=NOON + timedelta(days=1))
    Decisions(database).decide([new], Status.IGNORED, datetime.now(UTC))

    def ids(*facts: Fact, projects: Collection[int] | None = None) -> list[int]:
        search = Search(tuple(Criterion(each) for each in facts))
        return [issue.id for issue in issues.list(projects, search).items]

    assert ids() == [blog, new, old]
    assert ids(projects=[1]) == [new, old]
    assert ids(HasStatus(Status.UNRESOLVED), projects=[1]) == [old]
    assert ids(Says("rangeerror"), Says("100%")) == [old]
    assert ids(Says("SRC/A.TS"), Says("no")) == [blog, new]
    assert ids(Says("o%i")) == []


def test_a_long_list_comes_in_pages(issues: Issues, see: See) -> None:
    for number in range(5):
        see(timestamp=NOON + timedelta(minutes=number))

    pages = [issues.list(page=PageRequest(number, 2)) for number in range(4)]

    assert [len(page.items) for page in pages] == [2, 2, 1, 0]
    assert [page.has_next for page in pages] == [True, True, False, False]
    assert len({issue.id for page in pages for issue in page.items}) == 5


def test_pages_beyond_the_limits_are_brought_within_them() -> None:
    page = PageRequest(-5, 1_000_000)

    assert (page.number, page.size) == (0, 100)


def test_the_newest_number_is_that_of_the_projects_asked_for(issues: Issues, see: See) -> None:
    ours, theirs = see(), see(project=2)

    assert (issues.newest([1]), issues.newest([2]), issues.newest()) == (ours, theirs, theirs)
