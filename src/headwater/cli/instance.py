"""The instance that a command works on: its folder made, its database brought up to date."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import typer
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

from headwater.cli.answer import fail
from headwater.log import logged_beside
from headwater.settings import DATABASE_FILE, InvalidSetting, Settings
from headwater.storage.database import Database
from headwater.storage.files.unreachable import StorageUnreachable
from headwater.storage.migrate import NewerSchema, TablesInUse, migrate, revisions

ADDRESS_FILE = "served-at"
"""In the data folder: the address that the server was last started on, for commands beside it."""

_FORMS: Final = (
    "it must be postgresql://user:password@host/name, or empty for SQLite in the data folder, or"
    " sqlite:////path/to/file.db"
)
_IS_IT_RUNNING: Final = "is PostgreSQL running there, and do its user, password and database exist?"
"""Never to leave it empty: a second instance would begin beside the one that is there."""


def check(settings: Settings) -> None:
    """Raises InvalidSetting for what only the processes would find, before one dies of it."""
    # Not above: few commands ask.
    from headwater.alert_side import mail_server  # noqa: PLC0415
    from headwater.server_side import trusted_proxies  # noqa: PLC0415

    trusted_proxies(settings)
    mail_server(settings)


@contextmanager
def opened(settings: Settings, *, says_where: bool = False) -> Iterator[Database]:
    """The instance's database and its storage of source maps, as `opened_database`. Raises
    InvalidSetting also for storage that is another database's, or seems another than the one that files
    were stored in; ends the command if a bucket can't be reached."""
    # Not above: commands that touch no file start sooner without.
    from headwater.back_ends import claim_storage  # noqa: PLC0415

    with opened_database(settings, says_where=says_where) as database:
        make_source_map_folder(settings)
        try:
            claim_storage(settings, database)
        except StorageUnreachable as error:
            fail(str(error))
        yield database


@contextmanager
def opened_database(settings: Settings, *, says_where: bool = False) -> Iterator[Database]:
    """The database, migrated, for what touches no file; works beside a running server. Raises
    InvalidSetting.

    A new one is announced, unless the command `says_where` it works itself: a command beside a server
    whose settings it doesn't have would do its work where nobody looks.
    """
    make_data_folder(settings)
    is_new = not settings.database_url and not (settings.data_dir / DATABASE_FILE).exists()
    database = _database(settings)
    if is_new and not says_where:
        typer.echo(
            f"Made a new, empty instance in {settings.data_dir}. If your server keeps its data elsewhere, "
            "give this command the server's HEADWATER_DATA_DIR or DATABASE_URL.",
            err=True,
        )
    try:
        with logged_beside():
            yield database
    finally:
        database.close()


def make_data_folder(settings: Settings) -> None:
    """Unless it is there; what is made from now on is this user's alone. Raises InvalidSetting."""
    # Events and source maps are nobody's business.
    os.umask(0o077)
    _make_folder("HEADWATER_DATA_DIR", settings.data_dir)


def expect_database(settings: Settings) -> None:
    """Raise InvalidSetting where no database of ours is, for a command to which a new one is of no use."""
    if not settings.database_url and not (settings.data_dir / DATABASE_FILE).exists():
        raise InvalidSetting(
            f"HEADWATER_DATA_DIR: there is no {DATABASE_FILE} in {settings.data_dir}; give this command the"
            " server's settings"
        )
    with _told(settings), closing(Database(settings.database)) as database:
        is_new = revisions(database)[0] is None
    if is_new:
        raise InvalidSetting(
            "DATABASE_URL: there is nothing of Headwater's in this database; give this command the server's"
            " settings"
        )


def served_at(settings: Settings) -> str:
    """The address of this instance: the public one, or else where it was last started."""
    noted = settings.data_dir / ADDRESS_FILE
    started = noted.read_text().strip() if noted.exists() else f"http://localhost:{settings.port}"
    return (settings.public_url or started).rstrip("/")


def note_address(settings: Settings) -> str:
    """Remember where the server is started, and return it."""
    address = settings.listens_at
    noted = settings.data_dir / ADDRESS_FILE
    # Also a server whose disk is full starts again, and says so: nothing is written that is there.
    if not noted.exists() or noted.read_text() != address + "\n":
        noted.write_text(address + "\n")
    return address


def _database(settings: Settings) -> Database:
    with _told(settings):
        database = Database(settings.database)
        _migrate(database)
    return database


@contextmanager
def _told(settings: Settings) -> Iterator[None]:
    """Why a database can't be opened."""
    try:
        yield
    except (ArgumentError, NoSuchModuleError, ImportError, DatabaseError) as error:
        is_away = isinstance(error, DatabaseError) and not settings.database.startswith("sqlite")
        hint = _IS_IT_RUNNING if is_away else _FORMS
        raise InvalidSetting(
            f"DATABASE_URL: the database can't be opened ({_first_line(error)}); {hint}"
        ) from None


def _migrate(database: Database) -> None:
    """Raises InvalidSetting, SQLAlchemyError."""
    try:
        migrate(database)
    except TablesInUse as error:
        raise InvalidSetting(f"DATABASE_URL: {error}") from None
    except NewerSchema as error:
        if database.is_sqlite:
            raise InvalidSetting(
                f"DATABASE_URL: {error}: start the newer one, or restore a backup that was made before it"
            ) from None
        # An instance among others that are upgraded one by one: migrations only add to what it knows.
        typer.echo(f"Note: {error}. It works with this one as well; upgrade it soon.", err=True)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def make_folders(settings: Settings) -> None:
    """Create the data and source map folders; raises InvalidSetting if they can't be written."""
    _make_folder("HEADWATER_DATA_DIR", settings.data_dir)
    make_source_map_folder(settings)


def make_source_map_folder(settings: Settings) -> None:
    """Of source maps, or of copies of them; raises InvalidSetting if it can't be written."""
    _make_folder("SOURCEMAP_STORAGE_PATH", settings.sourcemaps)


def _make_folder(variable: str, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".headwater-writable"
        probe.write_bytes(b"")
        probe.unlink(missing_ok=True)  # one that starts at the same moment has
    except OSError as error:
        raise InvalidSetting(
            f"{variable}: {folder} can't be written ({error.strerror}); "
            "give a folder that this user may write and that survives a restart"
        ) from None
