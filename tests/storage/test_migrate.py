import subprocess
import sys
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from headwater.storage.database import Database
from headwater.storage.migrate import _FOLDER, migrate, revisions


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


def test_what_is_up_to_date_is_opened_without_what_only_migrations_need(database: Database) -> None:
    script = (
        "import sys; from headwater.storage.database import Database;"
        "from headwater.storage.migrate import migrate;"
        "migrate(Database(sys.argv[1])); sys.exit('alembic' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", script, database.url], check=False).returncode == 0
