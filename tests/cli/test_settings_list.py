"""What a server would run with can be listed, with where it is from and without its secrets."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from headwater.cli import program
from headwater.settings import Settings


def listed() -> dict[str, Any]:
    result = CliRunner().invoke(program, ["settings", "--json"])
    assert result.exit_code == 0, result.output
    return {row["variable"]: row for row in json.loads(result.output)}


def test_every_setting_is_listed_with_where_it_is_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "url").write_text("postgresql://ada:sesame@db/headwater\n")
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))
    monkeypatch.setenv("PORT", "9123")
    monkeypatch.delenv("HOST", raising=False)

    rows = listed()

    assert set(rows) == {knob.metadata["variable"] for knob in fields(Settings)}
    assert rows["PORT"] == {"variable": "PORT", "value": "9123", "source": "environment"}
    assert rows["HOST"]["source"] == "default"
    assert rows["DATABASE_URL"]["source"] == "DATABASE_URL_FILE"


def test_secrets_are_told_as_set_and_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = ("DATABASE_URL", "CREATE_SUPERUSER", "HEADWATER_SMTP_URL")
    for variable in secrets:
        monkeypatch.setenv(variable, "ada@example.com:sesame")

    rows = listed()

    assert {rows[variable]["value"] for variable in secrets} == {"(set)"}
    assert "sesame" not in json.dumps(rows)
