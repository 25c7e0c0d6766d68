"""Which chunks each home has uploaded. Knowing a chunk's SHA-1 gives nobody another's content."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select, update

from headwater.protocol.chunks import Sha1
from headwater.storage.database import Database
from headwater.storage.home import Home, of_home
from headwater.storage.insert import insert_if_new
from headwater.storage.schema import chunks

BATCH: Final = 500
"""Names in one statement: SQLite takes 32,766 parameters, older builds of it 999."""


class Chunks:
    """The register of chunks; their bytes are blobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def register(self, home: Home, sizes: Mapping[Sha1, int], now: datetime) -> None:
        """The home has these chunks now; their bytes are durable already."""
        with self._database.write() as connection:
            for sha1, size in sizes.items():
                row = {"project_id": home, "sha1": sha1, "size": size, "touched_at": now}
                if not insert_if_new(connection, chunks, row):
                    connection.execute(
                        update(chunks)
                        .where(of_home(chunks, home), chunks.c.sha1 == sha1)
                        .values(touched_at=now, size=size)
                    )

    def touch(self, home: Home, sha1s: Sequence[Sha1], now: datetime) -> dict[Sha1, int]:
        """Sizes of those chunks that the home has; expiry won't take these for a while."""
        found: dict[Sha1, int] = {}
        with self._database.write() as connection:
            for names in _batches(sha1s):
                wanted = (of_home(chunks, home), chunks.c.sha1.in_(names))
                rows = connection.execute(
                    update(chunks)
                    .where(*wanted)
                    .values(touched_at=now)
                    .returning(chunks.c.sha1, chunks.c.size)
                )
                found.update({Sha1(row.sha1): row.size for row in rows})
        return found

    def expire(self, before: datetime, delete: Callable[[Sha1], None]) -> int:
        """Forget chunks that nobody touched since; how many.

        `delete` gets those that no other home has. It is called with the register locked, so that
        nobody can register one of them in between.
        """
        with self._database.write() as connection:
            gone = connection.execute(
                chunks.delete().where(chunks.c.touched_at < before).returning(chunks.c.sha1)
            ).scalars()
            names = tuple(Sha1(sha1) for sha1 in gone)
            kept: set[str] = set()
            for batch in _batches(names):
                kept.update(
                    connection.execute(
                        select(chunks.c.sha1).where(chunks.c.sha1.in_(batch))
                    ).scalars()
                )
            for sha1 in dict.fromkeys(names):
                if sha1 not in kept:
                    delete(sha1)
        return len(names)


def _batches(names: Sequence[Sha1]) -> Iterator[Sequence[Sha1]]:
    for start in range(0, len(names), BATCH):
        yield names[start : start + BATCH]
