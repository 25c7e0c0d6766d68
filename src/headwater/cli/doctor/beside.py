"""The doctor on the server's own machine: its settings, folders and database without any request."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from headwater.back_ends import stores_of, try_storage
from headwater.cli.doctor.outside import Outside
from headwater.cli.instance import check as check_settings
from headwater.cli.instance import served_at
from headwater.server.doctor.check import Check, Outcome, failed, skipped
from headwater.server_side import inside_of
from headwater.settings import DATABASE_FILE, InvalidSetting, Settings, read_settings
from headwater.storage.database import Database
from headwater.storage.examinations import Examinations, TooManyExaminations
from headwater.storage.instances import Instances


def beside_checks() -> Iterator[Check]:
    """Everything that this machine's settings lead to, then the server as its clients see it."""
    try:
        settings = read_settings()
        check_settings(settings)
        try_storage(settings)  # whose it is, and whether files are lost, is another question
    except InvalidSetting as error:
        yield failed("settings", f"{error}.", "Correct that variable of the server's environment.")
        return
    try:
        with _database(settings) as database:
            yield from inside_of(settings, database, stores_of(settings)).checks()
            yield from _outside(settings, database)
    except InvalidSetting as error:
        yield failed(
            "database", f"{error}.", "Run this with the server's own environment and user."
        )


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    # Not migrated: who examines a server changes nothing of it.
    if not settings.database_url and not Path(settings.data_dir / DATABASE_FILE).exists():
        raise InvalidSetting(
            f"HEADWATER_DATA_DIR: {settings.data_dir} holds no database of a server"
        )
    try:
        database = Database(settings.database)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise InvalidSetting(f"DATABASE_URL: {str(error).splitlines()[0]}") from None
    try:
        yield database
    finally:
        database.close()


def _outside(settings: Settings, database: Database) -> Iterator[Check]:
    address, now = served_at(settings), datetime.now(UTC)
    try:
        alive = Instances(database, stores_of(settings).canaries).alive(now)
        if not any(each.role == "web" for each in alive):
            yield skipped("reach", f"No web process is at work, so {address} was not asked.")
            return
        examination = Examinations(database).begin(now)
    except (TooManyExaminations, SQLAlchemyError) as error:
        yield Check("reach", Outcome.SKIPPED, f"The server could not be asked: {error}")
        return
    try:
        yield from Outside(address, examination.secret, own=True).checks()
    finally:
        Examinations(database).end(examination.project.id, datetime.now(UTC))
