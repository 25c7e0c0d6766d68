"""Bring a database to the present schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from headwater.storage.database import Database


def migrate(database: Database) -> None:
    """Run the migrations that are missing; a database that is up to date is left alone."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["engine"] = database.engine
    command.upgrade(config, "head")
