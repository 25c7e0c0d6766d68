"""What one event tells about its issue, and what becomes of the issue by it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Row

from headwater.storage.issues.decisions import DECIDED, UNDECIDED
from headwater.storage.issues.resolved import ReleaseDates, Resolved
from headwater.storage.issues.search import Status


class Sighting(Struct, frozen=True):
    """One event of an issue.

    `is_settled`: no frame that the grouping looked at is still minified, so that the title and
    culprit are for people and may replace the issue's: the latest such event's are shown.
    """

    event_id: str
    timestamp: datetime
    title: str
    culprit: str
    level: str
    platform: str
    is_settled: bool
    received_at: datetime | None = None
    """When the event came; None: now."""
    release: str | None = None


def is_gone(row: Row[Any]) -> bool:
    """Whether an issue was merged into another, or deleted."""
    return row.merged_into is not None or row.status == Status.DELETED


def seen(row: Row[Any], sightings: Sequence[Sighting], dates: ReleaseDates) -> dict[str, Any]:
    """The issue's row after these events."""
    latest, shown_at = row.latest_event_id, row.shown_at
    shown: Row[Any] | Sighting = row
    level, last_seen = row.level, row.last_seen
    count = row.event_count + len(sightings)
    for each in sightings:
        if each.timestamp >= last_seen:
            last_seen, latest, level = each.timestamp, each.event_id, each.level
        if each.is_settled and (shown_at is None or each.timestamp >= shown_at):
            shown, shown_at = each, each.timestamp
    stays = _stays(row, count, sightings, dates)
    return {
        "id": row.id,
        "event_count": count,
        "first_seen": min(row.first_seen, *(each.timestamp for each in sightings)),
        "last_seen": last_seen,
        "latest_event_id": latest,
        "level": level,
        "title": shown.title,
        "culprit": shown.culprit,
        "platform": shown.platform,
        "shown_at": shown_at,
        **({name: getattr(row, name) for name in DECIDED} if stays else UNDECIDED),
    }


def release_of_return(row: Row[Any], sightings: Sequence[Sighting], dates: ReleaseDates) -> str:
    """The release of the first of these that brings a resolved issue back; empty if it tells none."""
    resolved = Resolved.of_row(row)
    undoing = (
        each.release or ""
        for each in sightings
        if resolved.is_undone_by(each.release, each.received_at, dates)
    )
    return next(undoing, "")


def _stays(row: Row[Any], count: int, sightings: Sequence[Sighting], dates: ReleaseDates) -> bool:
    """Whether what a person decided still holds."""
    if row.status == Status.IGNORED:
        return row.muted_events is None or count < row.muted_events
    resolved = Resolved.of_row(row)
    return row.status == Status.RESOLVED and not any(
        resolved.is_undone_by(each.release, each.received_at, dates) for each in sightings
    )
