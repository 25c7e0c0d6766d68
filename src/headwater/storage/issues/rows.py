"""Rows of issues that are changed in a transaction: locked, worked out in memory, written together."""

from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from headwater.storage.batches import among, batches
from headwater.storage.issues.sighting import Sighting
from headwater.storage.many_rows import update_all
from headwater.storage.schema import events, issues, removed_events

EDGE: Final = 100
"""Events at each end of an issue, in the order of storing, among which its first and latest are
looked for when one of them has left it: clients' clocks differ, but not by so many events."""

Changing = MutableMapping[str, Any]
"""A row of `issues`."""


def locked(connection: Connection, ids: Sequence[int]) -> dict[int, Row[Any]]:
    """In order, so that of two transactions only one waits for the other."""
    found: dict[int, Row[Any]] = {}
    for some in batches(sorted(ids)):
        wanted = select(issues).where(among(connection, issues.c.id, some)).order_by(issues.c.id)
        rows = connection.execute(wanted.with_for_update(key_share=True))
        found.update((row.id, row) for row in rows)
    return found


def locked_ends(connection: Connection, ids: Collection[int]) -> dict[int, Row[Any]] | None:
    """By the number of each of these, the issue that its events belong to now: itself, or the one that
    it was merged into. Locked until the transaction ends: whoever merges that one, or takes something out
    of it, locks it first. None, if somebody did so just now: begin anew, with nothing locked, since
    another end may have a lower number."""
    ends = _ends(connection, ids)
    rows = locked(connection, list(set(ends.values())))
    if _ends(connection, ids) != ends:
        return None
    return {number: rows[end] for number, end in ends.items() if end in rows}


def _ends(connection: Connection, ids: Collection[int]) -> dict[int, int]:
    end = func.coalesce(issues.c.merged_into, issues.c.id)
    found: dict[int, int] = {}
    for some in batches(sorted(ids)):
        rows = connection.execute(select(issues.c.id, end).where(issues.c.id.in_(some)))
        found.update((row[0], row[1]) for row in rows)
    return found


def changing(row: Row[Any]) -> Changing:
    """A copy that can be changed."""
    return dict(row._mapping)  # noqa: SLF001 # public in SQLAlchemy


def absorb(kept: Changing, gone: Row[Any]) -> None:
    """All events of another issue have become this one's."""
    kept["event_count"] += gone.event_count
    if kept["muted_events"] is not None:
        kept["muted_events"] += gone.event_count
    kept["first_seen"] = min(kept["first_seen"], gone.first_seen)
    if gone.last_seen > kept["last_seen"]:
        kept["last_seen"] = gone.last_seen
        if gone.latest_event_id is not None:
            kept["latest_event_id"], kept["level"] = gone.latest_event_id, gone.level
    shown_at = kept["shown_at"]
    if gone.shown_at is not None and (shown_at is None or gone.shown_at >= shown_at):
        kept.update(
            {name: getattr(gone, name) for name in ("title", "culprit", "platform", "shown_at")}
        )


def leave(issue: Changing, count: int = 1) -> None:
    """So many events are no longer of it. A mute ends as many events later as before."""
    issue["event_count"] -= count
    if issue["muted_events"] is not None:
        issue["muted_events"] -= count


def arrive(issue: Changing, one: Sighting) -> None:
    """An event has moved to it, which a mute doesn't wait for."""
    leave(issue, -1)
    issue["first_seen"] = min(issue["first_seen"], one.timestamp)
    # Not the same moment: of events that happened at once the last stored one comes first here.
    if one.timestamp > issue["last_seen"] or issue["latest_event_id"] is None:
        issue["last_seen"] = max(issue["last_seen"], one.timestamp)
        issue["latest_event_id"], issue["level"] = one.event_id, one.level
    show(issue, one)


def show(issue: Changing, one: Sighting) -> None:
    """Title and culprit are those of the latest event that is readable."""
    shown_at = issue["shown_at"]
    if one.is_settled and (shown_at is None or one.timestamp >= shown_at):
        issue["title"], issue["culprit"] = one.title, one.culprit
        issue["platform"], issue["shown_at"] = one.platform, one.timestamp


def look_again(connection: Connection, issue: Changing) -> None:
    """First and latest of an issue that events have left; nothing, if none is left."""
    columns = select(events.c.id, events.c.event_id, events.c.timestamp, events.c.level)
    of_issue = columns.where(events.c.issue_id == issue["id"]).limit(EDGE)
    newest = connection.execute(of_issue.order_by(events.c.id.desc())).all()
    if not newest:
        return
    latest = max(newest, key=lambda row: (row.timestamp, row.id))
    issue["last_seen"], issue["level"] = latest.timestamp, latest.level
    issue["latest_event_id"] = latest.event_id
    removed = select(func.sum(removed_events.c.count))
    if not connection.execute(removed.where(removed_events.c.issue_id == issue["id"])).scalar():
        oldest = connection.execute(of_issue.order_by(events.c.id)).all()
        issue["first_seen"] = min(row.timestamp for row in oldest)


def write_rows(connection: Connection, changed: Iterable[Mapping[str, Any]]) -> None:
    """Of several, in the order of their numbers."""
    in_order = sorted(changed, key=lambda row: row["id"])
    rows = [{name: row[name] for name in ("id", *_CHANGING)} for row in in_order]
    update_all(connection, issues, rows, "id")


_CHANGING: Final = (
    "event_count",
    "first_seen",
    "last_seen",
    "latest_event_id",
    "level",
    "title",
    "culprit",
    "platform",
    "shown_at",
    "status",
    "resolved_at",
    "resolved_in",
    "decided_at",
    "muted_until",
    "muted_events",
    "muted_users",
)
