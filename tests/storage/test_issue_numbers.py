"""An issue's number is its own for good: links and alerts name it by nothing else."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

from headwater.storage.database import Database
from headwater.storage.migrate import migrate
from tests.databases import bring_to

BEFORE = "0018"
PROJECT = (
    "INSERT INTO projects (id, slug, name, created_at)"
    " VALUES (1, 'shop', 'Shop', '2026-11-22 10:00:00.000000')"
)
ISSUE = (
    "INSERT INTO issues (project_id, title, culprit, level, platform, event_count, first_seen, last_seen)"
    " VALUES (1, 'Error: no', '', 'error', 'javascript', 1,"
    " '2026-11-22 10:00:00.000000', '2026-11-22 10:00:00.000000') RETURNING id"
)
SAID = (
    "INSERT INTO issue_activity (issue_id, at, kind, said)"
    " VALUES (1, '2026-11-22 10:00:00.000000', 'comment', 'mine')"
)


def as_before(database: Database) -> None:
    """A project with three issues, of which the first has a comment."""
    bring_to(database, BEFORE)
    with database.write() as connection:
        connection.execute(text(PROJECT))
        for _ in range(3):
            connection.execute(text(ISSUE))
        connection.execute(text(SAID))


def indexes(engine: Engine) -> set[tuple[str | None, bool]]:
    """Of the issues, by name, and whether each is of some rows only."""
    found = inspect(engine).get_indexes("issues")
    return {(each["name"], "sqlite_where" in each.get("dialect_options", {})) for each in found}


def columns(engine: Engine) -> list[tuple[str, str, bool, str | None]]:
    """Of the issues."""
    return [
        (each["name"], str(each["type"]), each["nullable"], each["default"])
        for each in inspect(engine).get_columns("issues")
    ]


def test_issues_and_what_refers_to_them_outlive_that_their_table_is_made_anew(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    as_before(database)
    before = columns(database.engine), indexes(database.engine)

    migrate(database)

    assert (columns(database.engine), indexes(database.engine)) == before
    with database.write() as connection:
        assert connection.execute(text("SELECT id FROM issues ORDER BY id")).scalars().all() == [
            1,
            2,
            3,
        ]
        assert connection.execute(text("SELECT said FROM issue_activity")).scalars().all() == [
            "mine"
        ]
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        # They are heeded again, too.
        connection.execute(text("DELETE FROM issues WHERE id = 1"))
        assert connection.execute(text("SELECT count(*) FROM issue_activity")).scalar() == 0
    database.close()


def test_the_number_of_the_newest_issue_is_not_given_again_after_it_was_deleted(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    as_before(database)
    migrate(database)

    with database.write() as connection:
        connection.execute(text("DELETE FROM issues WHERE id = 3"))
        assert connection.execute(text(ISSUE)).scalar() == 4

    database.close()
