"""Dead letters from the command line."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from headwater.cli import program
from headwater.storage.database import Database
from headwater.storage.migrate import migrate
from headwater.storage.projects import Projects
from headwater.storage.queue.dead_letters import DeadLetters
from headwater.storage.queue.queue import QueuedEnvelope

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
FIRST = int(NOON.timestamp() * 1000)
"""The number of the first one."""


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(program, ["dead-letters", *words])
    assert result.exit_code == code, result.output
    return result.output


def run_json(*words: str) -> Any:
    return json.loads(run(*words, "--json"))


@pytest.fixture
def letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DeadLetters:
    """Three of `shop`, one of `blog`."""
    monkeypatch.setenv("HEADWATER_DATA_DIR", str(tmp_path))
    database = Database(f"sqlite:///{tmp_path / 'headwater.db'}")
    migrate(database)
    for name in ("Shop", "Blog"):
        Projects(database).create(name, None, NOON)
    with database.write() as connection:
        for number, project_id in enumerate((1, 1, 1, 2)):
            queued = QueuedEnvelope(number, project_id, NOON, b"\xff%d" % number, 3, "e" * 32, "")
            DeadLetters(database).bury(connection, queued, "Traceback\nKeyError: 'why'\n", NOON)
    return DeadLetters(database)


@pytest.mark.usefixtures("letters")
def test_they_are_listed_newest_first() -> None:
    every = run_json("list")
    of_shop = run("list", "--project", "shop")

    assert [each["id"] for each in every] == [FIRST + 3, FIRST + 2, FIRST + 1, FIRST]
    assert every[0]["project"] == "blog"
    assert of_shop.splitlines()[0] == (
        f"{FIRST + 2}\tshop\t2026-11-01T12:00:00+00:00\tKeyError: 'why'"
    )
    assert len(of_shop.splitlines()) == 3


@pytest.mark.usefixtures("letters")
def test_one_is_shown_with_its_error_or_written_as_it_came() -> None:
    shown = run("show", str(FIRST + 2))
    result = CliRunner().invoke(program, ["dead-letters", "show", str(FIRST + 2), "--envelope"])

    assert "project\tshop" in shown
    assert shown.endswith("Traceback\nKeyError: 'why'\n")
    assert result.stdout_bytes == b"\xff2"
    assert "There is no dead letter 99" in run("show", "99", code=1)


def test_some_or_all_of_a_project_are_deleted(letters: DeadLetters) -> None:
    some = run("delete", str(FIRST), "99")
    rest = run("delete", "--project", "shop")

    assert (some, rest) == ("1 deleted.\n", "2 deleted.\n")
    assert [letter.id for letter in letters.latest(9)] == [FIRST + 3]


def test_some_or_all_of_a_project_are_put_back_on_the_queue(letters: DeadLetters) -> None:
    some = run("retry", str(FIRST), "99")
    rest = run("retry", "--project", "shop")
    none = run("retry", "--project", "shop")

    assert (some, rest, none) == tuple(f"{n} back on the queue.\n" for n in (1, 2, 0))
    assert [letter.id for letter in letters.latest(9)] == [FIRST + 3]


@pytest.mark.parametrize("command", ["retry", "delete"])
def test_either_numbers_or_a_project_are_asked_for(letters: DeadLetters, command: str) -> None:
    assert "Give their numbers, or --project" in run(command, code=1)
    assert "Give their numbers, or --project" in run(command, "1", "--project", "shop", code=1)
    assert "There is no project nowhere" in run(command, "--project", "nowhere", code=1)
    assert letters.count() == 4


def test_with_none_there_is_a_sentence(letters: DeadLetters) -> None:
    letters.delete_all(1)

    assert run("list", "--project", "shop") == "There are none.\n"
