"""What is said of an issue or a release in a message, as far as it is known when it is told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

from msgspec import Struct
from sqlalchemy import select

from headwater.storage.alerts.message import Message, plain
from headwater.storage.database import Database
from headwater.storage.issues.issue import Issue
from headwater.storage.projects import Project
from headwater.storage.schema import events, issue_tags
from headwater.storage.uploads.seen_releases import SeenRelease

SENTENCES: Final = {
    "new": "New issue",
    "regression": "Back after it was resolved",
    "unmuted": "No longer muted",
}


class Circumstances(Struct, frozen=True):
    """Of an issue's latest event; and every environment that its events came from."""

    release: str
    environment: str
    environments: frozenset[str]


def circumstances_of(database: Database, issue: Issue) -> Circumstances:
    """Empty where nothing is known."""
    latest = select(events.c.release, events.c.environment).where(
        events.c.project_id == issue.project_id, events.c.event_id == issue.latest_event_id
    )
    every = select(issue_tags.c.value).where(
        issue_tags.c.issue_id == issue.id, issue_tags.c.key == "environment"
    )
    with database.read() as connection:
        row = connection.execute(latest).first()
        environments = frozenset(connection.execute(every).scalars())
    if row is None:
        return Circumstances("", "", environments)
    return Circumstances(row.release or "", row.environment or "", environments)


def of_issue(
    issue: Issue, project: Project, around: Circumstances, sentence: str, now: datetime
) -> Message:
    """What an issue's messages have in common; its rule and kind are still to be said."""
    return Message(
        kind="",
        sentence=sentence,
        title=plain(issue.title),
        path=f"/issues/{issue.id}",
        at=now,
        culprit=plain(issue.culprit),
        level=plain(issue.level),
        project=plain(project.name),
        project_slug=project.slug,
        release=plain(around.release),
        environment=plain(around.environment),
        issue_id=issue.id,
        count=issue.event_count,
    )


def of_release(release: SeenRelease, project: Project, sentence: str, now: datetime) -> Message:
    """A release whose frames are not resolved; the rule and its kind are still to be said."""
    return Message(
        kind="",
        sentence=plain(sentence),
        title=plain(f"{release.resolved:,} of {release.frames:,} frames in {release.version}"),
        path=f"/projects/{project.slug}/releases/{quote(release.version)}",
        at=now,
        project=plain(project.name),
        project_slug=project.slug,
        release=plain(release.version),
        count=release.events,
    )


def best_sum(minutes: Sequence[tuple[int, int]], window: int, since: int) -> int:
    """The most events within `window` minutes on end, the last of which is `since` or later.

    `minutes`: (minute, events), in order.
    """
    best = total = first = 0
    for minute, count in minutes:
        total += count
        while minutes[first][0] <= minute - window:
            total -= minutes[first][1]
            first += 1
        if minute >= since:
            best = max(best, total)
    return best
