"""A project's settings from the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from headwater.cli import program
from headwater.grouping.versions import CURRENT
from headwater.storage.database import Database
from headwater.storage.projects import Choices, Projects


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(program, ["project", *words])
    assert result.exit_code == code, result.output
    return result.output


def settings(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("settings", "web-shop", *words, "--json"))
    return found


@pytest.fixture(autouse=True)
def projects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Projects:
    monkeypatch.setenv("HEADWATER_DATA_DIR", str(tmp_path))
    run("create", "Web shop")
    return Projects(Database(f"sqlite:///{tmp_path / 'headwater.db'}"))


def _choices(projects: Projects) -> Choices:
    project = projects.get("web-shop")
    assert project
    return project.choices


def test_without_options_the_settings_are_shown(projects: Projects) -> None:
    shown = run("settings", "web-shop")

    assert "events-per-minute\tas the instance says\n" in shown
    assert "scrubs-secrets\tyes\n" in shown
    assert "sensitive-fields\tnone\n" in shown
    assert _choices(projects) == Choices()


def test_what_is_given_is_changed_and_nothing_else(projects: Projects) -> None:
    settings("--max-events", "1000", "--no-scrub")
    after = settings("--events-per-minute", "60", "--sensitive-fields", "iban, tax id")

    assert after["max_events"] == 1000
    assert _choices(projects) == Choices(
        scrubs_secrets=False,
        sensitive_fields=("iban", "tax id"),
        events_per_minute=60,
        max_events=1000,
    )
    assert settings("--max-events", "", "--sensitive-fields", "")["max_events"] is None
    assert _choices(projects).sensitive_fields == ()


def test_a_project_is_renamed_and_its_slug_stays() -> None:
    answer = settings("--name", "The shop")

    assert (answer["name"], answer["slug"]) == ("The shop", "web-shop")


def test_what_makes_no_sense_is_a_sentence_and_changes_nothing(projects: Projects) -> None:
    refused = run("settings", "web-shop", "--max-events", "9", "--max-age-days", "old", code=1)

    assert "Days that events are kept must be a whole number" in refused
    assert "A project needs a name" in run("settings", "web-shop", "--name", " ", code=1)
    assert "There is no project nowhere" in run("settings", "nowhere", code=1)
    assert _choices(projects) == Choices()


def test_a_project_moves_to_the_newest_grouping(projects: Projects) -> None:
    project = projects.get("web-shop")
    assert project
    projects.choose(project.id, Choices(grouping="0"))

    answer = settings("--move-grouping")

    assert (answer["grouping"], answer["earlier_grouping"]) == (CURRENT.name, "0")
