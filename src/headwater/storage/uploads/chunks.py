"""Which chunks each home has uploaded. Knowing a chunk's SHA-1 gives nobody another's content."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from headwater.protocol.chunks import Sha1
from headwater.storage.batches import batches
from headwater.storage.database import Database
from headwater.storage.many_rows import insert_if_new
from headwater.storage.schema import chunks
from headwater.storage.uploads.home import Home, of_home
from headwater.storage.uploads.unnamed import check_there, drop_unnamed


class Chunks:
    """The register of chunks; their bytes are blobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def register(
        self,
        home: Home,
        sizes: Mapping[Sha1, int],
        now: datetime,
        is_there: Callable[[str], bool],
    ) -> None:
        """The home has these chunks now; their bytes are durable already. `is_there` tells of one whether
        its blob, which was just stored, still is: see `unnamed`. Raises BlobsMissing."""
        with self._database.write() as connection:
            for sha1, size in sizes.items():
                row = {"project_id": home, "sha1": sha1, "size": size, "touched_at": now}
                if not insert_if_new(connection, chunks, row):
                    connection.execute(
                        update(chunks)
                        .where(of_home(chunks, home), chunks.c.sha1 == sha1)
                        .values(touched_at=now, size=size)
                    )
            check_there(sizes, is_there)

    def touch(self, home: Home, sha1s: Sequence[Sha1], now: datetime) -> dict[Sha1, int]:
        """Sizes of those chunks that the home has; expiry won't take these for a while."""
        found: dict[Sha1, int] = {}
        with self._database.write() as connection:
            for names in batches(sha1s):
                wanted = (of_home(chunks, home), chunks.c.sha1.in_(names))
                rows = connection.execute(
                    update(chunks)
                    .where(*wanted)
                    .values(touched_at=now)
                    .returning(chunks.c.sha1, chunks.c.size)
                )
                found.update({Sha1(row.sha1): row.size for row in rows})
        return found

    def sizes(self) -> Mapping[str, int]:
        """Bytes of every chunk that any home has."""
        wanted = select(chunks.c.sha1, func.max(chunks.c.size)).group_by(chunks.c.sha1)
        with self._database.read() as connection:
            return {name: size for name, size in connection.execute(wanted)}  # noqa: C416 - rows are no pairs to mypy

    def expire(self, before: datetime) -> int:
        """Forget chunks that nobody touched since; how many. Their bytes go by `drop_unnamed`."""
        with self._database.write() as connection:
            return connection.execute(chunks.delete().where(chunks.c.touched_at < before)).rowcount

    def forget(self, sha1s: Sequence[Sha1], before: datetime) -> None:
        """These are lost: whoever has them is asked for them again. Not those touched since `before`."""
        for names in batches(sha1s):
            wanted = (chunks.c.sha1.in_(names), chunks.c.touched_at < before)
            with self._database.write() as connection:
                connection.execute(chunks.delete().where(*wanted))

    def drop_unnamed(self, sha1s: Sequence[Sha1], delete: Callable[[Sha1, datetime], None]) -> None:
        """Call `delete` for those that no home has, unless they were written since a moment."""
        drop_unnamed(self._database, chunks.c.sha1, sha1s, delete)
