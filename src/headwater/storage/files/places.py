"""Where things that several files have in common are stored, by their digests."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from msgspec import Struct
from sqlalchemy import Connection, Table, select

from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.many_rows import insert_all_new

ROWS: Final = 1_000
"""Rows written or deleted in one transaction: some 25 ms on SQLite, where all others wait."""

T = TypeVar("T")


class Place(Struct, frozen=True):
    """Where something is: in which file, and where in it."""

    holder: str
    offset: int
    length: int


class NewPlace(Struct, frozen=True):
    """Something that a new file holds. `digest`: SHA-256, 32 bytes."""

    digest: bytes
    offset: int
    length: int


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
            with self._database.write() as connection:
                if not _is_live(connection, self._holders, holder_id):
                    return
                self.add_few(connection, holder_id, some)

    def add_few(self, connection: Connection, holder_id: int, new: Sequence[NewPlace]) -> None:
        """As `add`, of a file that is live and holds at most ROWS, in a transaction at hand."""
        rows = [
            {
                "version": self._version,
                "digest": place.digest,
                "holder_id": holder_id,
                "offset": place.offset,
                "length": place.length,
            }
            for place in new
        ]
        insert_all_new(connection, self._places, rows)


def forget_places(database: Database, places: Table, holder_id: int) -> None:
    """All that a file holds is nowhere now."""
    some = (
        select(places.c.version, places.c.digest)
        .where(places.c.holder_id == holder_id)
        .order_by(places.c.version, places.c.digest)
        .limit(ROWS)
    )
    is_more = True
    while is_more:
        with database.write() as connection:
            rows = connection.execute(some).all()
            for each in batches(rows):
                connection.execute(
                    places.delete().where(
                        places.c.version == each[0].version,
                        places.c.digest.in_([row.digest for row in each]),
                    )
                )
        is_more = len(rows) == ROWS


def cut(rows: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    """The rows in order, `size` at a time."""
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _is_live(connection: Connection, holders: Table, holder_id: int) -> bool:
    wanted = select(holders.c.id).where(holders.c.id == holder_id, holders.c.retired_at.is_(None))
    return connection.execute(wanted).first() is not None
