import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from headwater.storage.database import Database
from headwater.storage.migrate import _FOLDER, migrate, newest_revision, revisions
from tests.databases import empty_address


def test_migrations_are_called_by_their_numbers_and_follow_one_another(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    newest_first = list(ScriptDirectory.from_config(config).walk_revisions())
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")

    names = [Path(each.path).name.partition("_")[0] for each in newest_first]

    assert names == [each.revision for each in newest_first] == sorted(names, reverse=True)
    assert revisions(database) == (None, names[0])
    migrate(database)
    assert revisions(database) == (names[0], names[0])
    database.close()


def test_nobody_meets_a_database_between_two_migrations(tmp_path: Path) -> None:
    database, other = (Database(f"sqlite:///{tmp_path / 'new.db'}") for _ in range(2))
    met = {revisions(other)[0]}
    migrating = threading.Thread(target=migrate, args=[database])

    migrating.start()
    while migrating.is_alive():
        met.add(revisions(other)[0])
    migrating.join()

    assert met <= {None, newest_revision()}
    database.close()
    other.close()


def test_what_is_up_to_date_is_opened_without_what_only_migrations_need(database: Database) -> None:
    script = (
        "import sys; from headwater.storage.database import Database;"
        "from headwater.storage.migrate import migrate;"
        "migrate(Database(sys.argv[1])); sys.exit('alembic' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", script, database.url], check=False).returncode == 0


@pytest.mark.parametrize("address", [empty_address, str], ids=["postgresql", "sqlite"])
def test_processes_that_start_at_once_on_an_empty_database_find_the_tables_made(
    tmp_path: Path, address: Callable[[], str]
) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": address(),
        "HEADWATER_DATA_DIR": str(tmp_path),
    }
    command = [sys.executable, "-m", "headwater", "migrate"]

    started = [
        subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [each.communicate()[1] for each in started]

    assert [each.returncode for each in started] == [0, 0, 0, 0], said
