"""A project's number is its own for good, and its table is made anew without losing what hangs on it."""

from pathlib import Path

from sqlalchemy import inspect, text

from headwater.storage.database import Database
from headwater.storage.migrate import migrate
from tests.databases import bring_to

BEFORE = "0022"
PROJECT = (
    "INSERT INTO projects (slug, name, created_at)"
    " VALUES ('{0}', '{0}', '2026-11-22 10:00:00.000000') RETURNING id"
)
KEY = (
    "INSERT INTO project_keys (project_id, public_key, created_at)"
    " VALUES (1, 'k', '2026-11-22 10:00:00.000000')"
)


def test_what_was_there_outlives_it_and_no_number_is_given_twice(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    bring_to(database, BEFORE)
    with database.write() as connection:
        for name in ("shop", "blog", "last"):
            connection.execute(text(PROJECT.format(name)))
        connection.execute(text(KEY))
    before = {each["name"] for each in inspect(database.engine).get_columns("projects")}

    migrate(database)

    after = {each["name"] for each in inspect(database.engine).get_columns("projects")}
    assert after == before | {"deleted_at"}
    with database.write() as connection:
        assert connection.execute(text("SELECT id FROM projects ORDER BY id")).scalars().all() == [
            1,
            2,
            3,
        ]
        assert connection.execute(text("SELECT public_key FROM project_keys")).scalar() == "k"
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        connection.execute(text("DELETE FROM projects WHERE id = 3"))
        assert connection.execute(text(PROJECT.format("new"))).scalar() == 4
    database.close()
