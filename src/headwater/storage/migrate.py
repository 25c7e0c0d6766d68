"""Bring a database to the present schema."""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Select, column, inspect, select, table

from headwater.storage.database import Database

_FOLDER: Final = Path(__file__).parent / "migrations"
_VERSION: Final[Select[Any]] = select(column("version_num")).select_from(table("alembic_version"))


class NewerSchema(Exception):
    """A newer version of this program has migrated the database."""

    def __init__(self, present: str, newest: str) -> None:
        super().__init__(
            f"the database is at migration {present}, which a newer version made, and this version knows "
            f"{newest}"
        )


def migrate(database: Database) -> None:
    """Run the migrations that are missing; a database that is up to date is left alone. Raises
    NewerSchema, SQLAlchemyError."""
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
