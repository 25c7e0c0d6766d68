"""What the server's processes have in memory for as long as they run."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.clients.process import free_port

RARE: Final = (
    "alembic",
    "typer",
    "rich.traceback",
    "psycopg",
    "sqlalchemy.dialects.postgresql",
    "obstore",
    "apprise",
    "smtplib",
    "segno",
    "prometheus_client",
    "pygments.lexers",
)
"""What a start takes, another database or storage, and what few requests and alerts need."""

TELLS_WHEN_IT_WORKS: Final = """
import json, os, signal, sys, threading, time
from headwater import processes

def tell():
    while not any(each.name == "heartbeat" for each in threading.enumerate()):
        time.sleep(0.01)
    with open(sys.argv[2], "w") as file:
        json.dump(list(sys.modules), file)
    os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=tell).start()
processes.main(sys.argv[1])
"""


@pytest.mark.parametrize("role", ["web", "digest"])
def test_nothing_is_loaded_that_an_ordinary_day_does_without(tmp_path: Path, role: str) -> None:
    environment = {
        **os.environ,
        "HEADWATER_DATA_DIR": str(tmp_path),
        "DATABASE_URL": "",
        "PORT": str(free_port()),
    }
    subprocess.run([sys.executable, "-m", "headwater", "migrate"], env=environment, check=True)

    told = tmp_path / "told"
    subprocess.run(
        [sys.executable, "-c", TELLS_WHEN_IT_WORKS, role, str(told)],
        env=environment,
        check=False,  # it may be told to end before it knows how
    )

    loaded = json.loads(told.read_text())
    assert "headwater.storage.heartbeat" in loaded
    assert not {*RARE} & {*loaded}
