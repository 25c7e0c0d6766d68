"""What each family of tables takes."""

from pathlib import Path
from secrets import token_bytes

from headwater.storage.database import Database
from headwater.storage.folder_size import folder_size
from headwater.storage.schema import dead_letters, metadata
from headwater.storage.table_sizes import FAMILIES, REST, TableSizes
from tests.databases import sqlite_only
from tests.stored import NOW

PEOPLE = {
    "api_tokens",
    "examinations",
    "failed_attempts",
    "installation",
    "instances",
    "invitation_projects",
    "invitations",
    "project_keys",
    "project_roles",
    "projects",
    "recovery_codes",
    "second_factors",
    "sessions",
    "told_rates",
    "users",
}


def test_every_table_is_of_one_family() -> None:
    named = [table for tables in FAMILIES.values() for table in tables]

    assert len(named) == len(set(named))
    assert set(named) | PEOPLE == set(metadata.tables)
    assert not set(named) & PEOPLE


def test_what_is_stored_is_found_in_its_family(database: Database) -> None:
    sizes = TableSizes(database)
    before = sizes.by_family()
    row = {"project_id": 1, "received_at": NOW, "failed_at": NOW, "error": "no"}
    with database.write() as connection:
        connection.execute(dead_letters.insert(), [row | {"envelope": token_bytes(500_000)}] * 4)
    after = sizes.by_family()

    assert before is not None
    assert after is not None
    grown = {name: after[name] - before[name] for name in after}
    assert 1_990_000 <= grown.pop("Queue and dead letters") < 2_200_000
    assert set(grown.values()) == {0}
    assert after[REST] > 0
    assert sizes.total() >= sum(after.values())


@sqlite_only
def test_the_log_is_part_of_the_whole(database: Database, tmp_path: Path) -> None:
    sizes = TableSizes(database)

    assert sizes.log() == sum(file.stat().st_size for file in tmp_path.glob("headwater.db-*"))
    assert sizes.total() == sizes.log() + (tmp_path / "headwater.db").stat().st_size


def test_a_folder_takes_whole_blocks_of_the_disk(tmp_path: Path) -> None:
    for name in ("a/b", "c"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").write_bytes(b"x" * 5_000)

    found = folder_size(tmp_path)

    assert found.files == 2
    assert found.size >= 10_000
    assert found.size % 512 == 0
    assert folder_size(tmp_path / "nothing").files == 0
