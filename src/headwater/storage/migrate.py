"""Bring a database to the present schema."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import Select, column, inspect, select, table
from sqlalchemy.exc import OperationalError

from headwater.storage.database import Database, is_in_use

LOCK_SECONDS: Final = 1
"""How long a migration waits on PostgreSQL for a table that others use: whoever comes after it waits as
well, and so do the events that come in."""

RESTS: Final = (1, 2, 4, 8, 15, *[30] * 19)
"""Seconds until it tries again, each time; ten minutes in all. A backup may take longer, but then a
server that does not start should say why."""

_FOLDER: Final = Path(__file__).parent / "migrations"
_VERSION: Final[Select[Any]] = select(column("version_num")).select_from(table("alembic_version"))


class NewerSchema(Exception):
    """A newer version of this program has migrated the database."""

    def __init__(self, present: str, newest: str) -> None:
        super().__init__(
            f"the database is at migration {present}, which a newer version made, and this version knows "
            f"{newest}"
        )


class TablesInUse(Exception):
    """A migration did not get a table for itself, not even for a moment."""

    def __init__(self) -> None:
        super().__init__(
            f"a migration needs a table for a moment, and in {sum(RESTS)} seconds others never left it: a"
            " backup, or a query that somebody forgot. See pg_stat_activity; wait for it or end it, and"
            " start again"
        )


def migrate(database: Database) -> None:
    """Run the migrations that are missing; a database that is up to date is left alone. Raises
    NewerSchema, TablesInUse, SQLAlchemyError."""
    present, newest = revisions(database)
    if present == newest:
        return
    if present and newest and present > newest:
        raise NewerSchema(present, newest)
    # Not above: it takes 11 MB, and nearly every start does without.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["engine"] = database.engine
    command.upgrade(config, "head")


def patiently(run: Callable[[], None]) -> None:
    """Run it again, after a rest, as long as it does not get the locks that it needs. Raises TablesInUse,
    and whatever else it raises."""
    for rest in (*RESTS, None):
        try:
            return run()
        except OperationalError as error:
            if not is_in_use(error):
                raise
            if rest is None:
                raise TablesInUse from error
            structlog.get_logger().warning("a migration waits for a table that others use")
            time.sleep(rest)
    return None


def revisions(database: Database) -> tuple[str | None, str | None]:
    """The migration that the database is at, and the newest. Raises SQLAlchemyError."""
    with database.read() as connection:
        is_made = inspect(connection).has_table("alembic_version")
        present = connection.execute(_VERSION).scalar() if is_made else None
    return present, newest_revision()


def newest_revision() -> str | None:
    """The newest migration that there is."""
    # Each is called by its number, and comes after the one before.
    numbers = (path.name.partition("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*.py"))
    return max(numbers, default=None)
