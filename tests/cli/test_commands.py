"""The commands as a whole: each is there, and loads no more than it needs."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from headwater.cli import COMMANDS, program

SERVER = ("headwater.app", "headwater.server", "uvicorn")
POSTGRESQL = ("psycopg",)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_how_it_is_used(name: str) -> None:
    said = CliRunner().invoke(program, [name, "--help"])

    assert said.exit_code == 0
    assert f"Usage: headwater {name}" in said.output


def test_a_name_that_is_nearly_right_is_told_of() -> None:
    said = CliRunner().invoke(program, ["projekt"])

    assert said.exit_code == 2
    assert "project" in said.output


@pytest.mark.parametrize(
    ("command", "modules"),
    [
        (["token", "list"], SERVER),  # which opens a database, and migrates it
        (["token", "list"], POSTGRESQL),
        (["--help"], POSTGRESQL),  # which loads every command, and the server with `serve`
    ],
)
def test_nothing_is_loaded_that_is_not_needed(
    tmp_path: Path, command: list[str], modules: tuple[str, ...]
) -> None:
    script = (
        "import sys; from headwater.cli import main\n"
        "try: main()\n"
        f"finally: print([name for name in {modules} if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, *command],
        env={"HEADWATER_DATA_DIR": str(tmp_path), "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "[]"
