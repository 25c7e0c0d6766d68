"""The commands as a whole: each is there, and loads no more than it needs."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from headwater.cli import COMMANDS, program

SERVER = ("headwater.app", "headwater.server", "uvicorn")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_how_it_is_used(name: str) -> None:
    said = CliRunner().invoke(program, [name, "--help"])

    assert said.exit_code == 0
    assert f"Usage: headwater {name}" in said.output


def test_a_name_that_is_nearly_right_is_told_of() -> None:
    said = CliRunner().invoke(program, ["projekt"])

    assert said.exit_code == 2
    assert "project" in said.output


def test_a_command_beside_the_server_loads_none_of_the_server(tmp_path: Path) -> None:
    script = (
        "import sys; from headwater.cli import main\n"
        "try: main()\n"
        f"finally: print([name for name in {SERVER} if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, "token", "list"],
        env={"HEADWATER_DATA_DIR": str(tmp_path), "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_on_sqlite_nothing_loads_postgresqls_driver(tmp_path: Path) -> None:
    """Neither the server nor any command, nor opening a database and migrating it."""
    script = (
        "import sys, headwater.app; from headwater.cli import COMMANDS, _loaded, main\n"
        "for name in COMMANDS: _loaded(name)\n"
        "try: main()\n"
        "finally: print('psycopg' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, "token", "list"],
        env={"HEADWATER_DATA_DIR": str(tmp_path), "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "False"
