"""What an issue's page says beside the event: numbers, tags, who does what, and what happened to it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

from msgspec import Struct

from headwater.server.issue_query import term_of
from headwater.server.web.issues.mutes import CHOICES
from headwater.server.web.issues.resolving import SHOWN as RELEASES
from headwater.server.web.issues.resolving import choices, in_words
from headwater.server.web.issues.shelves import Shelves
from headwater.server.web.issues.spark import DAY, MONTH, PERIODS, Period, Spark, spark
from headwater.storage.issues.activity import MAX_READ, Activity, Entry, Kind
from headwater.storage.issues.figures import Figures
from headwater.storage.issues.issue import Issue
from headwater.storage.issues.merges import Merged, Merges
from headwater.storage.issues.tag_counts import OTHER, TagCount, TagCounts

SHOWN: Final = 5
"""Values of a tag that are shown."""

LATEST_ACTIVITY: Final = 50
"""Entries of an issue's activity that its page shows."""

ALL_ACTIVITY: Final = MAX_READ - 1
"""Entries that it shows to whom that is not enough."""

_HUNDRED: Final = 100

_DONE: Final[Mapping[Kind, str]] = {
    Kind.COMMENT: "said",
    Kind.RESOLVED: "resolved it",
    Kind.REOPENED: "reopened it",
    Kind.MUTED: "muted it",
    Kind.MERGED: "merged",
    Kind.UNMERGED: "took",
    Kind.UNMUTED: "It is no longer muted: what was waited for has come",
}


class Share(Struct, frozen=True):
    """A tag's value. `percent` of the issue's events, rounded down. `query` finds issues that have it."""

    value: str
    count: int
    percent: int
    query: str


class Distribution(Struct, frozen=True):
    """A tag's commonest values; `others`: how many events had further ones."""

    key: str
    shares: tuple[Share, ...]
    others: int


class Happened(Struct, frozen=True):
    """An entry of the activity in words. `text`: a comment's. `is_own`: the visitor's comment."""

    entry: Entry
    what: str
    text: str
    is_own: bool


class Aside(Struct, frozen=True):
    """Beside an event."""

    figures: Figures
    sparks: tuple[tuple[Period, Spark], ...]
    distributions: tuple[Distribution, ...]
    happened: tuple[Happened, ...]
    has_earlier: bool
    """More happened before that."""
    people: Mapping[int, str]
    mutes: Mapping[str, str]
    resolving: Mapping[str, str]
    merged: Sequence[Merged]
    until: str
    """What ends its being muted, or in which release it is resolved, in words; empty if nothing does."""


class Asides:
    """Makes them."""

    def __init__(
        self, shelves: Shelves, tags: TagCounts, activity: Activity, merges: Merges
    ) -> None:
        self._shelves = shelves
        self._tags = tags
        self._activity = activity
        self._merges = merges

    def of(
        self, issue: Issue, now: datetime, visitor: str, activity: int = LATEST_ACTIVITY
    ) -> Aside:
        """For one issue and the e-mail address of who looks at it; `activity`: of so much of what
        happened, the latest."""
        shown = MONTH.since(now), MONTH.hours, DAY.since(now)
        figures = self._shelves.figures.of([issue.id], *shown)[issue.id]
        tags = self._tags.of_issue(issue.id, SHOWN)
        entries = self._activity.of_issue(issue.id, activity + 1)
        return Aside(
            figures=figures,
            sparks=tuple((period, spark(figures.hours, period, now)) for period in PERIODS),
            distributions=tuple(
                _distribution(key, counts, issue.event_count) for key, counts in tags.items()
            ),
            happened=tuple(_happened(entry, visitor) for entry in entries[-activity:]),
            has_earlier=len(entries) > activity,
            people=self._shelves.people((issue.project_id,)),
            mutes=CHOICES,
            resolving=choices(self._shelves.releases.newest(issue.project_id, RELEASES)),
            merged=self._merges.into(issue.id),
            until=_until(issue),
        )


def _distribution(key: str, counts: Sequence[TagCount], events: int) -> Distribution:
    shown = [each for each in counts if each.value != OTHER][:SHOWN]
    shares = tuple(
        Share(
            each.value,
            each.count,
            min(_HUNDRED, each.count * _HUNDRED // max(1, events)),
            quote(term_of(key, each.value)),
        )
        for each in shown
    )
    others = sum(each.count for each in counts) - sum(each.count for each in shown)
    return Distribution(key, shares, others)


def _happened(entry: Entry, visitor: str) -> Happened:
    is_comment = entry.kind is Kind.COMMENT
    if entry.kind is Kind.ASSIGNED:
        what = f"assigned it to {entry.said}" if entry.said else "assigned it to nobody"
    elif entry.kind is Kind.CAME_BACK:
        release = f" in {entry.said}" if entry.said else ""
        what = f"It came back{release} after it had been resolved"
    else:
        what = _DONE[entry.kind]
        if not is_comment and entry.said:
            what += f" {entry.said}"
        what += " into this" if entry.kind is Kind.MERGED else ""
    return Happened(
        entry, what, entry.said if is_comment else "", is_comment and entry.by == visitor
    )


def _until(issue: Issue) -> str:
    if issue.resolved_in is not None:
        return in_words(issue.resolved_in)
    if issue.muted_events is not None:
        return f"until it has {issue.muted_events:,} events"
    if issue.muted_users is not None:
        return f"until {issue.muted_users:,} users have met it"
    return f"until {issue.muted_until:%Y-%m-%d %H:%M} UTC" if issue.muted_until else ""
