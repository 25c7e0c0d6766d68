"""How often each value of each tag came with an issue's events, with a bound on different values."""

from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Final, NamedTuple, TypeAlias

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, func, literal, select, union_all

from headwater.storage.batches import batches, rows_among
from headwater.storage.database import Database
from headwater.storage.issues.tag_values import note_values
from headwater.storage.many_rows import execute_rows
from headwater.storage.schema import issue_tags
from headwater.storage.sums import whole_sum

MAX_VALUES: Final = 1_000
"""Different values of one tag that one issue counts apart; what a person looks through ends far
below. Further ones are counted together, as OTHER."""

MAX_VALUE: Final = 250
"""Characters of a value: the column's width. Longer ones are cut, and counted together if they begin
alike."""

MAX_KEY: Final = 200
"""Characters of a tag's name: the column's width."""

OTHER: Final = ""
"""The value that all values beyond MAX_VALUES are counted as; a tag is never empty."""


MAX_REMEMBERED: Final = 50_000
"""Issues' tags whose number of values is remembered, and values that have a row; those that came last.
Some 200 bytes each."""

_Place: TypeAlias = tuple[int, str]
"""An issue, and a tag's name."""


class Tag(NamedTuple):
    """One value of one tag, at one issue."""

    issue_id: int
    key: str
    value: str


class TagCount(Struct, frozen=True):
    """A value, how many events had it, and when the latest of them was."""

    key: str
    value: str
    count: int
    last_seen: datetime


@dataclass(slots=True)
class Seen:
    """What a batch adds to one value's count."""

    count: int
    last_seen: datetime

    def add(self, other: "Seen") -> None:
        """Both together."""
        self.count += other.count
        self.last_seen = max(self.last_seen, other.last_seen)


def count_one(counted: dict[Tag, Seen], tag: Tag, moment: datetime) -> None:
    """One more event had it, at that moment."""
    seen = counted.get(tag)
    if seen is None:
        counted[tag] = Seen(1, moment)
        return
    seen.count += 1
    seen.last_seen = max(seen.last_seen, moment)


class TagCounts:
    """Reads open their own connection; `add` takes part in the caller's transaction.

    Which values there are, and how many, is remembered: exact with one writer; with several, the
    limit may be exceeded by what they add within one another's time.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sizes: OrderedDict[_Place, int] = OrderedDict()
        self._known: OrderedDict[Tag, None] = OrderedDict()

    def of_issue(self, issue_id: int, per_key: int) -> Mapping[str, Sequence[TagCount]]:
        """Each tag's commonest values, commonest first, and all others together, last, as OTHER; when
        that was last is not told, but when any of the tag was."""
        tags = issue_tags.c
        of_issue = tags.issue_id == issue_id
        place = func.row_number().over(
            partition_by=tags.key, order_by=(tags.count.desc(), tags.value)
        )
        named = tags.key, tags.value, tags.count, tags.last_seen, place.label("place")
        ranked = select(*named).where(of_issue, tags.value != OTHER).subquery()
        commonest = select(ranked).where(ranked.c.place <= per_key)
        total = tags.key, literal(OTHER), whole_sum(tags.count), func.max(tags.last_seen)
        totals = select(*total, literal(per_key + 1)).where(of_issue).group_by(tags.key)
        found: dict[str, list[TagCount]] = {}
        with self._database.read() as connection:
            for *row, _ in connection.execute(
                union_all(commonest, totals).order_by("key", "place")
            ):
                one = TagCount(*row)
                if one.value == OTHER:
                    shown = sum(each.count for each in found.get(one.key, ()))
                    one = replace(one, count=one.count - shown)
                if one.count:
                    found.setdefault(one.key, []).append(one)
        return found

    def add(self, connection: Connection, seen: Mapping[Tag, Seen]) -> None:
        """Count what a batch of events had."""
        counted = {tag: more for tag, more in seen.items() if tag in self._known}
        for tag in counted:
            self._known.move_to_end(tag)
        new = [tag for tag in seen if tag not in counted]
        self._count(connection, {_place(tag) for tag in new})
        full = self._full(connection, new)
        there = _known(connection, [tag for tag in new if _place(tag) in full])
        for tag in new:
            place, more = _place(tag), seen[tag]
            if tag in there:
                counted[tag] = more
            elif self._sizes[place] < MAX_VALUES:
                self._sizes[place] += 1
                counted[tag] = more
            else:
                other = tag._replace(value=OTHER)
                counted.setdefault(other, Seen(0, more.last_seen)).add(more)
        _write(connection, counted)
        note_values(connection, [tag[1:] for tag in new if tag in counted])
        self._known.update(dict.fromkeys(counted))
        for remembered in (self._sizes, self._known):
            while len(remembered) > MAX_REMEMBERED:
                remembered.popitem(last=False)

    def forget(self) -> None:
        """A transaction was undone: what was remembered with it is not so."""
        self._sizes.clear()
        self._known.clear()

    def _full(self, connection: Connection, new: Sequence[Tag]) -> set[_Place]:
        """Tags of issues that may have no room for so many new values more.

        Far from the limit it is not worth a look whether a value that was forgotten is new: then a
        size is too large, until it matters, and is counted again; so it is where values have left since.
        """
        more = Counter(map(_place, new))
        full = {place for place, count in more.items() if self._sizes[place] + count >= MAX_VALUES}
        for place in full:
            del self._sizes[place]
        self._count(connection, full)
        return full

    def _count(self, connection: Connection, places: AbstractSet[_Place]) -> None:
        """See to it that the sizes of these are known, and the last to be forgotten."""
        unknown = places - self._sizes.keys()
        self._sizes.update(dict.fromkeys(unknown, 0))
        for some in batches(sorted(unknown)):
            of_them = rows_among(connection, (issue_tags.c.issue_id, issue_tags.c.key), some)
            wanted = (
                select(issue_tags.c.issue_id, issue_tags.c.key, func.count())
                .where(of_them)
                .group_by(issue_tags.c.issue_id, issue_tags.c.key)
            )
            for issue_id, key, count in connection.execute(wanted):
                self._sizes[issue_id, key] = count
        for place in places:
            self._sizes.move_to_end(place)


def _place(tag: Tag) -> _Place:
    return tag.issue_id, tag.key


def _known(connection: Connection, tags: Sequence[Tag]) -> set[Tag]:
    columns = issue_tags.c.issue_id, issue_tags.c.key, issue_tags.c.value
    found: set[Tag] = set()
    for some in batches(tags):
        rows = connection.execute(select(*columns).where(rows_among(connection, columns, some)))
        found.update(Tag(*row) for row in rows)
    return found


def _write(connection: Connection, counted: Mapping[Tag, Seen]) -> None:
    # In one order always, so that two writers on PostgreSQL don't wait for one another in a ring.
    rows = [
        (*tag, seen.count, seen.last_seen)
        for tag, seen in sorted(counted.items(), key=itemgetter(0))
    ]
    execute_rows(connection, _UPSERT, rows)


_UPSERT: Final = """
INSERT INTO issue_tags (issue_id, key, value, count, last_seen) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (issue_id, key, value) DO UPDATE SET
  count = issue_tags.count + excluded.count,
  last_seen = greatest(issue_tags.last_seen, excluded.last_seen)
"""
