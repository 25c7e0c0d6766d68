"""What a list shows beside issues, asked for all of them at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from headwater.storage.database import Database
from headwater.storage.issues.decisions import USER
from headwater.storage.issues.hours import hour_of
from headwater.storage.issues.tag_counts import OTHER
from headwater.storage.schema import issue_hours, issue_tags

RELEASE: Final = "release"
"""The tag that says what ran."""


@dataclass(frozen=True, slots=True)
class Figures:
    """`hours`: events by hour; those without any are left out. `users`: how many met it; more, if
    `has_more_users`. `release`: that of its latest events, if they say so."""

    hours: Mapping[datetime, int]
    users: int
    has_more_users: bool
    release: str


class IssueFigures:
    """Three questions, however many issues."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, issue_ids: Sequence[int], since: datetime) -> Mapping[int, Figures]:
        """Of each; `since`: how far back its hours are wanted."""
        if not issue_ids:
            return {}
        hours: defaultdict[int, dict[datetime, int]] = defaultdict(dict)
        tags = issue_tags.c
        of_tags = tags.issue_id.in_(issue_ids)
        with self._database.read() as connection:
            counted = select(issue_hours).where(
                issue_hours.c.issue_id.in_(issue_ids), issue_hours.c.hour >= hour_of(since)
            )
            for issue_id, hour, count in connection.execute(counted):
                hours[issue_id][hour] = count
            users = (
                select(tags.issue_id, func.count(), func.min(tags.value))
                .where(of_tags, tags.key == USER)
                .group_by(tags.issue_id)
            )
            met = {
                issue_id: (count - (least == OTHER), least == OTHER)
                for issue_id, count, least in connection.execute(users)
            }
            seen = select(tags.issue_id, tags.value, tags.last_seen)
            releases = seen.where(of_tags, tags.key == RELEASE, tags.value != OTHER)
            ran = connection.execute(releases.order_by(tags.last_seen)).all()
        latest = {issue_id: value for issue_id, value, _ in ran}
        return {
            each: Figures(hours[each], *met.get(each, (0, False)), latest.get(each, ""))
            for each in issue_ids
        }
