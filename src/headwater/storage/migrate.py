"""Bring a database to the present schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from headwater.storage.database import Database


def migrate(database: Database) -> None:
    """Run the migrations that are missing; a database that is up to date is left alone."""
    config = _config()
    config.attributes["engine"] = database.engine
    command.upgrade(config, "head")


def revisions(database: Database) -> tuple[str | None, str | None]:
    """The migration that the database is at, and the newest. Raises SQLAlchemyError."""
    with database.read() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    return present, ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
