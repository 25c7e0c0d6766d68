"""A project is deleted from the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from headwater.cli import program
from headwater.storage.database import Database
from headwater.storage.projects import Projects
from tests.stored import Stored


@pytest.fixture
def projects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Projects:
    """`Web shop` with two issues of five events, and `Blog`."""
    monkeypatch.setenv("HEADWATER_DATA_DIR", str(tmp_path))
    for name in ("Web shop", "Blog"):
        run("project", "create", name)
    database = Database(f"sqlite:///{tmp_path / 'headwater.db'}")
    stored = Stored(database)
    for _ in range(2):
        stored.issue(5)
    return Projects(database)


def run(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(program, words, input=typed)


def test_it_asks_for_the_name_and_says_what_goes(projects: Projects) -> None:
    said = run("project", "delete", "web-shop", typed="Web shop\n")

    assert said.exit_code == 0, said.output
    assert "What goes: 2 issues, 10 stored events, 1 DSN. This can't be undone." in said.output
    assert "Web shop is deleted" in said.output
    assert [each.slug for each in projects.all()] == ["blog"]


@pytest.mark.parametrize("typed", ["web-shop\n", "Blog\n", "", None])
def test_another_answer_or_none_deletes_nothing(projects: Projects, typed: str | None) -> None:
    said = run("project", "delete", "web-shop", typed=typed)

    assert said.exit_code == 1
    assert len(projects.all()) == 2


def test_a_script_says_yes_and_reads_what_went(projects: Projects) -> None:
    said = run("project", "delete", "web-shop", "--yes", "--json")

    told = json.loads(said.stdout)
    assert (told["slug"], told["issues"], told["events"], told["bundles"]) == ("web-shop", 2, 10, 0)
    assert projects.get("web-shop") is None


@pytest.mark.usefixtures("projects")
def test_of_one_that_is_not_there_it_says_so() -> None:
    run("project", "delete", "web-shop", "--yes")
    said = run("project", "delete", "web-shop", "--yes")

    assert said.exit_code == 1
    assert "There is no project web-shop" in said.output
