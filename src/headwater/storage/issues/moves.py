"""Events that move from one issue to another, with everything that is counted of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, Row, bindparam, func, select

from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.issues.hashes import HashTaken
from headwater.storage.issues.hours import IssueHours, hour_of
from headwater.storage.issues.issues import Sighting, is_gone
from headwater.storage.issues.search import Status
from headwater.storage.issues.tag_counts import OTHER, Seen, Tag, TagCounts, count_one
from headwater.storage.schema import (
    events,
    issue_activity,
    issue_hashes,
    issue_hours,
    issue_tags,
    issues,
    merges,
    removed_events,
)

EDGE: Final = 100
"""Events at each end of an issue, in the order of storing, among which its first and latest are
looked for when one of them has left it: clients' clocks differ, but not by so many events."""


@dataclass(frozen=True, slots=True)
class Move:
    """One event that moves, or (`origin` is `target`) shows something else of its issue than before.

    `received_at`: when it came. `tags`: what it is counted by.
    """

    sighting: Sighting
    received_at: datetime
    tags: Sequence[tuple[str, str]]
    origin: int
    target: int


@dataclass(frozen=True, slots=True)
class Moved:
    """What moving events did to issues, by their ids.

    `nameless`: those whose title was that of an event that left them. `back`: those that had been
    resolved before an event came that has turned out to be of them.
    """

    nameless: Sequence[int]
    back: Sequence[int]


_Hours: TypeAlias = Counter[tuple[int, datetime]]


