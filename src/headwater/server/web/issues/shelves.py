"""Where the pages about issues get what they show."""

from collections.abc import Collection, Mapping
from typing import Final

from msgspec import Struct

from headwater.server.errors import NothingThere
from headwater.server.issue_query import FIELDS, Query
from headwater.server.numbers import number_in
from headwater.server.web.issues.asked import TABS
from headwater.storage.events.events import Events, StoredEvent
from headwater.storage.issues.decisions import Decisions
from headwater.storage.issues.figures import IssueFigures
from headwater.storage.issues.issue import Issue
from headwater.storage.issues.issues import Issues
from headwater.storage.issues.saved_searches import SavedSearches
from headwater.storage.issues.search import Status
from headwater.storage.issues.tag_values import TagValues
from headwater.storage.people.users import Users
from headwater.storage.projects import Projects
from headwater.storage.uploads.release_list import ReleaseList

MAX_BULK: Final = 5_000
"""Issues that one form decides about; the page says so where more were found."""

STATES: Final[Mapping[str, Status]] = {
    word: status for word, _, status in TABS if status is not None
}
"""Word in forms, and what it is in the database."""


class Shelves(Struct, frozen=True):
    """What is kept of issues, and of who works on them."""

    projects: Projects
    issues: Issues
    decisions: Decisions
    figures: IssueFigures
    saved: SavedSearches
    releases: ReleaseList
    users: Users
    events: Events
    tags: TagValues

    def people(self, projects: Collection[int] | None) -> Mapping[int, str]:
        """E-mail addresses of those who see one of these projects; None: everybody's."""
        return {
            user.id: user.email
            for user in self.users.all()
            if projects is None or any(map(user.rights.may_see, projects))
        }

    def user_of(self, email: str) -> int | None:
        """By e-mail address."""
        user = self.users.by_email(email)
        return user.id if user else None

    def event_of(self, query: Query, projects: frozenset[int] | None) -> StoredEvent | None:
        """The one that a search asks for by its id, of these projects, or (None) of all."""
        return self.events.get(projects, query.event_id) if query.event_id else None

    def why_nothing(self, query: Query, projects: frozenset[int] | None) -> str:
        """What is to be known of a search of these projects, or (None) of all, that found nothing, with
        `code` between backticks."""
        if query.event_id:
            return f"No event `{query.event_id}` is stored here, or none any more."
        # Which tags there are in projects that a person doesn't see is not told.
        unknown = self.tags.unknown(query.tags) if projects is None else ()
        if not unknown:
            return ""
        names = " or ".join(f"`{name.replace('`', '')}`" for name in unknown)
        fields = " ".join(f"`{name}`" for name in FIELDS)
        return (
            f"No event has a tag {names}. Search takes {fields} and the names of tags;"
            " what is in quotes is looked for as it stands."
        )


def event_path(event: StoredEvent) -> str:
    """The address of its page."""
    return f"/issues/{event.issue_id}/events/{event.event_id}"


def state_of(issue: Issue) -> str:
    """The issue's state in the word of the pages."""
    return word_of(issue.status)


def word_of(status: Status) -> str:
    """A state in the word of the pages."""
    return next(word for word, _, each in TABS if each is status)


def existing_issue(issues: Issues, number: str) -> Issue:
    """The issue of an address, or the one that it was merged into. Raises NothingThere."""
    issue = issues.get(number_in(number))
    if issue is None:
        raise NothingThere(f"There is no issue {number} on this server.")
    return issue
