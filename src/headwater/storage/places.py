"""Where things that several files have in common are stored, by their digests.

A family is three tables: files that may hold something (holders), which file uses which holder,
and where each thing is. Rows are written in this order: the holder and what it uses in one
transaction, then its places, some at a time, so that nobody waits long for the database. A
process that dies in between has only places less, and things that are stored twice.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Table, select, update
from sqlalchemy.exc import IntegrityError

from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.insert import insert_all_new

ROWS: Final = 1_000
"""Rows written or deleted in one transaction: some 25 ms on SQLite, where all others wait."""

T = TypeVar("T")


class HolderGone(Exception):
    """A file that was to be used was given up meanwhile. Without it, things work: try again."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: in which file, and where in it."""

    holder: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class NewPlace:
    """Something that a new file holds. `digest`: SHA-256, 32 bytes."""

    digest: bytes
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Family:
    """The tables of one kind of files; `places` may be several: what they hold is of several kinds."""

    holders: Table
    uses: Table
    places: tuple[Table, ...]


class Places:
    """Where the things of one kind are."""

    def __init__(self, database: Database, holders: Table, places: Table, version: int) -> None:
        """`version` of the format that the files are in: others are as if they did not exist."""
        self._database = database
        self._holders = holders
        self._places = places
        self._version = version

    def known(self, digests: Sequence[bytes]) -> dict[bytes, Place]:
        """Those that a file holds. Any number of digests of 32 bytes."""
        places, holders = self._places, self._holders
        wanted = (
            select(places.c.digest, holders.c.name, places.c.offset, places.c.length)
            .join(holders, holders.c.id == places.c.holder_id)
            .where(places.c.version == self._version, holders.c.retired_at.is_(None))
        )
        found: dict[bytes, Place] = {}
        with self._database.read() as connection:
            for some in batches(sorted(digests)):
                for row in connection.execute(wanted.where(places.c.digest.in_(some))):
                    found[row.digest] = Place(row.name, row.offset, row.length)
        return found

    def add(self, holder_id: int, new: Sequence[NewPlace]) -> None:
        """A file holds these; of two files that hold the same, the first one is remembered."""
        # In order, so that each transaction writes to a part of the table of its own.
        for some in cut(sorted(new, key=lambda place: place.digest), ROWS):
            rows = [
                {
                    "version": self._version,
                    "digest": place.digest,
                    "holder_id": holder_id,
                    "offset": place.offset,
                    "length": place.length,
                }
                for place in some
            ]
            with self._database.write() as connection:
                if not _is_live(connection, self._holders, holder_id):
                    return
                insert_all_new(connection, self._places, rows)


def use(connection: Connection, family: Family, user_id: int, holders: Collection[str]) -> None:
    """From now on a file uses these others, which can't be deleted any more. Raises HolderGone."""
    ids: list[int] = []
    names = tuple(set(holders))
    for some in batches(names):
        wanted = select(family.holders.c.id).where(
            family.holders.c.name.in_(some), family.holders.c.retired_at.is_(None)
        )
        ids.extend(connection.execute(wanted).scalars())
    if len(ids) != len(names):
        raise HolderGone(f"{len(names) - len(ids)} files were given up that this one uses")
    rows = [{"user_id": user_id, "holder_id": each} for each in ids]
    if rows:
        connection.execute(family.uses.insert(), rows)


def retire(
    database: Database,
    family: Family,
    names: Collection[str],
    now: datetime,
    *if_still: ColumnElement[bool],
) -> int:
    """Nothing new uses these files any more, and look-ups prefer others; how many it were.

    Names that are unknown, retired already, or don't fulfil the conditions when it is their turn,
    are left alone. What the files hold is stored anew when it comes again.
    """
    holders = family.holders
    total = 0
    for some in batches(tuple(names)):
        with database.write() as connection:
            retired = connection.execute(
                update(holders)
                .where(holders.c.name.in_(some), holders.c.retired_at.is_(None), *if_still)
                .values(retired_at=now)
                .returning(holders.c.id)
            )
            ids = retired.scalars().all()
        for holder_id in ids:
            _forget_places(database, family, holder_id)
        total += len(ids)
    return total


def drop_retired(
    database: Database, family: Family, before: datetime, *only: ColumnElement[bool]
) -> tuple[str, ...]:
    """Forget files that were given up before `before` and that no other uses; their names.

    Their bytes can be deleted then: nobody can find or use them any more.
    """
    dropped: list[str] = []
    while some := _unused(database, family, before, *only):
        for row in some:
            _forget_places(database, family, row.id)
        gone = [row.name for row in some if _drop(database, family, row.id)]
        if not gone:
            break
        dropped.extend(gone)
    return tuple(dropped)


def cut(rows: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    """The rows in order, `size` at a time."""
    return (rows[start : start + size] for start in range(0, len(rows), size))


def is_unused(family: Family) -> ColumnElement[bool]:
    """Of a holder: that no file uses it."""
    uses = family.uses
    return ~select(uses.c.holder_id).where(uses.c.holder_id == family.holders.c.id).exists()


def _unused(
    database: Database, family: Family, before: datetime, *only: ColumnElement[bool]
) -> Sequence[Row[int, str]]:
    holders = family.holders
    wanted = (
        select(holders.c.id, holders.c.name)
        .where(holders.c.retired_at < before, is_unused(family), *only)
        .limit(ROWS)
    )
    with database.read() as connection:
        return connection.execute(wanted).all()


def _drop(database: Database, family: Family, holder_id: int) -> bool:
    holders = family.holders
    try:
        with database.write() as connection:
            gone = connection.execute(
                holders.delete().where(holders.c.id == holder_id, is_unused(family))
            )
            return gone.rowcount == 1
    except IntegrityError:  # PostgreSQL: somebody began to use it in this moment
        return False


def _forget_places(database: Database, family: Family, holder_id: int) -> None:
    for places in family.places:
        some = (
            select(places.c.version, places.c.digest)
            .where(places.c.holder_id == holder_id)
            .order_by(places.c.version, places.c.digest)
            .limit(ROWS)
        )
        while _delete_some(database, places, some):
            pass


def _delete_some(database: Database, places: Table, some: Any) -> bool:
    with database.write() as connection:
        rows = connection.execute(some).all()
        for each in batches(rows):
            connection.execute(
                places.delete().where(
                    places.c.version == each[0].version,
                    places.c.digest.in_([row.digest for row in each]),
                )
            )
        return len(rows) == ROWS


def _is_live(connection: Connection, holders: Table, holder_id: int) -> bool:
    wanted = select(holders.c.id).where(holders.c.id == holder_id, holders.c.retired_at.is_(None))
    return connection.execute(wanted).first() is not None
