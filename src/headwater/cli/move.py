"""`headwater move`: an instance that has outgrown SQLite goes on with PostgreSQL."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import DatabaseError

from headwater.cli.answer import AsJson, fail, say
from headwater.cli.instance import expect_database, opened, opened_database
from headwater.settings import InvalidSetting, read_settings
from headwater.storage.database import Database
from headwater.storage.move import CannotMove
from headwater.storage.move import move as move_all


def move(
    data_dir: Annotated[
        Path | None, typer.Option(help="Where the SQLite database is. [HEADWATER_DATA_DIR]")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Move everything from the data folder's SQLite to the empty PostgreSQL that DATABASE_URL names.

    The server is stopped meanwhile. What was there stays as it is.
    """
    settings = read_settings(data_dir=data_dir)
    if Database(settings.database).is_sqlite:
        raise InvalidSetting(
            "DATABASE_URL: say here where to move to, such as postgresql://user:password@host/name"
        )
    here = replace(settings, database_url="")
    expect_database(here)
    copied: dict[str, int] = {}

    def tell(name: str, rows: int) -> None:
        copied[name] = rows
        if rows and not as_json:
            typer.echo(f"{name:<24}{rows:>12,}")

    # The storage is the source's until the target is the same installation.
    with opened(here) as source, opened_database(settings) as target:
        try:
            waiting = move_all(source, settings.queue, target, datetime.now(UTC), tell)
        except CannotMove as error:
            fail(str(error))
        except (DatabaseError, OSError) as error:
            fail(f"Nothing was moved: {getattr(error, 'orig', error)}")
    say(
        {"tables": copied, "waiting": waiting},
        f"{'not digested yet':<24}{waiting:>12,}\n\n"
        "Every count and checksum agrees. Start the server with this DATABASE_URL, and the same folder of"
        f" source maps ({settings.sourcemaps}).\nThe SQLite database and its journal are as they were: keep"
        " them until you are sure, and start no server on them.",
        as_json=as_json,
    )
