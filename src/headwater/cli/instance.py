"""The instance that a command works on: its folder made, its database brought up to date."""

from collections.abc import Iterator
from contextlib import contextmanager

from headwater.settings import InvalidSetting, Settings
from headwater.storage.database import Database
from headwater.storage.migrate import migrate


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database, migrated; works beside a running server. Raises InvalidSetting."""
    make_folders(settings)
    database = Database(settings.database)
    try:
        migrate(database)
        yield database
    finally:
        database.close()


def make_folders(settings: Settings) -> None:
    """Create the data and source map folders; raises InvalidSetting if they can't be written."""
    knobs = {"HEADWATER_DATA_DIR": settings.data_dir, "SOURCEMAP_STORAGE_PATH": settings.sourcemaps}
    for variable, folder in knobs.items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / ".headwater-writable"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise InvalidSetting(
                f"{variable}: {folder} can't be written ({error.strerror}); "
                "give a folder that this user may write and that survives a restart"
            ) from None
