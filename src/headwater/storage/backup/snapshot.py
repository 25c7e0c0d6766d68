"""A database as it is at one moment, into a file and back: by SQLite's own backup, or by pg_dump."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, cast

from msgspec import Struct
from sqlalchemy import Connection, text

from headwater.storage.backup.folder import BackupUnusable
from headwater.storage.database import Database
from headwater.storage.files.durable import sync_file, sync_folder
from headwater.storage.moment import at_one_moment

MAX_SAID: Final = 2_000
"""Characters of what a program of PostgreSQL's complained of."""


class Snapshot(Struct, frozen=True):
    """One moment. Others write meanwhile, and wait for nothing; SQLite's log grows for so long."""

    connection: Connection
    """Reads what was there then."""
    url: str
    revision: str
    """The migration that it was at."""

    def write(self, path: Path) -> None:
        """All of it, as a new file. Raises BackupUnusable, OSError, sqlite3.Error."""
        if self.connection.dialect.name != "sqlite":
            shown = self.connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            _run("pg_dump", self.url, "--format=custom", f"--snapshot={shown}", f"--file={path}")
            return
        source = cast("sqlite3.Connection", self.connection.connection.driver_connection)
        with closing(sqlite3.connect(path)) as copy:
            source.backup(copy)


@contextmanager
def snapshot(database: Database) -> Iterator[Snapshot]:
    """The database as it is now, until the end of the block."""
    with at_one_moment(database) as connection:
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        url = database.engine.url.render_as_string(hide_password=False)
        yield Snapshot(connection, url, revision)


def load_sqlite(copy: Path, into: Path) -> None:
    """Put a copy where the database belongs, at once and as a whole. Raises BackupUnusable, OSError."""
    part = into.with_name(into.name + ".part")
    shutil.copyfile(copy, part)
    with closing(sqlite3.connect(part)) as database:
        [(said,)] = database.execute("PRAGMA quick_check(1)").fetchall()
    if said != "ok":
        part.unlink()
        raise BackupUnusable(f"the backup's database is damaged: {said}")
    sync_file(part)
    part.replace(into)
    sync_folder(into.parent)


def load_postgresql(dump: Path, url: str) -> None:
    """Fill an empty database, in one transaction. Raises BackupUnusable."""
    _run("pg_restore", url, "--single-transaction", "--exit-on-error", str(dump))


def _run(program: str, url: str, *options: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise BackupUnusable(
            f"{program} is not installed here. Install PostgreSQL's client programs (Debian:"
            " `apt install postgresql-client`), of the server's version or newer, and try again."
        )
    place, secrets = _address(url)
    command = [found, "--no-owner", "--no-privileges", f"--dbname={place}", *options]
    done = subprocess.run(  # noqa: S603 # PostgreSQL's own, with our options
        command, env={**os.environ, **secrets}, stderr=subprocess.PIPE, check=False
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[-MAX_SAID:]
        raise BackupUnusable(f"{program} ended with {done.returncode}: {said}")


def _address(url: str) -> tuple[str, Mapping[str, str]]:
    """For a command line, and what must not be seen in one."""
    # Not above: it takes 10 MB, and most instances are on SQLite.
    from psycopg.conninfo import conninfo_to_dict, make_conninfo  # noqa: PLC0415

    parts: dict[str, Any] = conninfo_to_dict(
        url.replace("postgresql+psycopg://", "postgresql://", 1)
    )
    password = parts.pop("password", None)
    return make_conninfo(**parts), {"PGPASSWORD": str(password)} if password else {}
