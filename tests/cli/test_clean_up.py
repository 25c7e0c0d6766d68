"""What the limits on uploads would take, told or done from the command line."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from headwater.cli import program
from headwater.storage.database import Database
from headwater.storage.migrate import migrate
from headwater.storage.projects import Choices, Projects
from headwater.storage.schema import artifact_bundles, chunks
from tests.faulty_proxy import Fault
from tests.folders import mark
from tests.released import Released
from tests.s3_server import Remote

NOW = datetime.now(UTC)
LIMIT = "the setting HEADWATER_MAX_ARTIFACT_AGE_DAYS (30 days)"


def clean_up(*words: str) -> Any:
    result = CliRunner().invoke(program, ["clean-up", *words, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """One bundle of the instance and one of a project, unused for 40 days, and an old chunk."""
    monkeypatch.setenv("HEADWATER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HEADWATER_MAX_ARTIFACT_AGE_DAYS", "30")
    (tmp_path / "sourcemaps").mkdir()
    mark(tmp_path / "sourcemaps")
    database = Database(f"sqlite:///{tmp_path / 'headwater.db'}")
    migrate(database)
    Projects(database).create("Shop", None, NOW, Choices(max_artifact_age_days=50))
    released = Released(database, NOW - timedelta(days=40))
    released.upload(None, "a@1", {"~/a.js": 1})
    released.upload(1, "b@1", {"~/b.js": 2})
    with database.write() as connection:
        old = {"sha1": "a" * 40, "size": 7, "touched_at": NOW - timedelta(days=2)}
        connection.execute(chunks.insert().values(old))
    return database


def bundles(database: Database) -> int:
    with database.read() as connection:
        return len(connection.execute(artifact_bundles.select()).all())


def test_a_dry_run_tells_what_would_go_and_removes_nothing(database: Database) -> None:
    told = clean_up("--dry-run")

    # Both bundles name the same content, which the other one keeps.
    assert told == {
        "removed": False,
        "uploads": [
            {
                "project": None,
                "limit": LIMIT,
                "bundles": [1],
                "more": False,
                "bytes": 0,
                "stays": None,
            },
        ],
        "chunks": {"number": 1, "bytes": 7},
    }
    assert bundles(database) == 2


def test_another_limit_can_be_tried_out_for_one_call(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWATER_MAX_ARTIFACT_AGE_DAYS", "41")

    assert clean_up("--dry-run")["uploads"] == []
    assert bundles(database) == 2


def test_without_it_what_is_told_is_gone(database: Database) -> None:
    told = clean_up()
    again = clean_up()

    assert told["removed"]
    assert [each["bundles"] for each in told["uploads"]] == [[1]]
    assert bundles(database) == 1
    assert again["uploads"] == []
    assert again["chunks"]["number"] == 0


def test_people_read_it_as_lines(database: Database) -> None:
    with database.read():
        said = CliRunner().invoke(program, ["clean-up", "--dry-run"]).stdout

    assert said.splitlines() == [
        f"1 bundles\t0 bytes\tof the instance, by {LIMIT}",
        "1 chunks\t7 bytes\tnever assembled, or not since",
    ]


def test_storage_that_is_away_is_one_sentence(
    database: Database, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCEMAP_STORAGE_URL", remote.url)
    remote.proxy.fault = Fault.GONE

    result = CliRunner().invoke(program, ["clean-up"])

    assert result.exit_code == 1
    assert "can't be reached" in result.stderr
    assert isinstance(result.exception, SystemExit)
    assert bundles(database) == 2
