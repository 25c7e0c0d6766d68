"""Files that no row names, and that go: also while the same bytes are being uploaded again.

Whoever stores files first writes them, then the rows that name them, and asks in the same transaction
whether the files still are there. Whoever deletes keeps such rows out meanwhile. So one of them sees what
the other did, whoever comes first.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

import structlog
from sqlalchemy import Column, Connection, Table, select, text
from sqlalchemy.exc import DatabaseError

from headwater.storage.batches import batches
from headwater.storage.database import Database, is_in_use

Name = TypeVar("Name", bound=str)

LOCK_SECONDS: Final = 5
"""How long the table is waited for: behind who waits, as for a vacuum, all uploads wait. What is left goes
with the next expiry."""


class BlobsMissing(Exception):
    """Files whose names are about to be stored are gone from the blobs."""


def check_there(names: Iterable[str], is_there: Callable[[str], bool]) -> None:
    """To be asked once the rows are written that name them. Raises BlobsMissing."""
    if not all(map(is_there, names)):
        raise BlobsMissing(
            "Files of this upload were deleted while it was stored; please send it again."
        )


def drop_unnamed(
    database: Database,
    naming: Column[str],
    names: Sequence[Name],
    delete: Callable[[Name, datetime], None],
) -> None:
    """Call `delete` for those that no row names in this column, with a moment since which nothing must
    have been written there: a process that was stopped in between may have lost its lock."""
    for some in batches(names):
        try:
            with database.write() as connection:
                _keep_out(connection, naming.table)
                moment = datetime.now(UTC)
                named = set(connection.execute(select(naming).where(naming.in_(some))).scalars())
                for each in some:
                    if each not in named:
                        delete(each, moment)
        except DatabaseError as error:
            if not is_in_use(error):
                raise
            structlog.get_logger().info(
                "files are left to the next expiry", table=naming.table.name
            )
            return


def _keep_out(connection: Connection, table: Table) -> None:
    """Nobody writes to the table before this transaction ends, and what was written before is seen. On
    SQLite that is so anyway."""
    if connection.dialect.name != "sqlite":
        connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_SECONDS * 1000}"))
        connection.execute(text(f"LOCK TABLE {table.name} IN SHARE MODE"))