class IssueMoves:
    """All of it takes part in the caller's transaction, after the events themselves have moved."""

    def __init__(self, database: Database) -> None:
        self._hours = IssueHours(database)
        self._tags = TagCounts(database)

    def forget(self) -> None:
        """A transaction was undone: what was remembered with it is not so."""
        self._tags.forget()

    def move(self, connection: Connection, moves: Sequence[Move]) -> Moved:
        """Count them where they are now, and no more where they were.

        Raises HashTaken if one that they leave or move to was merged or deleted meanwhile: what is
        counted of it is not its own any more.
        """
        touched = sorted({each.origin for each in moves} | {each.target for each in moves})
        rows = _locked(connection, touched)
        if any(is_gone(row) for row in rows.values()):
            raise HashTaken
        leaving = [each for each in moves if each.origin != each.target]
        self._count(connection, leaving)
        changed = {issue_id: dict(row._mapping) for issue_id, row in rows.items()}  # noqa: SLF001
        nameless, back = set(), set()
        for each in leaving:
            origin = changed[each.origin]
            origin["event_count"] -= 1
            if origin["shown_at"] == each.sighting.timestamp:
                nameless.add(each.origin)
            target = changed[each.target]
            _arrive(target, each.sighting)
            if target["status"] == Status.RESOLVED and target["resolved_at"] < each.received_at:
                target["status"], target["resolved_at"] = Status.UNRESOLVED.value, None
                back.add(each.target)
        for each in moves:
            if each.origin == each.target:
                _show(changed[each.target], each.sighting)
        for issue_id in {each.origin for each in leaving}:
            _look_again(connection, changed[issue_id])
        _write(connection, changed.values())
        return Moved(sorted(nameless), sorted(back))

    def name(self, connection: Connection, issue_id: int, seen: Sighting) -> None:
        """Show a title and culprit whatever was shown before."""
        shown = {"title": seen.title, "culprit": seen.culprit, "platform": seen.platform}
        shown_at = seen.timestamp if seen.is_settled else None
        this = issues.update().where(issues.c.id == issue_id)
        connection.execute(this.values(shown_at=shown_at, **shown))

    def left_empty(self, connection: Connection, moves: Iterable[Move]) -> dict[int, int]:
        """Issues that none of the stored events is of any more, each with that where its last one went."""
        last = {each.origin: each.target for each in moves}
        there = select(events.c.id).where(events.c.issue_id == issues.c.id).exists()
        found: set[int] = set()
        for some in batches(sorted(last)):
            empty = select(issues.c.id).where(issues.c.id.in_(some), ~there)
            found.update(connection.execute(empty).scalars())
        # Where one went may be left empty as well.
        return {
            each: _end_of(each, last, found) for each in found if _end_of(each, last, found) != each
        }

    def merge(self, connection: Connection, origin: int, target: int) -> None:
        """Leave a tombstone of an issue, and give what is left of it to another: its hashes, what was
        said about it, and what is counted; its events, if it has any, are the caller's to move."""
        rows = _locked(connection, sorted((origin, target)))
        gone, kept = rows[origin], dict(rows[target]._mapping)  # noqa: SLF001
        if gone.event_count > 0:
            _absorb(kept, gone)
            _write(connection, [kept])
        self._inherit(connection, origin, target)
        # Whose events are still on their way here go on to where this one went.
        on_the_way = merges.update().where(merges.c.target == origin)
        connection.execute(on_the_way.values(target=target))
        of_gone = issue_hashes.c.issue_id == origin
        connection.execute(issue_hashes.update().where(of_gone).values(issue_id=target))
        said_of_gone = issue_activity.update().where(issue_activity.c.issue_id == origin)
        connection.execute(said_of_gone.values(issue_id=target))
        # A merge always points at the end of the chain.
        these = (issues.c.id == origin) | (issues.c.merged_into == origin)
        connection.execute(issues.update().where(these).values(merged_into=target))
        nothing = {"event_count": 0, "latest_event_id": None}
        connection.execute(issues.update().where(issues.c.id == origin).values(nothing))

    def _count(self, connection: Connection, moves: Sequence[Move]) -> None:
        hours: _Hours = Counter()
        left_hours: _Hours = Counter()
        if not moves:
            return
        tags: dict[Tag, Seen] = {}
        left_tags: Counter[Tag] = Counter()
        for each in moves:
            moment = each.sighting.timestamp
            hours[each.target, hour_of(moment)] += 1
            left_hours[each.origin, hour_of(moment)] += 1
            for name, value in each.tags:
                count_one(tags, Tag(each.target, name, value), moment)
                left_tags[Tag(each.origin, name, value)] += 1
        _take_hours(connection, left_hours)
        _take_tags(connection, left_tags)
        self._tags.forget()
        self._hours.add(connection, hours)
        self._tags.add(connection, tags)

    def _inherit(self, connection: Connection, origin: int, target: int) -> None:
        hours = select(issue_hours.c.hour, issue_hours.c.count).where(
            issue_hours.c.issue_id == origin
        )
        counted = {(target, hour): count for hour, count in connection.execute(hours)}
        self._hours.add(connection, counted)
        columns = (issue_tags.c[name] for name in ("key", "value", "count", "last_seen"))
        tags = select(*columns).where(issue_tags.c.issue_id == origin)
        seen = {
            Tag(target, key, value): Seen(count, last_seen)
            for key, value, count, last_seen in connection.execute(tags)
        }
        self._tags.add(connection, seen)
        for table in (issue_hours, issue_tags):
            connection.execute(table.delete().where(table.c.issue_id == origin))
        self.inherit_removed(connection, origin, target)

    def inherit_removed(self, connection: Connection, origin: int, target: int) -> None:
        """How many events retention took from one issue becomes the other's."""
        gone = removed_events.delete().where(removed_events.c.issue_id == origin)
        count = connection.execute(gone.returning(removed_events.c.count)).scalar() or 0
        if count:
            there = connection.execute(
                removed_events.update()
                .where(removed_events.c.issue_id == target)
                .values(count=removed_events.c.count + count)
            )
            if not there.rowcount:
                row = {"issue_id": target, "count": count}
                connection.execute(removed_events.insert().values(row))


def _absorb(kept: dict[str, Any], gone: Row[Any]) -> None:
    """All events of another issue have become this one's."""
    kept["event_count"] += gone.event_count
    kept["first_seen"] = min(kept["first_seen"], gone.first_seen)
    if gone.last_seen > kept["last_seen"]:
        kept["last_seen"] = gone.last_seen
        if gone.latest_event_id is not None:
            kept["latest_event_id"], kept["level"] = gone.latest_event_id, gone.level
    shown_at = kept["shown_at"]
    if gone.shown_at is not None and (shown_at is None or gone.shown_at >= shown_at):
        kept |= {name: getattr(gone, name) for name in ("title", "culprit", "platform", "shown_at")}


