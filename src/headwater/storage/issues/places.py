"""Where issues are thrown through: files and functions of the user's own frames, as they were written.

Issues are looked for by them. Events that threw in the same place share a resolution, so that it is
noted once for each issue and resolution, and remembered; an event costs nothing more. What belongs to a
merged issue stays with its tombstone, and is found there.
"""

import hashlib
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple, Self

from sqlalchemy import Column, ColumnElement, Connection, func, select

from headwater.storage.batches import batches
from headwater.storage.likeness import holds
from headwater.storage.many_rows import execute_rows
from headwater.storage.schema import events, issue_places, issues, places

MAX_PLACES: Final = 200
"""Places of one issue, the first that came: the frames of a few stack traces. Further ones are not
looked for."""

MAX_FILE: Final = 500
"""Characters of a file that are kept, the last."""

MAX_FUNCTION: Final = 250
"""Characters of a function's name that are kept, the first."""

MAX_REMEMBERED: Final = 50_000
"""Issues with one of their resolutions that are remembered as noted, the latest: 150 bytes each."""

MAX_LOOKED_AT: Final = 100
"""Different resolutions of an issue's latest events that are looked at when events have left it."""


class Place(NamedTuple):
    """Of a frame; either may be empty."""

    file: str
    function: str

    @classmethod
    def of(cls, file: str, function: str) -> Self:
        """As much of both as is kept."""
        return cls(file[-MAX_FILE:], function[:MAX_FUNCTION])

    def id_in(self, project_id: int) -> int:
        """63 bits of a hash: the same place has one row, whoever writes it."""
        text = f"{project_id}\0{self.file}\0{self.function}".encode("utf-8", "replace")
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest()) >> 1


class Stack(NamedTuple):
    """A resolution that events of an issue have."""

    project_id: int
    issue_id: int
    digest: bytes


class IssuePlaces:
    """Takes part in the caller's transaction."""

    def __init__(self) -> None:
        self._noted: OrderedDict[Stack, None] = OrderedDict()

    def add(
        self,
        connection: Connection,
        stacks: Mapping[Stack, Callable[[], Collection[Place]]],
        made: Collection[int] = (),
    ) -> None:
        """Note where these go through; whatever was noted already is not even looked at. Nothing was of
        the issues that were `made` just now: SQLite gives the number of a deleted one again."""
        new = [stack for stack in stacks if stack.issue_id in made or stack not in self._noted]
        for stack in stacks:
            self._noted[stack] = None
            self._noted.move_to_end(stack)
        while len(self._noted) > MAX_REMEMBERED:
            self._noted.popitem(last=False)
        found: defaultdict[tuple[int, int], set[Place]] = defaultdict(set)
        for stack in new:
            found[stack.issue_id, stack.project_id].update(stacks[stack]())
        _note(connection, found)

    def forget(self) -> None:
        """A transaction was undone, or an issue's places were looked for anew."""
        self._noted.clear()


def look_again_for_places(
    connection: Connection, issue_id: int, read: Callable[[Sequence[bytes]], Iterable[Place]]
) -> None:
    """Note an issue's places anew: events have left it. `read`: those of resolutions by digest."""
    own = select(issues.c.project_id).where(issues.c.id == issue_id)
    any_ = select(issue_places.c.place_id).where(issue_places.c.issue_id == issue_id).limit(1)
    project_id = connection.execute(own).scalar()
    if project_id is None or connection.execute(any_).first() is None:
        return
    latest = (
        select(events.c.resolution_digest)
        .where(events.c.issue_id == issue_id)
        .order_by(events.c.id.desc())
        .limit(10 * MAX_LOOKED_AT)
    )
    digests = list(dict.fromkeys(each for each in connection.execute(latest).scalars() if each))
    connection.execute(issue_places.delete().where(issue_places.c.issue_id == issue_id))
    _note(connection, {(issue_id, project_id): set(read(digests[:MAX_LOOKED_AT]))})


def in_places(column: Column[str], text: str) -> ColumnElement[bool]:
    """Of an issue: whether a place of it, or of what was merged into it, holds this text."""
    # Not joined: SQLite would begin with the issues, and compare each of their places.
    found = select(places.c.id).where(holds(column, text))
    of_them = select(issue_places.c.issue_id).where(issue_places.c.place_id.in_(found))
    noted = issues.alias()
    ends = select(func.coalesce(noted.c.merged_into, noted.c.id)).where(noted.c.id.in_(of_them))
    return issues.c.id.in_(ends)


def _note(connection: Connection, found: Mapping[tuple[int, int], Collection[Place]]) -> None:
    """By issue and project."""
    wanted = {key: some for key, some in found.items() if some}
    if not wanted:
        return
    room = _room(connection, [issue_id for issue_id, _ in wanted])
    texts: dict[int, tuple[int, int, str, str]] = {}
    rows = []
    for (issue_id, project_id), some in sorted(wanted.items()):
        for place in sorted(some)[: room[issue_id]]:
            place_id = place.id_in(project_id)
            texts[place_id] = (place_id, project_id, place.file, place.function)
            rows.append((issue_id, place_id))
    # In order, so that of two transactions only one waits for the other.
    execute_rows(connection, _INSERT_PLACE, [texts[each] for each in sorted(texts)])
    execute_rows(connection, _INSERT, rows)


_INSERT_PLACE: Final = """
INSERT INTO places (id, project_id, file, function) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
_INSERT: Final = """
INSERT INTO issue_places (issue_id, place_id) VALUES (%s, %s) ON CONFLICT DO NOTHING
"""


def _room(connection: Connection, issue_ids: Sequence[int]) -> Mapping[int, int]:
    room = dict.fromkeys(issue_ids, MAX_PLACES)
    for some in batches(sorted(room)):
        counted = (
            select(issue_places.c.issue_id, func.count())
            .where(issue_places.c.issue_id.in_(some))
            .group_by(issue_places.c.issue_id)
        )
        for issue_id, count in connection.execute(counted):
            room[issue_id] = max(0, MAX_PLACES - count)
    return room
