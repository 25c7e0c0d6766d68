"""What is counted of issues, by hour and by tag, where their events move."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from msgspec import Struct
from sqlalchemy import Connection, bindparam, select

from headwater.storage.database import Database
from headwater.storage.issues.hours import IssueHours, hour_of
from headwater.storage.issues.sighting import Sighting
from headwater.storage.issues.tag_counts import OTHER, Seen, Tag, TagCounts, count_one
from headwater.storage.schema import issue_hours, issue_tags


class Move(Struct, frozen=True):
    """One event that moves, or (`origin` is `target`) shows something else of its issue than before.

    `received_at`: when it came. `tags`: what it is counted by.
    """

    sighting: Sighting
    received_at: datetime
    tags: Sequence[tuple[str, str]]
    origin: int
    target: int


_Hours: TypeAlias = Counter[tuple[int, datetime]]


class Tallies:
    """Takes part in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._hours = IssueHours()
        self._tags = TagCounts(database)

    def forget(self) -> None:
        """A transaction was undone: what was remembered with it is not so."""
        self._tags.forget()

    def move(self, connection: Connection, moves: Sequence[Move]) -> None:
        """Count these events where they are now, and no more where they were."""
        if not moves:
            return
        hours: _Hours = Counter()
        left_hours: _Hours = Counter()
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

    def add(self, connection: Connection, origin: int, target: int) -> None:
        """Count all that one issue has at another, too."""
        counted = {(target, hour): count for hour, count in _hours_of(connection, origin)}
        self._hours.add(connection, counted)
        seen = {
            Tag(target, each.key, each.value): Seen(each.count, each.last_seen)
            for each in _tags_of(connection, origin)
        }
        self._tags.add(connection, seen)

    def subtract(self, connection: Connection, origin: int, target: int) -> None:
        """The reverse of `add`."""
        _take_hours(
            connection,
            Counter({(target, hour): count for hour, count in _hours_of(connection, origin)}),
        )
        _take_tags(
            connection,
            {Tag(target, row.key, row.value): row.count for row in _tags_of(connection, origin)},
        )
        self._tags.forget()

    def clear(self, connection: Connection, issue_id: int) -> None:
        """Nothing is counted of it any more."""
        for table in (issue_hours, issue_tags):
            connection.execute(table.delete().where(table.c.issue_id == issue_id))


def _hours_of(connection: Connection, issue_id: int) -> Sequence[tuple[datetime, int]]:
    wanted = select(issue_hours.c.hour, issue_hours.c.count)
    rows = connection.execute(wanted.where(issue_hours.c.issue_id == issue_id))
    return [(row.hour, row[1]) for row in rows]


class _Counted(Struct, frozen=True):
    key: str
    value: str
    count: int
    last_seen: datetime


_TAGS: Final = select(*(issue_tags.c[name] for name in ("key", "value", "count", "last_seen")))


def _tags_of(connection: Connection, issue_id: int) -> Sequence[_Counted]:
    rows = connection.execute(_TAGS.where(issue_tags.c.issue_id == issue_id))
    return [_Counted(*row) for row in rows]


def _take_hours(connection: Connection, left: _Hours) -> None:
    rows = [{"of": key[0], "at": key[1], "less": count} for key, count in sorted(left.items())]
    if not rows:
        return
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