def _locked(connection: Connection, ids: Sequence[int]) -> dict[int, Row[Any]]:
    found: dict[int, Row[Any]] = {}
    for some in batches(ids):
        wanted = select(issues).where(issues.c.id.in_(some)).order_by(issues.c.id)
        rows = connection.execute(wanted.with_for_update(key_share=True))
        found.update((row.id, row) for row in rows)
    return found


def _arrive(issue: dict[str, Any], seen: Sighting) -> None:
    issue["event_count"] += 1
    issue["first_seen"] = min(issue["first_seen"], seen.timestamp)
    # Not the same moment: of events that happened at once the last stored one comes first here.
    if seen.timestamp > issue["last_seen"] or issue["latest_event_id"] is None:
        issue["last_seen"] = max(issue["last_seen"], seen.timestamp)
        issue["latest_event_id"], issue["level"] = seen.event_id, seen.level
    _show(issue, seen)


def _show(issue: dict[str, Any], seen: Sighting) -> None:
    """Title and culprit are those of the latest event that is readable."""
    shown_at = issue["shown_at"]
    if seen.is_settled and (shown_at is None or seen.timestamp >= shown_at):
        issue["title"], issue["culprit"] = seen.title, seen.culprit
        issue["platform"], issue["shown_at"] = seen.platform, seen.timestamp


def _look_again(connection: Connection, issue: dict[str, Any]) -> None:
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


def _write(connection: Connection, changed: Iterable[Mapping[str, Any]]) -> None:
    rows = [{f"new_{name}": row[name] for name in ("id", *_CHANGING)} for row in changed]
    if rows:
        this = issues.c.id == bindparam("new_id")
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _CHANGING}
        connection.execute(issues.update().where(this).values(values), rows)


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
)


def _take_hours(connection: Connection, left: _Hours) -> None:
    rows = [{"of": key[0], "at": key[1], "less": count} for key, count in sorted(left.items())]
    this = (
        issue_hours.c.issue_id == bindparam("of"),
        issue_hours.c.hour == bindparam("at"),
    )
    less = issue_hours.c.count - bindparam("less")
    connection.execute(issue_hours.update().where(*this).values(count=less), rows)
    of_them = issue_hours.c.issue_id.in_(sorted({key[0] for key in left}))
    connection.execute(issue_hours.delete().where(of_them, issue_hours.c.count <= 0))


def _take_tags(connection: Connection, left: Mapping[Tag, int]) -> None:
    """A value without a row of its own was counted with the others, if there are any."""
    own: defaultdict[int, set[tuple[str, str]]] = defaultdict(set)
    for tag in left:
        own[tag.issue_id].add((tag.key, tag.value))
    rows = []
    for issue_id, wanted in own.items():
        keys = sorted({key for key, _ in wanted})
        there = select(issue_tags.c.key, issue_tags.c.value).where(
            issue_tags.c.issue_id == issue_id, issue_tags.c.key.in_(keys)
        )
        known = {(row[0], row[1]) for row in connection.execute(there)}
        for key, value in wanted:
            count = left[Tag(issue_id, key, value)]
            counted_as = value if (key, value) in known else OTHER
            rows.append({"of": issue_id, "named": key, "as": counted_as, "less": count})
    if not rows:
        return
    this = (
        issue_tags.c.issue_id == bindparam("of"),
        issue_tags.c.key == bindparam("named"),
        issue_tags.c.value == bindparam("as"),
    )
    less = issue_tags.c.count - bindparam("less")
    rows.sort(key=lambda row: (row["of"], row["named"], row["as"]))
    connection.execute(issue_tags.update().where(*this).values(count=less), rows)
    connection.execute(
        issue_tags.delete().where(issue_tags.c.issue_id.in_(sorted(own)), issue_tags.c.count <= 0)
    )


def _end_of(issue_id: int, last: Mapping[int, int], empty: set[int]) -> int:
    seen = {issue_id}
    target = last[issue_id]
    while target in empty and target in last and target not in seen:
        seen.add(target)
        target = last[target]
    return target
