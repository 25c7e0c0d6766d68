"""`headwater move`, as somebody runs it whose instance has outgrown SQLite."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from headwater.cli import main, program
from headwater.settings import InvalidSetting
from headwater.storage.files.folder import MARK
from tests.databases import empty_address


@pytest.fixture(autouse=True)
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a project, on SQLite."""
    monkeypatch.setenv("HEADWATER_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    run("project", "create", "Web shop")


def run(*words: str) -> str:
    result = CliRunner().invoke(program, [*words])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[], str]:
    """What a move that isn't made says."""

    def move() -> str:
        monkeypatch.setattr("sys.argv", ["headwater", "move"])
        with pytest.raises(SystemExit):
            main()
        return capsys.readouterr().err

    return move


def test_the_instance_goes_on_where_database_url_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_address())
    with pytest.raises(AssertionError):
        run("project", "settings", "web-shop")

    said = json.loads(run("move", "--json"))

    assert said["tables"]["projects"] == 1
    assert "scrubs-secrets" in run("project", "settings", "web-shop")


def test_the_storage_is_of_the_same_installation_afterwards(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run("storage", "check")
    mark = (tmp_path / "sourcemaps" / MARK).read_text()
    monkeypatch.setenv("DATABASE_URL", empty_address())
    assert isinstance(CliRunner().invoke(program, ["storage", "check"]).exception, InvalidSetting)

    run("move")

    run("storage", "check", "--repair")
    assert (tmp_path / "sourcemaps" / MARK).read_text() == mark


def test_without_a_place_to_go_it_says_how_to_name_one(refused: Callable[[], str]) -> None:
    assert "DATABASE_URL: say here where to move to" in refused()


def test_without_an_instance_there_is_nothing_to_move(
    refused: Callable[[], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@localhost/none")
    monkeypatch.setenv("HEADWATER_DATA_DIR", str(tmp_path / "elsewhere"))

    assert "there is no headwater.db" in refused()


def test_a_move_that_was_made_is_not_made_again(
    refused: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_address())
    run("move")

    assert "is not empty" in refused()
